"""Reading a history: all its files as one table, cleaned and in the order a worker merges it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from modelling.history.book import Book
from modelling.history.cleaning import (
    Cleaning,
    LeftOut,
    no_event,
    require_usable,
    tallied,
)
from modelling.history.files import Source, sources
from modelling.history.layout import Layout
from modelling.history.summary import date_of, day_number, midnight
from modelling.history.table.checks import CheckedTable, checked
from modelling.history.table.log import Customers, event_log
from modelling.history.table.notes import STRAY, mostly_refunds, notes_on
from modelling.history.table.opening import Opened, read_table
from modelling.history.table.raw import Raw
from modelling.history.table.repeats import Sifted, sift
from modelling.history.wire_lines import read_lines
from scoring.step.replay import EventLog

Say = Callable[[str, int, int], None]  # what is done, how far, of how much
AS_IT_IS: Final = Layout()
ON_THE_WIRE: Final = Layout(unit="minor")


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
    say: Say = lambda *_: None,
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
    tables = [read_piece(each, book, layout.of(each.path)) for each in _told(found, say)]
    return assembled(tables, found, book, layout, until)


def assembled(
    tables: Sequence[CheckedTable],
    found: Sequence[Source],
    book: Book,
    layout: Layout,
    until: date | None = None,
) -> History:
    """Make a history of tables, one a file.

    Raises:
        HistoryError: Too few rows can be used.
    """
    rows = sum(table.rows for table in tables)
    left_out = [each for table in tables for each in table.left_out]
    require_usable(rows, left_out, layout.allow_bad)
    kept = sift(tables, found, book, layout, until)
    customers = Customers.of(kept.frame["customer_id"])
    cleaning = _cleaning(kept, [*left_out, *kept.left_out], rows, book, customers)
    told = (*kept.notes, *cleaning.notes)
    cleaning = replace(cleaning, notes=told, options_file=layout.told_by)
    return History(kept.frame, cleaning, book, customers)


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
    for number, source in enumerate(found):
        say("Reading files", number, len(found))
        yield source


def read_piece(
    source: Source, book: Book, layout: Layout, first: int = 0, rows: int | None = None
) -> CheckedTable:
    """The good rows of a file, or of a stretch of a table's rows, and what is wrong with others."""
    if not source.is_wire:
        opened = read_table(source, layout, first, rows)
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


def _cleaning(
    kept: Sifted, left_out: list[LeftOut], rows: int, book: Book, customers: Customers
) -> Cleaning:
    """Count.

    Raises:
        HistoryError: Nothing is left.
    """
    if kept.frame.is_empty():
        raise no_event(rows, left_out)
    counts, first = tallied(left_out)
    days, events = _days(kept.frame, book), kept.counts()
    return Cleaning(
        rows=rows,
        used=events["used"],
        left_out=counts,
        refunds=events["refunds"],
        zero_purchases=events["zero_purchases"],
        first=first,
        customers=len(customers.ids),
        first_day=days[0],
        last_day=days[-1],
        notes=(*mostly_refunds(events["used"], events["refunds"]), *notes_on(customers, days)),
    )


def _days(frame: pl.DataFrame, book: Book) -> tuple[date, date, date, date]:
    """Of the first event, of the first and the last but one in a thousand, and of the last."""
    stray = frame.height // STRAY
    rows = (0, stray, frame.height - 1 - stray, frame.height - 1)
    first, early, late, last = (date_of(frame["time"][row] / 1e6, book.calendar) for row in rows)
    return first, early, late, last
