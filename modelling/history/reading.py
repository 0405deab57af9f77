"""Reading a history: all its files as one table, cleaned and in the order a worker merges it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from modelling.history.book import Book
from modelling.history.cleaning import Cleaning, LeftOut, refusal, tallied
from modelling.history.columns import WIRE, Columns
from modelling.history.files import Source, read_table, sources
from modelling.history.summary import day_number, midnight
from modelling.history.table.amounts import MoneyUnit
from modelling.history.table.checks import CheckedTable, checked
from modelling.history.table.log import event_log
from modelling.history.table.parts import REVERSALS, TRANSACTIONS
from modelling.history.table.raw import Raw
from modelling.history.table.times import utc
from modelling.history.wire_lines import read_lines
from scoring.arrays import Bools
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog


class _After(NamedTuple):
    """A reason to leave out good rows once all are read."""

    reason: str
    shown: str
    expected: str


_DUPLICATE: Final = _After("duplicate", "event_id", "an event id of its own")


@dataclass(frozen=True)
class History:
    """A cleaned history.

    Attributes:
        frame: Events by time, of one instant the transactions first, then as the files have them;
            columns as `modelling.history.table.checks.SCHEMA`, and `file`, a number.
        cleaning: What was left out.
        book: The books it was read into.
    """

    frame: pl.DataFrame
    cleaning: Cleaning
    book: Book

    def events(self) -> EventLog:
        """The history as the core's columns."""
        return event_log(self.frame)


def read_history(
    history: Sequence[str | Path],
    book: Book,
    *,
    columns: Columns = WIRE,
    unit: MoneyUnit = "major",
    until: date | None = None,
) -> History:
    """Read files, folders and glob patterns of .parquet, .csv, .csv.gz and .jsonl or .ndjson.

    Files of JSON lines hold wire events, amounts in minor units; `columns` and `unit` are about
    the others.

    Args:
        history: What to read, in order.
        book: Time zone, currency and rates.
        columns: What tables call their columns.
        unit: What tables' amounts count.
        until: The last day of the book to keep; all by default.

    Raises:
        HistoryError: A file cannot be read, or no row of the history can be used.
        OSError: A file cannot be opened.
    """
    found = sources(history)
    tables = [_read(source, book, columns, unit) for source in found]
    frame = _together(tables)
    left_out = [each for table in tables for each in table.left_out]
    repeated = _repeated(frame, may_repeat=any(table.has_ids for table in tables))
    left_out += _left_out(frame, repeated, found, _DUPLICATE)
    frame = frame.filter(~repeated)
    late = _late(frame, book, until)
    left_out += _left_out(
        frame, late, found, _After("after_until", "time", f"a time up to {until}")
    )
    frame = frame.filter(~late)
    kept = _in_order(frame, found)
    return History(kept, _cleaning(kept, left_out, sum(table.rows for table in tables)), book)


def read_events(
    history: Sequence[str | Path],
    book: Book,
    *,
    columns: Columns = WIRE,
    unit: MoneyUnit = "major",
    until: date | None = None,
) -> EventLog:
    """Read a history as the core's columns; see `read_history`."""
    return read_history(history, book, columns=columns, unit=unit, until=until).events()


def midnight_after(book: Book, day: date) -> float:
    """The instant, epoch seconds, at which a day of the book ends."""
    return midnight(day_number(day) + 1, book.calendar)


def _read(source: Source, book: Book, columns: Columns, unit: MoneyUnit) -> CheckedTable:
    if not source.is_wire:
        frame = read_table(source, columns).with_row_index("row", offset=1)
        return checked(Raw(frame, source, columns, book, unit))
    lines = read_lines(source)
    good = checked(Raw(lines.frame, source, WIRE, book, "minor"))
    left_out = [*lines.left_out, *good.left_out]
    return CheckedTable(good.frame, left_out, lines.rows, has_ids=True)


def _together(tables: Sequence[CheckedTable]) -> pl.DataFrame:
    frames = [
        table.frame.with_columns(file=pl.lit(number, pl.UInt32))
        for number, table in enumerate(tables)
    ]
    return pl.concat(frames)


def _repeated(frame: pl.DataFrame, *, may_repeat: bool) -> Bools:
    """Which rows have a customer and event id that an earlier row has."""
    if not may_repeat:
        return np.zeros(frame.height, np.bool_)
    first = frame.select(pl.struct("customer_id", "event_id").is_first_distinct()).to_series()
    return (~first).to_numpy()


def _late(frame: pl.DataFrame, book: Book, until: date | None) -> Bools:
    if until is None:
        return np.zeros(frame.height, np.bool_)
    return (frame["time"] >= midnight_after(book, until) * 1e6).to_numpy()


def _left_out(
    frame: pl.DataFrame, failing: Bools, found: Sequence[Source], why: _After
) -> list[LeftOut]:
    if not failing.any():
        return []
    first = frame.row(int(np.argmax(failing)), named=True)
    where = f"{found[first['file']].path}: row {first['row']}"
    got = utc(first["time"]).isoformat() if why.shown == "time" else first[why.shown]
    return [LeftOut(why.reason, int(failing.sum()), where, why.expected, got)]


def _in_order(frame: pl.DataFrame, found: Sequence[Source]) -> pl.DataFrame:
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


def _cleaning(frame: pl.DataFrame, left_out: list[LeftOut], rows: int) -> Cleaning:
    """Count.

    Raises:
        HistoryError: Nothing is left.
    """
    if frame.is_empty():
        nothing = LeftOut("", 0, "HISTORY", "at least one event", "none")
        raise refusal(left_out[0] if left_out else nothing)
    counts, first = tallied(left_out)
    refunds = frame["kind"].is_in(REVERSALS).sum()
    zero = ((frame["kind"] == Kind.PURCHASE) & (frame["amount"] == 0)).sum()
    return Cleaning(rows, frame.height, counts, int(refunds), int(zero), first)
