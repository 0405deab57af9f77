# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""The log-likelihood of the Pareto/NBD, with its gradient."""

from typing import ClassVar, Final, Self

import numpy as np

from modelling.fit.likelihood.bgnbd import BLOCK, softplus
from modelling.fit.likelihood.cells import Cells
from modelling.fit.likelihood.counts import rising, survivors
from modelling.fit.likelihood.death import Paths, integrals
from modelling.fit.likelihood.sums import Tenures, dot
from scoring.arrays import Floats

_TINY: Final = 1e-300


class ParetoNBDLikelihood:
    """Log-likelihood of the Pareto/NBD of Schmittlein, Morrison and Colombo 1987.

    As in equation (15) of Fader and Hardie 2005, "A Note on Deriving the Pareto/NBD Model", before
    the integral over the instant of leaving is solved by hypergeometric functions, which lose
    their digits where alpha and beta lie far apart: the likelihood of a customer is

        Gamma(r + x) / Gamma(r) alpha^r (alpha + T)^-(r + x) (beta / (beta + T))^s (1 + e^w),
        w = log(s / (beta + t_x)) + (r + x) log((alpha + T) / (alpha + t_x))
            + s log((beta + T) / (beta + t_x)) + log I,

    I being the integral of `modelling.fit.likelihood.death.integrals`.
    """

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.customers = float(cells.weight.sum())
        self._bought = survivors(cells.x, cells.weight)
        self._tenures = Tenures.of(cells)

    def __len__(self) -> int:
        return len(self.cells)

    def thinned(self, customers: int) -> Self:
        """Return the likelihood of a sample."""
        return type(self)(self.cells.thinned(customers))

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood per customer and its gradient at log parameters."""
        r, alpha, s, beta = np.exp(theta).tolist()
        bought, by_bought = rising(self._bought, r)
        quiet, by_r, by_alpha = self._tenures.quiet(r, alpha)
        lasting, by_beta = self._tenures.lasting(s, beta)
        value = bought + quiet + lasting
        slopes = np.array([by_bought + by_r, by_alpha, lasting, by_beta])
        for start in range(0, len(self.cells), BLOCK):
            part, part_slopes = self._gone(slice(start, start + BLOCK), r, alpha, s, beta)
            value, slopes = value + part, slopes + part_slopes
        return value / self.customers, slopes / self.customers

    def _gone(
        self, rows: slice, r: float, alpha: float, s: float, beta: float
    ) -> tuple[float, Floats]:
        """Sum of log(1 + e^w) over some cells, and its slopes."""
        x, t_x, T, weight = (column[rows] for column in self.cells.columns)
        shape, age, life, silence = r + x, alpha + t_x, beta + t_x, T - t_x
        whole, aged, lived, by_age, by_life = integrals(
            Paths(shape, np.full_like(shape, s + 1.0), age, life, silence)
        )
        aging, living = np.log1p(silence / age), np.log1p(silence / life)
        ratio = s / life * np.maximum(whole, _TINY)
        value, gone = softplus(np.log(ratio) + shape * aging + s * living, weight)
        by_alpha = dot(gone, shape * (by_age - silence / (age + silence)) * (alpha / age))
        turn = (s + 1.0) * by_life - s * silence / (life + silence) - 1.0
        by_r, by_s = dot(gone, aging - aged), dot(gone, 1.0 + s * (living - lived))
        return value, np.array([r * by_r, by_alpha, by_s, dot(gone, turn * (beta / life))])
