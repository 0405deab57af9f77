"""Rows to leave out: `InvoiceNo starts with C`, `CustomerID is blank`, `Quantity < 0`.

    COLUMN is blank            COLUMN starts with TEXT      COLUMN = VALUE     COLUMN < VALUE
    COLUMN is not blank        COLUMN ends with TEXT        COLUMN != VALUE    COLUMN <= VALUE
                               COLUMN contains TEXT                            COLUMN > VALUE
                                                                               COLUMN >= VALUE

A value that is a number is compared as a number, any other as text, which is right for ISO dates.
Blanks around a value do not count; quotes around it keep them, and make text of a number.
"""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from modelling.history.cleaning import HistoryError
from modelling.history.layout.cells import as_text
from modelling.history.layout.numbers import Numbers

_FORM: Final = re.compile(
    r"""^\s*(?:"(?P<quoted>[^"]+)"|(?P<column>.+?))\s*
    (?:(?P<blank>\bis(?:\ not)?\ blank)
    |(?P<words>\b(?:starts|ends)\ with\b|\bcontains\b|!=|<=|>=|==?|<|>)\s*(?P<value>.*?))\s*$""",
    re.VERBOSE,
)
_COMPARED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_EXPECTED: Final = (
    "COLUMN is blank, is not blank, starts with, ends with, contains, =, !=, <, <=, > or >= VALUE"
)


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Rows to leave out.

    Attributes:
        text: as it was typed.
        column: looked at.
        how: `is blank`, `starts with` or another of the grammar's.
        value: compared with; of a number its float.
    """

    text: str
    column: str
    how: str
    value: str | float

    def rows(self, column: pl.Series, numbers: Numbers) -> pl.Series:
        """Which rows are left out; an empty cell is only where `is blank` asks for it.

        >>> column = pl.Series(["C1", " 2", "", None])
        >>> parse_filter("n starts with C").rows(column, Numbers()).to_list()
        [True, False, False, False]
        >>> parse_filter("n < 3").rows(column, Numbers()).to_list()
        [False, True, False, False]
        >>> parse_filter("n is blank").rows(column, Numbers()).to_list()
        [False, False, True, True]
        """
        text = as_text(column)
        if self.how.endswith("blank"):
            return text.is_null() if self.how == "is blank" else text.is_not_null()
        return self._meets(column, text, numbers).fill_null(value=False)

    def _meets(self, column: pl.Series, text: pl.Series, numbers: Numbers) -> pl.Series:
        if self.how in _COMPARED:
            number = isinstance(self.value, float)
            given = _numbers(column, numbers) if number else text
            found: pl.Series = _COMPARED[self.how](given, self.value)
            return found
        value = str(self.value)
        if self.how == "contains":
            return text.str.contains(value, literal=True)
        begins = self.how == "starts with"
        return text.str.starts_with(value) if begins else text.str.ends_with(value)


def parse_filter(text: str, where: str = "--exclude") -> RowFilter:
    """Understand a filter.

    Raises:
        HistoryError: it is none.

    >>> parse_filter("Unit price >= 10")
    RowFilter(text='Unit price >= 10', column='Unit price', how='>=', value=10.0)
    """
    found = _FORM.match(text)
    if found is None or (found["words"] and not found["value"]):
        raise HistoryError(where=where, expected=_EXPECTED, got=text)
    column = (found["quoted"] or found["column"]).strip()
    how = " ".join((found["blank"] or found["words"]).split()).replace("==", "=")
    return RowFilter(text, column, how, _value(found["value"] or "", how))


def _value(text: str, how: str) -> str | float:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    try:
        return float(text) if how in _COMPARED else text
    except ValueError:
        return text


def _numbers(column: pl.Series, numbers: Numbers) -> pl.Series:
    if column.dtype.is_numeric():
        return column.cast(pl.Float64)
    texts = column.cast(pl.String)
    return (
        (texts if numbers.is_plain else numbers.read(texts))
        .str.strip_chars()
        .cast(pl.Float64, strict=False)
    )
