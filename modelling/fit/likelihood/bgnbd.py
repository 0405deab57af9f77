# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""The log-likelihoods of the BG/NBD and the MBG/NBD, with their gradients."""

from typing import ClassVar, Final, Self

import numpy as np

from modelling.fit.likelihood.cells import Cells
from modelling.fit.likelihood.counts import kept, rising, survivors
from modelling.fit.likelihood.sums import Tenures, dot
from scoring.arrays import Floats

BLOCK: Final = 8192  # cells: some twenty columns of 64 KiB stay in a core's cache


class BGNBDLikelihood:
    """Log-likelihood of the BG/NBD; equation (6) of Fader, Hardie and Lee 2005.

    With d = log((alpha + T) / (alpha + t_x)) the likelihood of a customer who tossed m coins, of
    dropping out, x in the BG/NBD, is

        Gamma(r + x) / Gamma(r) alpha^r (alpha + T)^-(r + x) B(a, b + m) / B(a, b) (1 + e^w),
        w = log(a / (b + m - 1)) + (r + x) d, or -inf at m = 0.

    The first factors' logarithms are summed over counts and tenures, and the last's over cells.
    Nothing overflows: log(1 + e^w) = max(w, 0) + log1p(e^-|w|).
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    tosses_at_first: ClassVar[int] = 0

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.customers = float(cells.weight.sum())
        tosses = cells.x + self.tosses_at_first
        self._bought = survivors(cells.x, cells.weight)
        self._tossed = survivors(tosses, cells.weight)
        self._tenures = Tenures.of(cells)
        tossed = tosses > 0.0
        self._coin = tosses[tossed] - 1.0
        self._x, self._t_x, self._T, self._weight = (column[tossed] for column in cells.columns)

    def __len__(self) -> int:
        return len(self.cells)

    def thinned(self, customers: int) -> Self:
        """Return the likelihood of a sample."""
        return type(self)(self.cells.thinned(customers))

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood per customer and its gradient at log parameters."""
        r, alpha, a, b = np.exp(theta).tolist()
        bought, by_bought = rising(self._bought, r)
        quiet, by_r, by_alpha = self._tenures.quiet(r, alpha)
        held, by_a, by_b = kept(self._tossed, a, b)
        value, slopes = bought + quiet + held, np.array([by_bought + by_r, by_alpha, by_a, by_b])
        for start in range(0, len(self._x), BLOCK):
            part, part_slopes = self._gone(slice(start, start + BLOCK), r, alpha, a, b)
            value, slopes = value + part, slopes + part_slopes
        return value / self.customers, slopes / self.customers

    def _gone(
        self, rows: slice, r: float, alpha: float, a: float, b: float
    ) -> tuple[float, Floats]:
        """Sum of log(1 + e^w) over some cells, and its slopes."""
        T, t_x, weight = self._T[rows], self._t_x[rows], self._weight[rows]
        coin, shape = b + self._coin[rows], r + self._x[rows]
        silence = (T - t_x) / (alpha + t_x)
        grown = np.log1p(silence)
        w = np.log(a / coin) + shape * grown
        value, gone = softplus(w, weight)
        silence *= shape / (alpha + T)
        by_alpha, by_b = -alpha * dot(gone, silence), -b * dot(gone, 1.0 / coin)
        return value, np.array([r * dot(gone, grown), by_alpha, gone.sum(), by_b])


class MBGNBDLikelihood(BGNBDLikelihood):
    """Log-likelihood of the MBG/NBD; Batislam, Denizel and Filiztekin 2007.

    As `BGNBDLikelihood` with m = x + 1: the first purchase too may have been the last.
    """

    tosses_at_first = 1


def softplus(w: Floats, weight: Floats) -> tuple[float, Floats]:
    """Return the sum of log(1 + e^w), and its derivative in each w."""
    odds = np.exp(-np.abs(w))
    value = dot(weight, np.maximum(w, 0.0) + np.log1p(odds))
    return value, np.where(w > 0.0, weight, weight * odds) / (1.0 + odds)
