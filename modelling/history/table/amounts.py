"""Amounts of a table as whole minor units, exactly: 0.29 is 29 cents, not 28.

Text is read as the decimal it spells, a float as the shortest decimal that stands for it; what lies
between two minor units goes to the nearer, from the middle to the even one.
"""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from modelling.history.cleaning import HistoryError
from modelling.history.layout import MoneyUnit, Numbers
from modelling.history.layout.cells import BLANKS
from modelling.history.layout.numbers import PLAIN
from schemas.fields import MAX_AMOUNT
from scoring.arrays import Bools, Floats, Ints

# Up to MAX_AMOUNT a float of minor units is off by less than a hundredth, however it was scaled.
_NEAR_HALF: Final = 0.01


class Minor(NamedTuple):
    """Amounts in minor units and what is wrong with them, each of the column's shape.

    Attributes:
        values: 0 where there is none.
        missing: there is no amount.
        bad: it is no number, or not whole where minor units were promised.
        too_large: it is beyond what an event may carry.
    """

    values: Ints
    missing: Bools
    bad: Bools
    too_large: Bools


def minor_units(
    amounts: pl.Series, exponents: Ints, unit: MoneyUnit, where: str, numbers: Numbers = PLAIN
) -> Minor:
    """Convert a column of amounts.

    Args:
        amounts: Numbers, decimals or text.
        exponents: Minor units are 10^-exponent of the major unit; one an amount.
        unit: What the amounts count.
        where: File and column, for the error.
        numbers: How text is to be read.

    Raises:
        HistoryError: The column's type holds no amounts.

    >>> exponents = np.array([2, 2, 0])
    >>> minor_units(pl.Series(["0.29", "1.005", "7"]), exponents, "major", "amount").values.tolist()
    [29, 100, 7]
    """
    readable = _readable(amounts, where, numbers)
    shifts = exponents if unit == "major" else np.zeros_like(exponents)
    scaled = _scaled(readable, shifts)
    present, too_large = _present(readable), np.abs(scaled) > MAX_AMOUNT
    usable = np.where(np.isfinite(scaled) & ~too_large, scaled, 0.0)
    values = _rounded(usable, readable, shifts)
    bad = present & np.isnan(scaled)
    if unit == "minor":
        bad |= usable != values
    return Minor(values, ~present, bad, too_large)


def _readable(amounts: pl.Series, where: str, numbers: Numbers) -> pl.Series:
    """Whole numbers and floats as they are, all else as text to be read digit by digit."""
    kind = amounts.dtype
    if kind == pl.Float64 or kind.is_integer():
        return amounts
    if kind in {pl.String, pl.Null} or kind.is_numeric():
        texts = amounts.cast(pl.String).str.strip_chars()
        return _as_programs_write(texts, numbers) if amounts.dtype == pl.String else texts
    raise HistoryError(where=where, expected="amounts", got=f"values of type {kind}")


def _as_programs_write(texts: pl.Series, numbers: Numbers) -> pl.Series:
    if not numbers.is_plain:
        return numbers.read(texts.set(texts.is_in(BLANKS), None))
    strange = texts.is_not_null() & texts.cast(pl.Float64, strict=False).is_null()
    if not strange.any():
        return texts
    return texts.scatter(strange.arg_true(), numbers.read(texts.filter(strange)))


def _scaled(amounts: pl.Series, shifts: Ints) -> Floats:
    floats: Floats = amounts.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    with np.errstate(over="ignore"):
        scaled: Floats = floats * 10.0**shifts
    return scaled


def _present(amounts: pl.Series) -> Bools:
    """Empty text and not-a-number are no amounts."""
    if amounts.dtype == pl.String:
        empty = amounts.is_in(BLANKS)
    else:
        empty = amounts.cast(pl.Float64).is_nan()
    there: Bools = (~empty.fill_null(value=True)).to_numpy()
    return there


def _rounded(scaled: Floats, amounts: pl.Series, shifts: Ints) -> Ints:
    """Round, asking the decimal itself wherever the float is near the middle of two units."""
    values = np.rint(scaled).astype(np.int64)
    fraction = np.abs(scaled - np.trunc(scaled))
    for row in np.flatnonzero(np.abs(fraction - 0.5) < _NEAR_HALF).tolist():
        exact = Decimal(str(amounts[row])).scaleb(int(shifts[row]))
        values[row] = int(exact.quantize(Decimal(1), ROUND_HALF_EVEN))
    return values
