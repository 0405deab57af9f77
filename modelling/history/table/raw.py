"""A table as it was read, and the parts it is turned into."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from modelling.history.book import Book
from modelling.history.cleaning import Check, HistoryError
from modelling.history.files import Source
from modelling.history.layout import Layout
from modelling.history.layout.cells import cleaned
from scoring.arrays import Bools


@dataclass(frozen=True)
class Raw:
    """A table as it was read.

    Attributes:
        frame: columns named as on the wire, and `row`, from 1.
        source: the file.
        layout: how the file is written down.
        book: the books it is read into.
    """

    frame: pl.DataFrame
    source: Source
    layout: Layout
    book: Book

    @cached_property
    def rows(self) -> int:
        """How many rows."""
        return self.frame.height

    def has(self, name: str) -> bool:
        """Whether the table has a column, the wire's name given."""
        return name in self.frame.columns

    def column(self, name: str) -> pl.Series:
        """A column, all null where the table has none."""
        if self.has(name):
            return self.frame[name]
        return pl.repeat(None, self.rows, dtype=pl.String, eager=True)

    def text(self, name: str) -> pl.Series:
        """A column as text, cleaned as `layout.cells` has it, null where it is blank.

        Raises:
            HistoryError: Whole numbers came as floats that cannot tell them apart.
        """
        column = self.column(name)
        if self.source.is_wire:  # the contract has checked it, and a worker takes it as it is
            return column
        text, inexact = cleaned(column)
        if inexact is not None:
            where = (
                f"{self.source.path}: row {self.frame['row'][inexact]}, column {self.named(name)}"
            )
            expected = (
                "whole numbers or text; a float merges neighbours from 2^53 on, and text such as "
                "4.5E+15 all that begin alike"
            )
            got = f"{column[inexact]!r} of type {column.dtype}; write the column anew as text"
            raise HistoryError(where=where, expected=expected, got=got)
        return text

    def named(self, name: str) -> str:
        """What the file calls a column."""
        return self.layout.columns.names().get(name, name)

    @property
    def zone(self) -> str:
        """IANA name of the zone of times that name none."""
        return self.layout.times_in or self.book.calendar.zone

    def place(self, name: str) -> str:
        """File and column, for errors."""
        return f"{self.source.path}: column {self.named(name)}"


class Part(NamedTuple):
    """Some columns of the result, and the checks on them in order of precedence."""

    columns: dict[str, Any]
    checks: list[Check]


def flags(column: pl.Series) -> Bools:
    """Booleans as an array; null is false.

    >>> flags(pl.Series([True, None])).tolist()
    [True, False]
    """
    array: Bools = column.fill_null(value=False).to_numpy()
    return array


def unlike(texts: pl.Series, pattern: str) -> Bools:
    """Which texts do not match a pattern; null is none.

    >>> unlike(pl.Series(["5411", "x", None]), "^[0-9]{4}$").tolist()
    [False, True, False]
    """
    return flags(~texts.str.contains(pattern))


def numbers(column: pl.Series) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """A column of numbers or text as floats, not-a-number where there is none.

    >>> numbers(pl.Series(["4", "", None])).tolist()
    [4.0, nan, nan]
    """
    floats: np.ndarray[Any, np.dtype[np.float64]]
    floats = column.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    return floats
