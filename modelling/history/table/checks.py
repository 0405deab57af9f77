"""Checking a table's rows: the good ones in the core's own units, the others counted by reason."""

from typing import Final, NamedTuple

import numpy as np
import polars as pl

from modelling.history.cleaning import Check, LeftOut, first_failing
from modelling.history.table.money import book_amounts
from modelling.history.table.parts import (
    categories,
    event_times,
    ids,
    kinds,
    reversals,
    scores,
    sentiments,
)
from modelling.history.table.raw import Raw
from scoring.arrays import Ints

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
    "row": pl.UInt32,
}


class CheckedTable(NamedTuple):
    """What a table holds.

    Attributes:
        frame: the good rows, columns as `SCHEMA` has them.
        left_out: the others, by reason.
        rows: how many rows there were.
        has_ids: whether it has event ids, which may repeat.
    """

    frame: pl.DataFrame
    left_out: list[LeftOut]
    rows: int
    has_ids: bool


def checked(raw: Raw) -> CheckedTable:
    """Convert and check a table's rows.

    Raises:
        HistoryError: A column's type cannot hold what it should.
    """
    types, times = kinds(raw), event_times(raw)
    money = book_amounts(raw, types.columns["kind"], times.columns["time"])
    kind = money.columns["kind"]
    carried = [part(raw, kind) for part in (reversals, categories, scores, sentiments)]
    parts = [ids(raw), types, times, money, *carried]
    checks = [check for part in parts for check in part.checks]
    codes = first_failing(checks, raw.rows)
    columns = {name: column for part in parts for name, column in part.columns.items()}
    frame = pl.DataFrame({"row": raw.frame["row"], **columns})
    good = frame.filter(codes == 0) if codes.any() else frame
    typed = good.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    return CheckedTable(typed, _left_out(raw, checks, codes), raw.rows, raw.has("event_id"))


def _left_out(raw: Raw, checks: list[Check], codes: Ints) -> list[LeftOut]:
    counts = np.bincount(codes, minlength=len(checks) + 1)
    return [
        _first(raw, check, int(counts[number]), int(np.argmax(codes == number)))
        for number, check in enumerate(checks, start=1)
        if counts[number]
    ]


def _first(raw: Raw, check: Check, count: int, at: int) -> LeftOut:
    where = f"{raw.source.path}: row {raw.frame['row'][at]}, column {raw.named(check.column)}"
    got = raw.column(check.column)[at]
    shown = "nothing" if got is None else str(got)
    return LeftOut(check.reason, count, where, check.expected, shown)
