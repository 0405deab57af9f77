"""What each column of a table holds, and what it could be."""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import polars as pl

from modelling.history.layout.cells import as_text
from modelling.history.layout.times import EXCEL
from modelling.history.shown import shown
from modelling.history.table.hints import kinds_of, number_options, time_options
from modelling.history.table.times import microseconds
from schemas import CURRENCIES

EXAMPLES: Final = 3
_OF_TIME: Final = r"(date|time|datum|tag|day|zeit|fecha|data|jour|when|posted|booked)"
_ID: Final = r"^([A-Za-z]{1,4})[-_]?\d+$"
_CURRENCIES: Final = [*CURRENCIES, "R", "RS", "KR", "FR", "SFR", "RM", "RP", "FT", "LEI"]
MOST_READ: Final = 0.9  # share of cells that have to be read
USUAL, MOST_KINDS = 0.02, 50  # share of cells that are no exception, and kinds of them


class ColumnLook(NamedTuple):
    """What a column holds.

    Attributes:
        name: as the file has it.
        kind: its type, as the file has it.
        examples: some cells, card numbers masked.
        blank: share of cells without anything.
        different: how many cells differ.
        as_time: options each of which reads it as times, "" where none is needed; empty where it
            holds no times.
        as_number: likewise for numbers.
    """

    name: str
    kind: str
    examples: tuple[str, ...]
    blank: float
    different: int
    as_time: tuple[str, ...]
    as_number: tuple[str, ...]

    def could_be(self) -> list[str]:
        """In words."""
        ways = {"a time": self.as_time, "a number": self.as_number}
        told = {what: " or ".join(filter(None, how)) for what, how in ways.items() if how}
        return [f"{what} by {how}" if how else what for what, how in told.items()]


def look_at_column(column: pl.Series) -> ColumnLook:
    """Tell what a column holds.

    >>> look = look_at_column(pl.Series("day", ["16/01/2025", "17/01/2025", ""]))
    >>> look.as_time, look.different
    (("--time-format '%d/%m/%Y'",), 2)
    """
    plain = column
    if isinstance(column.dtype, pl.Categorical | pl.Enum | pl.Binary):
        plain = column.cast(pl.String, strict=False)
    text = as_text(plain) if not plain.dtype.is_nested() else plain.cast(pl.String, strict=False)
    once = text.drop_nulls().unique(maintain_order=True)
    return ColumnLook(
        name=column.name,
        kind=str(column.dtype),
        examples=tuple(shown(each) for each in once.head(EXAMPLES).to_list()),
        blank=text.null_count() / max(len(text), 1),
        different=len(once),
        as_time=tuple(_as_time(plain, text)),
        as_number=tuple(_as_number(plain, text)),
    )


def _as_time(column: pl.Series, text: pl.Series) -> Sequence[str]:
    if isinstance(column.dtype, pl.Date | pl.Datetime):
        return [""]
    if not (column.dtype == pl.String or column.dtype.is_numeric()):
        return []
    ways = _ways(text, microseconds(text, "UTC", "").is_null(), _time_ways)
    if f"--epoch {EXCEL}" in ways and not re.search(_OF_TIME, column.name.lower()):
        return []  # five digits are an id or an amount as well
    return ways


def _as_number(column: pl.Series, text: pl.Series) -> Sequence[str]:
    if column.dtype.is_numeric():
        return [""]
    if column.dtype != pl.String or _are_ids(text):
        return []
    return _ways(text, text.cast(pl.Float64, strict=False).is_null(), _number_ways)


def _are_ids(text: pl.Series) -> bool:
    """Whether all are a few letters, of no currency, and a whole number, such as `c-1060`.

    >>> [_are_ids(pl.Series([f"{of}10", f"{of}7"])) for of in ("c-", "CU", "CHF", "kr", "$", "")]
    [True, True, False, False, False, False]
    """
    given = text.drop_nulls()
    letters = given.str.extract(_ID, 1).str.to_uppercase()
    return len(letters) > letters.null_count() == 0 and not letters.is_in(_CURRENCIES).any()


def _ways(
    text: pl.Series, strange: pl.Series, ways: Callable[[pl.Series, bool], list[str]]
) -> list[str]:
    """What reads all cells, else those that are not read as they are; "" where most are."""
    given = text.drop_nulls()
    rest = text.filter(strange & text.is_not_null())
    if given.is_empty():
        return []
    if rest.is_empty():
        return [""]
    found = ways(given, False) or ways(rest, len(rest) < len(given)) or ways(_usual(given), False)
    return found or ([""] if len(rest) <= (1.0 - MOST_READ) * len(given) else [])


def _usual(texts: pl.Series) -> pl.Series:
    """Cells but those few that are written unlike the others, such as a last line's total."""
    kinds = kinds_of(texts, pl.int_range(len(texts), eager=True), MOST_KINDS)
    usual = [kind.texts for kind in kinds if kind.how_many >= USUAL * len(texts)]
    return pl.concat(usual) if usual else texts.clear()


def _time_ways(texts: pl.Series, beside: bool) -> list[str]:  # noqa: FBT001
    return time_options(texts, beside_iso=beside)


def _number_ways(texts: pl.Series, beside: bool) -> list[str]:  # noqa: FBT001
    return number_options(texts, beside_plain=beside)
