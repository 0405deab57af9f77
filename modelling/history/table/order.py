"""Events in the order in which a worker merges them."""

from collections.abc import Sequence

import polars as pl

from modelling.history.files import Source
from modelling.history.table.parts import TRANSACTIONS
from scoring.facts.kinds import Kind


def in_order(frame: pl.DataFrame, found: Sequence[Source]) -> pl.DataFrame:
    """Events by time, of one instant the transactions first, then as the files have them.

    Args:
        frame: good rows of all files.
        found: the files, numbered by column `file`.
    """
    tables = [number for number, source in enumerate(found) if not source.is_wire]
    named = _with_reversed_times(frame, pl.col("file").is_in(tables))
    if named["time"].is_sorted() and named["kind"].is_in(TRANSACTIONS).all():
        return named
    return (
        named.with_columns(is_contact=~pl.col("kind").is_in(TRANSACTIONS))
        .sort("time", "is_contact", maintain_order=True)
        .drop("is_contact")
    )


def _with_reversed_times(frame: pl.DataFrame, in_table: pl.Expr) -> pl.DataFrame:
    """Where a table's refund tells only what it takes back, look up when that was.

    Wire events stay as they are: a worker that read them would know no more.
    """
    asking = in_table & pl.col("reverses").is_not_null() & pl.col("reversed_time").is_null()
    if not frame.select(asking.any()).item():
        return frame
    bought = frame.filter(pl.col("kind") == Kind.PURCHASE)
    times = bought.select("customer_id", reverses="event_id", found="time")
    joined = frame.join(times, on=["customer_id", "reverses"], how="left", maintain_order="left")
    found = pl.when(asking).then(pl.coalesce("reversed_time", "found"))
    return joined.with_columns(reversed_time=found.otherwise("reversed_time")).drop("found")
