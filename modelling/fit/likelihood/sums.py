"""Sums over customers, the same on every machine and without its other cores."""

from typing import NamedTuple, Self

import numpy as np

from modelling.fit.likelihood.cells import Cells
from scoring.arrays import Floats


def dot(one: Floats, other: Floats) -> float:
    """Return the sum of products; BLAS would start threads for it that wait for one another.

    >>> dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i->", one, other))


class Tenures(NamedTuple):
    """Cells summed over all but the tenure, each of shape (k,).

    Attributes:
        T: Distinct tenures.
        customers: Who have it.
        purchases: Their repeat purchases.
    """

    T: Floats
    customers: Floats
    purchases: Floats

    @classmethod
    def of(cls, cells: Cells) -> Self:
        """Sum up."""
        distinct, kinds = np.unique(cells.T, return_inverse=True)
        sums = (np.bincount(kinds, each) for each in (cells.weight, cells.weight * cells.x))
        return cls(distinct, *(each.astype(np.float64) for each in sums))

    def quiet(self, r: float, alpha: float) -> tuple[float, float, float]:
        """Sum r log(alpha) - (r + x) log(alpha + T), with its slopes in log r and log alpha."""
        never = -r * dot(self.customers, np.log1p(self.T / alpha))
        age = alpha + self.T
        value = never - dot(self.purchases, np.log(age))
        slope = (r * self.customers * self.T - alpha * self.purchases) / age
        return value, never, float(slope.sum())

    def lasting(self, s: float, beta: float) -> tuple[float, float]:
        """Sum s log(beta / (beta + T)), which is its slope in log s too, with that in log beta."""
        value = -s * dot(self.customers, np.log1p(self.T / beta))
        return value, s * dot(self.customers, self.T / (beta + self.T))
