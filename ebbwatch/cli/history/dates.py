"""Days as options take them."""

from datetime import date
from typing import overload

from ebbwatch.cli.one_line import UserError


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
