"""The history that options tell of, read."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ebbwatch.cli.history.options import HistoryOptions
from ebbwatch.cli.one_line import UserError
from modelling.fit.data import LIVE, FitWindow, from_files, from_live
from modelling.fit.run import FitData
from modelling.history import Book, Columns, History, read_events, read_history
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.step.replay import EventLog
from streams.config import Settings

TOPICS: Final = "kafka"
OTHERS: Final = tuple(field.name for field in fields(Columns))


def history(given: HistoryOptions, book: Book) -> History:
    """The rows that can be used, and what became of the others."""
    named = columns(given)
    return read_history(given.paths, book, columns=named, unit=given.amount_unit.value)


def history_or_topics(given: HistoryOptions, book: Book) -> History:
    """Files, or what the input topics still hold where `kafka` was typed.

    Raises:
        UserError: Files and topics were given both.
    """
    if TOPICS not in given.paths:
        return history(given, book)
    if len(given.paths) > 1:
        raise UserError(f"HISTORY: expected files, or {TOPICS} alone, got both")
    from modelling.history.topics import write_topics  # its client is for who asks for it

    with TemporaryDirectory() as folder:
        file = Path(folder, f"{TOPICS}.jsonl")
        write_topics(Settings(), file)
        return read_history([file], book)


def events(given: HistoryOptions, book: Book, until: date | None = None) -> EventLog:
    """All events up to a day and with it, in the order in which a worker would apply them."""
    named = columns(given)
    return read_events(given.paths, book, columns=named, unit=given.amount_unit.value, until=until)


def purchases(given: HistoryOptions, base: Mapping[str, Any], window: FitWindow) -> FitData:
    """What a model is fitted to: files, or a live system's state where `redis` was typed.

    Args:
        given: the options.
        base: parameter file whose books the history is read into.
        window: days to fit to, and to judge on.

    Raises:
        UserError: Files and a live system were given both.
    """
    settings, named = Settings(), columns(given)
    book = Book.of(ScoringModel(parse(base)), settings.rates_file)
    if LIVE not in given.paths:
        return from_files(given.paths, book, named, given.amount_unit.value, window)
    if len(given.paths) > 1:
        raise UserError(f"HISTORY: expected files, or {LIVE} alone, got both")
    return from_live(settings, book, window)


def columns(given: HistoryOptions) -> Columns:
    """What the history's columns are called.

    >>> columns(HistoryOptions(paths=[], id_column="Cust", column=["score=Stars"])).must_be_there()
    {'customer_id': 'Cust', 'event_time': 'event_time', 'amount': 'amount', 'score': 'Stars'}

    Raises:
        UserError: A further column is not of the form NAME=COLUMN.
    """
    named = {
        "customer_id": given.id_column,
        "event_time": given.time_column,
        "amount": given.amount_column or None,
        "type": given.type_column or None,
    }
    more = dict(_pair(each) for each in given.column or [])
    return Columns(**{**named, **more})  # type: ignore[arg-type]


def _pair(text: str) -> tuple[str, str | None]:
    name, equals, column = text.partition("=")
    if not equals or name not in OTHERS:
        expected = f"NAME=COLUMN, the name one of {', '.join(OTHERS)}"
        raise UserError(f"--column: expected {expected}, got {text}")
    return name, column or None
