"""Checking a table's rows: the good ones in the core's own units, the others counted by reason."""

from typing import Final, NamedTuple

import polars as pl

from modelling.history.cleaning import LeftOut, first_failing
from modelling.history.table.left_out import left_out_rows
from modelling.history.table.money import book_amounts
from modelling.history.table.parts import (
    categories,
    event_times,
    ids,
    kinds,
    places,
    reversals,
    scores,
    sentiments,
)
from modelling.history.table.raw import Raw

SCHEMA: Final = {
    "customer_id": pl.String,
    "event_id": pl.String,
    "time": pl.Int64,  # microseconds since 1970
    "kind": pl.UInt8,
    "amount": pl.Int64,  # minor units of the book currency
    "reverses": pl.String,
    "reversed_time": pl.Int64,
    "category": pl.UInt16,  # merchant category code
    "score": pl.UInt8,
    "sentiment": pl.Float64,
    "card": pl.String,
    "merchant": pl.String,
    "channel": pl.UInt8,  # code, 0 where it is not known
    "touchpoint": pl.String,
    "row": pl.UInt32,
}


class CheckedTable(NamedTuple):
    """What a table holds.

    Attributes:
        frame: the good rows, columns as `SCHEMA` has them.
        left_out: the others, by reason.
        rows: how many rows there were.
        has_ids: whether it has event ids, which may repeat.
        has_amounts: whether it has amounts.
    """

    frame: pl.DataFrame
    left_out: list[LeftOut]
    rows: int
    has_ids: bool
    has_amounts: bool


def checked(raw: Raw) -> CheckedTable:
    """Convert and check a table's rows.

    Raises:
        HistoryError: A column's type cannot hold what it should.
    """
    types, times = kinds(raw), event_times(raw)
    money = book_amounts(raw, types.columns["kind"], times.columns["time"])
    kind = money.columns["kind"]
    carried = [part(raw, kind) for part in (reversals, categories, scores, sentiments, places)]
    parts = [ids(raw), types, times, money, *carried]
    checks = [check for part in parts for check in part.checks]
    codes = first_failing(checks, raw.rows)
    columns = {name: column for part in parts for name, column in part.columns.items()}
    frame = pl.DataFrame({"row": raw.frame["row"], **columns})
    good = frame.filter(codes == 0) if codes.any() else frame
    typed = good.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    left_out = left_out_rows(raw, checks, codes)
    return CheckedTable(typed, left_out, raw.rows, raw.has("event_id"), raw.has("amount"))
