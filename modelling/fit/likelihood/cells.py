# ruff: noqa: N803 - T is the field's own name for the time since the first purchase.
"""Customers counted by what a purchase model sees of them."""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from modelling.fit.likelihood.fit_error import FitError
from scoring.arrays import Bools, Floats, Ints

MOST: Final = 1_000_000  # repeat purchase days: beyond, x is no count of days
LONGEST: Final = 1e15  # in any unit of time
_GRIDS: Final = (1.0, 7.0)  # whole units, or weeks made of whole days
_KEYS: Final = 2.0**62


@dataclass(frozen=True, slots=True)
class Cells:
    """Customers by what a purchase model sees of them; each array of shape (cells,), float64.

    Attributes:
        x: Frequency, whole numbers.
        t_x: Recency, any unit of time.
        T: Tenure, same unit.
        weight: Customers in the cell, > 0.
    """

    x: Floats
    t_x: Floats
    T: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.x)

    @property
    def columns(self) -> tuple[Floats, Floats, Floats, Floats]:
        """x, t_x, T and weight."""
        return self.x, self.t_x, self.T, self.weight

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return round(float(self.weight.sum()))

    def scaled(self, unit: float) -> Self:
        """Return the same with times in units ``unit`` times as long.

        >>> cells([1], [7.0], [14.0]).scaled(7.0).T
        array([2.])
        """
        return type(self)(self.x, self.t_x / unit, self.T / unit, self.weight)

    def thinned(self, customers: int) -> Self:
        """Return a systematic sample, every so-manieth customer in the order of the cells."""
        ends = np.cumsum(self.weight)
        marks = (np.arange(customers) + 0.5) * (ends[-1] / customers)
        rows, weight = np.unique(np.searchsorted(ends, marks), return_counts=True)
        return type(self)(self.x[rows], self.t_x[rows], self.T[rows], weight.astype(np.float64))


def cells(x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Cells:
    """Count the customers of each distinct (x, t_x, T).

    The cells are sorted by x, t_x and T, so the customers' order leaves no trace. Whole days, and
    weeks that are whole days over 7, are packed into one integer and sorted as such.

    Args:
        x: Frequency of each customer, shape (n,), whole numbers >= 0.
        t_x: Recency, 0 where ``x`` is 0, any unit of time.
        T: Tenure, >= ``t_x``, same unit.

    Raises:
        FitError: Shapes differ, or a value cannot be.

    Example:
        >>> cells([1, 0, 1], [3, 0, 3], [9, 9, 9]).weight
        array([1., 2.])
    """
    columns = [np.ascontiguousarray(values, np.float64) for values in (x, t_x, T)]
    _check(*columns)
    for grid in _GRIDS:
        packed = _on_grid(*columns, grid=grid)
        if packed is not None:
            return packed
    return _by_rank(*columns)


def _check(x: Floats, t_x: Floats, T: Floats) -> None:
    if not x.ndim == t_x.ndim == T.ndim == 1 or not len(x) == len(t_x) == len(T):
        got = f"{x.shape}, {t_x.shape}, {T.shape}"
        raise FitError(where="x, t_x, T", expected="columns of one length", got=got)
    require((x >= 0.0) & (x <= MOST), "x", f"from 0 to {MOST}", x)
    require(np.floor(x) == x, "x", "a whole number", x)
    require((T >= 0.0) & (T <= LONGEST), "T", f"from 0 to {LONGEST:g}", T)
    require((t_x >= 0.0) & (t_x <= T), "t_x", "from 0 to T", t_x)
    require((x > 0.0) | (t_x == 0.0), "t_x", "0 where x is 0", t_x)


def require(holds: Bools, where: str, expected: str, values: Floats) -> None:
    """Refuse the first value that does not hold."""
    if not holds.all():
        row = int(np.argmin(holds))
        raise FitError(where=f"{where}[{row}]", expected=expected, got=float(values[row]))


def _on_grid(x: Floats, t_x: Floats, T: Floats, *, grid: float) -> Cells | None:
    """Cells of times that are whole numbers of 1 / ``grid``, to the last bit, or None."""
    recency, tenure = np.rint(t_x * grid), np.rint(T * grid)
    base = float(tenure.max(initial=0.0)) + 1.0
    is_packable = (float(x.max(initial=0.0)) + 1.0) * base * base < _KEYS
    if not is_packable or (tenure / grid != T).any() or (recency / grid != t_x).any():
        return None
    keys = ((x.astype(np.int64) * int(base)) + recency.astype(np.int64)) * int(base)
    distinct, weight = _counted(keys + tenure.astype(np.int64))
    distinct, whole = np.divmod(distinct, int(base))
    frequency, recent = np.divmod(distinct, int(base))
    return Cells(frequency.astype(np.float64), recent / grid, whole / grid, weight)


def _by_rank(x: Floats, t_x: Floats, T: Floats) -> Cells:
    recencies, by_recency = np.unique(t_x, return_inverse=True)
    tenures, by_tenure = np.unique(T, return_inverse=True)
    pairs = by_recency.astype(np.int64) * len(tenures) + by_tenure
    present, by_pair = np.unique(pairs, return_inverse=True)
    keys, weight = _counted(x.astype(np.int64) * len(present) + by_pair)
    frequency, ranks = np.divmod(keys, len(present))
    recent, whole = np.divmod(present[ranks], len(tenures))
    return Cells(frequency.astype(np.float64), recencies[recent], tenures[whole], weight)


def _counted(keys: Ints) -> tuple[Ints, Floats]:
    keys.sort()
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)])
    return keys[starts], np.diff(starts, append=len(keys)).astype(np.float64)
