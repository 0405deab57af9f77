"""Cells of a table as text, cleaned alike wherever a history or its labels are read.

Whole numbers of a float column, 17850.0, are 17850, also where a text file has them; blanks around
are none of a cell's. Zero padding, case and blanks within stay.
"""

from typing import Final, NamedTuple

import numpy as np
import polars as pl

# What programs write where there is nothing.
BLANKS: Final = (
    "", "nan", "NaN", "NAN", "null", "NULL", "Null", "none", "None", "NONE", "NA", "N/A", "n/a",
    "#N/A", "<NA>", "NaT", "\\N", "(null)", "(blank)", "undefined",
)  # fmt: skip
_POINT_ZERO: Final = r"^(-?\d+)\.0+$"
_SHORTENED: Final = r"^-?\d(\.\d+)?[eE]\+\d+$"  # a spreadsheet shows few of a number's digits


def as_text(column: pl.Series) -> pl.Series:
    """A column as text, null where a cell is blank.

    >>> as_text(pl.Series([7.0, None])).to_list()
    ['7', None]
    >>> as_text(pl.Series([" 7.0 ", "007", "NaN"])).to_list()
    ['7', '007', None]
    """
    return cleaned(column).text


class Cleaned(NamedTuple):
    """A column as text.

    Attributes:
        text: null where a cell is blank.
        inexact: index of the first number that a float cannot tell from its neighbours; None for
            none. From 2^53 on (2^24 of single precision) not every whole number has a float of its
            own. A text that ends in .0 was a float once; one like 4.5E+15 has lost its digits.
    """

    text: pl.Series
    inexact: int | None


def cleaned(column: pl.Series) -> Cleaned:
    """A column as text, and whether something was lost before it came here.

    >>> cleaned(pl.Series([1.0, 2.0**53])).inexact
    1
    >>> cleaned(pl.Series(["9007199254740993.0"])).inexact
    0
    >>> cleaned(pl.Series(["12", "4.5E+15"])).inexact
    1
    """
    if column.dtype.is_float():
        exact = 2.0**24 if column.dtype == pl.Float32 else 2.0**53
        return Cleaned(_of_floats(column.fill_nan(None)), _first(column.abs() >= exact))
    text = column.cast(pl.String).str.strip_chars()
    text = text.set(text.is_in(BLANKS), None)
    shortened = _first(text.str.contains(_SHORTENED))
    if shortened is not None or not text.str.ends_with(".0").any():
        return Cleaned(text, shortened)
    floats = text.str.extract(_POINT_ZERO).cast(pl.Float64, strict=False)
    return Cleaned(text.str.replace(_POINT_ZERO, "${1}"), _first(floats.abs() >= 2.0**53))


def _first(rows: pl.Series) -> int | None:
    found = rows.fill_null(value=False).to_numpy()
    return int(np.argmax(found)) if found.any() else None


def _of_floats(column: pl.Series) -> pl.Series:
    whole = column.cast(pl.Int64, strict=False)
    same = (whole == column).fill_null(value=True)
    texts = pl.when(same).then(whole.cast(pl.String)).otherwise(column.cast(pl.String))
    return whole.cast(pl.String) if bool(same.all()) else pl.select(texts).to_series()
