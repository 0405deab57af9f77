"""What each column of a table holds, and what it could be."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from modelling.history.layout.cells import as_text
from modelling.history.shown import shown
from modelling.history.table.hints import number_options, time_options
from modelling.history.table.times import microseconds

EXAMPLES: Final = 3
MOST_READ: Final = 0.98  # share of cells that a way of writing has to read


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
        as_time=tuple(_as_time(plain, once)),
        as_number=tuple(_as_number(plain, once)),
    )


def _as_time(column: pl.Series, once: pl.Series) -> Sequence[str]:
    if column.dtype in {pl.Date, pl.Datetime}:
        return [""]
    if once.is_empty() or not (column.dtype == pl.String or column.dtype.is_integer()):
        return []
    rest = once.filter(microseconds(once, "UTC", "").is_null())
    if rest.is_empty():
        return [""]
    found = time_options(rest, beside_iso=len(rest) < len(once))
    if found or len(rest) > (1.0 - MOST_READ) * len(once):
        return found
    return [""]


def _as_number(column: pl.Series, once: pl.Series) -> Sequence[str]:
    if column.dtype.is_numeric():
        return [""]
    if column.dtype != pl.String or once.is_empty():
        return []
    rest = once.filter(once.cast(pl.Float64, strict=False).is_null())
    if len(rest) <= (1.0 - MOST_READ) * len(once):
        return number_options(once, beside_plain=False) or [""]
    whole = number_options(once, beside_plain=False)
    return whole or number_options(rest, beside_plain=len(rest) < len(once))
