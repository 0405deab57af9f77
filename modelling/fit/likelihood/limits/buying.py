"""Rates of buying in a limit's log-likelihood: each customer's own, or one for all."""

from typing import ClassVar, Final, NamedTuple, Protocol

import numpy as np

from modelling.fit.likelihood.cells import Cells
from modelling.fit.likelihood.counts import rising, survivors
from modelling.fit.likelihood.sums import Tenures, dot
from scoring.arrays import Floats

FAR: Final = 1e13  # scale, in mean tenures, at which (1 + t / FAR)^-(rate FAR) is exp(-rate t)


class LogTerms(NamedTuple):
    """A term of each customer, and its slopes.

    Attributes:
        value: shape (n,).
        slopes: in each log parameter, shape (n,) each.
    """

    value: Floats
    slopes: tuple[Floats, ...]


class Buying(Protocol):
    """What of the likelihood hangs on rates of buying."""

    names: ClassVar[tuple[str, ...]]

    def living(self, theta: Floats) -> tuple[float, Floats]:
        """Log-likelihood of everybody's purchases if nobody leaves, and its slopes."""

    def depth(self, theta: Floats, cells: Cells) -> LogTerms:
        """-log P(no purchase in (t_x, T])."""

    def path(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """Power and scale of that probability's decay since t_x."""

    def bent(self, theta: Floats, cells: Cells, aged: Floats, by_age: Floats) -> tuple[Floats, ...]:
        """Slopes of the log of that decay under an integral, by the integrand's means."""

    def starts(self) -> list[Floats]:
        """Where to begin."""


class OwnRates:
    """Gamma distributed rates: of shape r and scale alpha."""

    names: ClassVar[tuple[str, ...]] = ("r", "alpha")

    def __init__(self, cells: Cells) -> None:
        self._cells = cells
        self._bought = survivors(cells.x, cells.weight)
        self._tenures = Tenures.of(cells)

    def living(self, theta: Floats) -> tuple[float, Floats]:
        """Sum of log Gamma(r + x) / Gamma(r) alpha^r (alpha + T)^-(r + x)."""
        r, alpha = np.exp(theta).tolist()
        bought, by_bought = rising(self._bought, r)
        quiet, by_r, by_alpha = self._tenures.quiet(r, alpha)
        return bought + quiet, np.array([by_bought + by_r, by_alpha])

    def depth(self, theta: Floats, cells: Cells) -> LogTerms:
        """(r + x) log((alpha + T) / (alpha + t_x))."""
        r, alpha = np.exp(theta).tolist()
        silence = (cells.T - cells.t_x) / (alpha + cells.t_x)
        grown, shape = np.log1p(silence), r + cells.x
        return LogTerms(shape * grown, (r * grown, -alpha * shape * silence / (alpha + cells.T)))

    def path(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """Powers r + x and scales alpha + t_x."""
        r, alpha = np.exp(theta).tolist()
        return r + cells.x, alpha + cells.t_x

    def bent(self, theta: Floats, cells: Cells, aged: Floats, by_age: Floats) -> tuple[Floats, ...]:
        """Means of log(1 + z / age) and z / (age + z)."""
        r, alpha = np.exp(theta).tolist()
        return -r * aged, (r + cells.x) * by_age * (alpha / (alpha + cells.t_x))

    def starts(self) -> list[Floats]:
        """By the moments of the NBD, and steadier."""
        x, weight = self._cells.x, self._cells.weight
        mean = float(np.average(x, weights=weight))
        spread = float(np.average((x - mean) ** 2, weights=weight))
        r = float(np.clip(mean * mean / max(spread - mean, 1e-3 * mean), 0.1, 10.0))
        return [np.log([r, r / mean]), np.log([2.0 * r, r / mean])]


class AllAlike:
    """One rate for all: purchases are a Poisson process."""

    names: ClassVar[tuple[str, ...]] = ("rate",)

    def __init__(self, cells: Cells) -> None:
        self._bought, self._time = dot(cells.weight, cells.x), dot(cells.weight, cells.T)

    def living(self, theta: Floats) -> tuple[float, Floats]:
        """Sum of x log(rate) - rate T."""
        expected = float(np.exp(theta[0])) * self._time
        return self._bought * float(theta[0]) - expected, np.array([self._bought - expected])

    def depth(self, theta: Floats, cells: Cells) -> LogTerms:
        """Rate times the silence."""
        depth: Floats = np.exp(theta[0]) * (cells.T - cells.t_x)
        return LogTerms(depth, (depth,))

    def path(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """As good as a decay by the exponential function."""
        return np.full(len(cells), FAR * np.exp(theta[0])), np.full(len(cells), FAR)

    def bent(self, theta: Floats, cells: Cells, aged: Floats, by_age: Floats) -> tuple[Floats, ...]:  # noqa: ARG002
        """Mean of z."""
        return (-FAR * np.exp(theta[0]) * aged,)

    def starts(self) -> list[Floats]:
        """If nobody left, and if half of the time had passed after leaving."""
        rate = float(np.log(self._bought / self._time))
        return [np.array([rate]), np.array([rate + float(np.log(2.0))])]
