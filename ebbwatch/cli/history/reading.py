"""The history that options tell of, read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from ebbwatch.cli.history.options import HistoryOptions
from ebbwatch.cli.one_line import UserError
from modelling.bulk.drawn import read_drawn, share_of
from modelling.bulk.parts import HistoryParts, rows_of
from modelling.bulk.spool import spooled
from modelling.fit.data import LIVE, FitWindow, from_files, from_live, from_parts
from modelling.fit.run import FitData
from modelling.history import Book, Cleaning, History, Layout, read_history
from modelling.history.files import sources
from modelling.history.layout import beside, read_options
from modelling.history.reading import Say
from modelling.warehouse import read_lives
from scoring.model import ScoringModel
from scoring.parameters import parse
from streams.config import Settings
from streams.tools.backfill import HistoryPart

TOPICS: Final = "kafka"
MANY: Final = 10_000_000  # rows of Parquet, from which on a history is read in parts


def history(
    given: HistoryOptions,
    book: Book,
    until: date | None = None,
    say: Say = lambda *_: None,
    summary: Path | None = None,
) -> History:
    """The rows that can be used, up to a day and with it, and what became of the others.

    Args:
        given: the options.
        book: the books that the history is read into.
        until: last day to read; the whole of a summary is.
        say: told what is being read.
        summary: table of customers' lives, in the place of files.
    """
    if summary is not None:
        return read_lives(summary, book, layout(given).allow_bad)
    return read_history(given.paths, book, layout=layout(given), until=until, say=say)


def learnt_from(
    given: HistoryOptions,
    book: Book,
    until: date | None = None,
    say: Say = lambda *_: None,
    summary: Path | None = None,
) -> History:
    """As `history`, but of Parquet files of many rows some customers, drawn by lot."""
    rows = None if summary is not None else _many(given)
    if rows is None:
        return history(given, book, until, say, summary)
    found, share = sources(given.paths), share_of(rows)
    return read_drawn(found, book, layout(given), share, until=until, say=say)


class ReadParts(NamedTuple):
    """A history in parts.

    Attributes:
        parts: each reads one, whole for its customers.
        cleaning: what became of all rows.
    """

    parts: Sequence[HistoryPart]
    cleaning: Cleaning


@contextmanager
def in_parts(
    given: HistoryOptions, book: Book, say: Say = lambda *_: None, until: date | None = None
) -> Iterator[ReadParts]:
    """All customers: of Parquet files of many rows in parts, which lie in a temporary folder."""
    if _many(given) is None:
        read = history(given, book, until, say)
        log = read.events()
        yield ReadParts([lambda: log], read.cleaning)
        return
    with TemporaryDirectory() as folder:
        laid = HistoryParts(sources(given.paths), book, layout(given), Path(folder), until, say)
        parts = spooled(laid.logs(), Path(folder))
        yield ReadParts(parts, laid.cleaning())


@contextmanager
def in_parts_if_any(given: HistoryOptions, book: Book) -> Iterator[Sequence[HistoryPart]]:
    """The parts of `in_parts`; none where no file was given."""
    if not given.paths:
        yield ()
        return
    with in_parts(given, book) as read:
        yield read.parts


def _many(given: HistoryOptions) -> int | None:
    """How many rows there are, where they are Parquet and too many to be read at once."""
    rows = rows_of(sources(given.paths)) or 0
    return rows if rows >= MANY else None


def history_or_topics(
    given: HistoryOptions, book: Book, say: Say = lambda *_: None, summary: Path | None = None
) -> History:
    """To learn from: files, a summary, or what the input topics hold where `kafka` was typed.

    Raises:
        UserError: Files and topics were given both.
    """
    if TOPICS not in given.paths:
        return learnt_from(given, book, say=say, summary=summary)
    if len(given.paths) > 1:
        raise UserError(f"HISTORY: expected files, or {TOPICS} alone, got both")
    from modelling.history.topics import write_topics  # its client is for who asks for it

    with TemporaryDirectory() as folder:
        file = Path(folder, f"{TOPICS}.jsonl")
        write_topics(Settings(), file)
        return read_history([file], book)


def purchases(
    given: HistoryOptions, base: Mapping[str, Any], window: FitWindow, say: Say = lambda *_: None
) -> FitData:
    """What a model is fitted to: files, or a live system's state where `redis` was typed.

    Counts of purchases are fitted without amounts too: a table may lack their column.

    Args:
        given: the options.
        base: parameter file whose books the history is read into.
        window: days to fit to, and to judge on.
        say: told what is being read.

    Raises:
        UserError: Files and a live system were given both.
    """
    if LIVE not in given.paths:
        written = replace(layout(given), needs_amounts=False)
        if _many(given) is not None:
            return from_parts(sources(given.paths), book(base), written, window, say)
        return from_files(given.paths, book(base), written, window, say)
    if len(given.paths) > 1:
        raise UserError(f"HISTORY: expected files, or {LIVE} alone, got both")
    return from_live(Settings(), book(base), window)


def book(base: Mapping[str, Any]) -> Book:
    """The books of a parameter file."""
    return Book.of(ScoringModel(parse(base)), Settings().rates_file)


def layout(given: HistoryOptions) -> Layout:
    """How the history is written down: as typed, else as an options file says, else as by default.

    Raises:
        HistoryError: An option cannot be what it is.
        OSError: The options file cannot be read.
    """
    return read_options(given.options or beside(given.paths), given.typed())
