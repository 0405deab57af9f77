"""Days and instants as options take them."""

import time
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Final, overload

from ebbwatch.cli.one_line import UserError

SPANS: Final = MappingProxyType({"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0})  # seconds


@overload
def day(option: str, text: str) -> date: ...
@overload
def day(option: str, text: str | None) -> date | None: ...
def day(option: str, text: str | None) -> date | None:
    """A day of the book; None where none is given.

    Raises:
        UserError: The text is no ISO 8601 date.

    >>> day("--until", "2026-03-01")
    datetime.date(2026, 3, 1)
    """
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"{option}: expected a date such as 2026-03-01, got {text}") from error


def instant(option: str, text: str) -> datetime:
    """An instant as it was typed, with an offset or without.

    Raises:
        UserError: The text is no ISO 8601 date and time.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"{option}: expected an ISO 8601 instant, got {text}") from error


def instant_or_utc(option: str, text: str) -> datetime:
    """The same, of UTC where it has no offset.

    >>> instant_or_utc("--at", "2026-03-01T12:00").isoformat()
    '2026-03-01T12:00:00+00:00'
    """
    at = instant(option, text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def seconds_or_present(option: str, text: str | None) -> float | None:
    """The same as epoch seconds; None, the present, where none is given."""
    return None if text is None else instant_or_utc(option, text).timestamp()


def iso(seconds: float) -> str:
    """Epoch seconds as commands print them.

    >>> iso(86_400.0)
    '1970-01-02T00:00:00+00:00'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def ago_or_instant(option: str, text: str) -> float:
    """An instant, or how long it is ago, such as 30m, 2h or 7d; epoch seconds.

    Raises:
        UserError: The text is neither.

    >>> ago_or_instant("--since", "1970-01-02T00:00")
    86400.0
    """
    number, unit = text[:-1], text[-1:]
    if unit in SPANS and number.isdecimal():
        return time.time() - int(number) * SPANS[unit]
    try:
        return instant_or_utc(option, text).timestamp()
    except UserError as error:
        expected = "30m, 2h, 7d or an ISO 8601 instant"
        raise UserError(f"{option}: expected {expected}, got {text}") from error
