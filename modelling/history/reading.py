"""Reading a history: all its files as one table, cleaned and in the order a worker merges it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from modelling.history.book import Book
from modelling.history.cleaning import Cleaning, LeftOut, refusal, require_usable, tallied
from modelling.history.files import Source, sources
from modelling.history.layout import Layout
from modelling.history.summary import date_of, day_number, midnight
from modelling.history.table.checks import CheckedTable, checked
from modelling.history.table.log import Customers, event_log
from modelling.history.table.notes import STRAY, notes_on
from modelling.history.table.opening import Opened, read_table
from modelling.history.table.order import in_order
from modelling.history.table.parts import REVERSALS
from modelling.history.table.raw import Raw
from modelling.history.table.repeats import identical_rows
from modelling.history.table.times import utc
from modelling.history.wire_lines import read_lines
from scoring.arrays import Bools
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog

Say = Callable[[str], None]
AS_IT_IS: Final = Layout()
NO_AMOUNTS: Final = "The history has no amounts."
ON_THE_WIRE: Final = Layout(unit="minor")


class _After(NamedTuple):
    """A reason to leave out good rows once all are read."""

    reason: str
    shown: str
    expected: str


_DUPLICATE: Final = _After("duplicate", "event_id", "an event id of its own")
_IDENTICAL: Final = _After("identical", "customer_id", "a row that no other file has")


@dataclass(frozen=True)
class History:
    """A cleaned history.

    Attributes:
        frame: Events by time, of one instant the transactions first, then as the files have them;
            columns as `modelling.history.table.checks.SCHEMA`, and `file`, a number.
        cleaning: What was left out.
        book: The books it was read into.
        customers: Those who have an event.
        share: Of all customers, drawn by lot, that it holds.
    """

    frame: pl.DataFrame
    cleaning: Cleaning
    book: Book
    customers: Customers
    share: float = 1.0

    def events(self) -> EventLog:
        """The history as the core's columns."""
        return event_log(self.frame, self.customers)


def read_history(
    history: Sequence[str | Path],
    book: Book,
    *,
    layout: Layout = AS_IT_IS,
    until: date | None = None,
    say: Say = lambda _: None,
) -> History:
    """Read files, folders and glob patterns of .parquet, .csv, .csv.gz, .xlsx and .jsonl.

    Files of JSON lines hold wire events, amounts in minor units; the layout is about the others.

    Args:
        history: What to read, in order.
        book: Time zone, currency and rates.
        layout: How tables are written down.
        until: The last day of the book to keep; all by default.
        say: Told what is being read.

    Raises:
        HistoryError: A file cannot be read, or too few rows of the history can be used.
        OSError: A file cannot be opened.
    """
    found = sources(history)
    tables = [_read(each, book, layout.of(each.path)) for each in _told(found, say)]
    rows = sum(table.rows for table in tables)
    left_out = [each for table in tables for each in table.left_out]
    require_usable(rows, left_out, layout.allow_bad)
    frame = _together(tables)
    repeated = _repeated(frame, may_repeat=any(table.has_ids for table in tables))
    left_out += _left_out(frame, repeated, found, _DUPLICATE)
    frame = frame.filter(~repeated)
    again = identical_rows(frame, [table.has_ids for table in tables])
    notes = [] if any(table.has_amounts for table in tables) else [NO_AMOUNTS]
    if layout.identical == "drop":
        left_out += _left_out(frame, again, found, _IDENTICAL)
        frame = frame.filter(~again)
    elif again.any():
        notes.append(_told_again(frame, again, found))
    late = _late(frame, book, until)
    left_out += _left_out(
        frame, late, found, _After("after_until", "time", f"a time up to {until}")
    )
    frame = frame.filter(~late)
    kept = in_order(frame, found)
    customers = Customers.of(kept["customer_id"])
    cleaning = _cleaning(kept, left_out, rows, book, customers)
    told = (*notes, *cleaning.notes)
    cleaning = replace(cleaning, notes=told, options_file=layout.told_by)
    return History(kept, cleaning, book, customers)


def read_events(
    history: Sequence[str | Path],
    book: Book,
    *,
    layout: Layout = AS_IT_IS,
    until: date | None = None,
) -> EventLog:
    """Read a history as the core's columns; see `read_history`."""
    return read_history(history, book, layout=layout, until=until).events()


def midnight_after(book: Book, day: date) -> float:
    """The instant, epoch seconds, at which a day of the book ends."""
    return midnight(day_number(day) + 1, book.calendar)


def _told(found: Sequence[Source], say: Say) -> Iterator[Source]:
    for number, source in enumerate(found, start=1):
        say(f"Reading {source.path.name}, {number} of {len(found)}")
        yield source


def _read(source: Source, book: Book, layout: Layout) -> CheckedTable:
    if not source.is_wire:
        opened = read_table(source, layout)
        table = checked(Raw(opened.frame, source, layout, book))
        return table._replace(
            rows=opened.rows, left_out=[*_excluded(source, opened), *table.left_out]
        )
    lines = read_lines(source)
    good = checked(Raw(lines.frame, source, ON_THE_WIRE, book))
    left_out = [*lines.left_out, *good.left_out]
    return good._replace(left_out=left_out, rows=lines.rows)


def _excluded(source: Source, opened: Opened) -> list[LeftOut]:
    return [
        LeftOut("excluded", many, f"{source.path}: row {row}", "", each.text)
        for each, many, row in opened.excluded
    ]


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
    # By the day that its clock showed: where clocks strike a midnight twice, instants are not told
    # apart by one.
    late: Bools = book.calendar.day(frame["time"].to_numpy() / 1e6) > day_number(until)
    return late


def _left_out(
    frame: pl.DataFrame, failing: Bools, found: Sequence[Source], why: _After
) -> list[LeftOut]:
    if not failing.any():
        return []
    first = frame.row(int(np.argmax(failing)), named=True)
    where = f"{found[first['file']].path}: row {first['row']}"
    got = utc(first["time"]).isoformat() if why.shown == "time" else first[why.shown]
    return [LeftOut(why.reason, int(failing.sum()), where, why.expected, got)]


def _told_again(frame: pl.DataFrame, again: Bools, found: Sequence[Source]) -> str:
    (first,) = _left_out(frame, again, found, _IDENTICAL)
    return (
        f"{first.how_many} rows stand in two files alike, the first at {Path(first.where).name}, "
        "and count twice; --identical drop counts them once."
    )


def _cleaning(
    frame: pl.DataFrame, left_out: list[LeftOut], rows: int, book: Book, customers: Customers
) -> Cleaning:
    """Count.

    Raises:
        HistoryError: Nothing is left.
    """
    if frame.is_empty():
        nothing = LeftOut("", 0, "HISTORY", "at least one event", "none")
        require_usable(rows, left_out, 0.0)
        raise refusal(left_out[0] if left_out else nothing)
    counts, first = tallied(left_out)
    refunds = frame["kind"].is_in(REVERSALS).sum()
    zero = ((frame["kind"] == Kind.PURCHASE) & (frame["amount"] == 0)).sum()
    days = _days(frame, book)
    return Cleaning(
        rows=rows,
        used=frame.height,
        left_out=counts,
        refunds=int(refunds),
        zero_purchases=int(zero),
        first=first,
        customers=len(customers.ids),
        first_day=days[0],
        last_day=days[-1],
        notes=tuple(notes_on(customers, days)),
    )


def _days(frame: pl.DataFrame, book: Book) -> tuple[date, date, date, date]:
    """Of the first event, of the first and the last but one in a thousand, and of the last."""
    stray = frame.height // STRAY
    rows = (0, stray, frame.height - 1 - stray, frame.height - 1)
    first, early, late, last = (date_of(frame["time"][row] / 1e6, book.calendar) for row in rows)
    return first, early, late, last
