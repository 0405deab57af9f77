"""The highest of several searches, scouted on a sample where the data are large."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np

from modelling.fit.likelihood.search.newton import BOX, Summit, climb, polished
from scoring.arrays import Floats

SAMPLE: Final = 1000  # customers
_LARGE: Final = 3 * SAMPLE  # cells
_SAME: Final = 1e-3  # log parameters this close are the same summit
_PULLED_IN: Final = 0.4 * BOX
_WORTH: Final = 1e-3  # of log-likelihood, by which a summit may be lower than a side of the box
_FLAT: Final = 1e-4  # least information on a log parameter: a standard error of e^100
_NOISE: Final = 1e-11  # of a curvature by central differences


class Likelihood(Protocol):
    """A log-likelihood per customer over log parameters."""

    customers: float

    def __len__(self) -> int: ...
    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Value and gradient at logarithms of the parameters, shape (k,)."""

    def thinned(self, customers: int) -> Self:
        """The same of so many of the customers, or all where there are fewer."""


@dataclass(frozen=True, slots=True)
class Found:
    """The highest summit and what it took to find it."""

    summit: Summit
    customers: float
    evaluations: int
    iterations: int
    starts: int

    @property
    def is_maximum(self) -> bool:
        """Whether the likelihood has curvature enough there to speak of a maximum."""
        least = max(_FLAT / self.customers, _NOISE)
        return self.summit.is_interior and float(self.summit.eigenvalues[0]) > least


def highest(likelihood: Likelihood, starts: Sequence[Floats]) -> Found:
    """Search from all starts, on large data in a sample of 1000 customers first.

    The sample's summits, with its curvature there, are so near those of all data that few steps
    remain. Only where the highest is no interior maximum, the others are followed too.
    """
    counted = _Counted(likelihood)
    if len(likelihood) > _LARGE:
        scouts = [climb(likelihood.thinned(SAMPLE), start) for start in starts]
        summits = _followed(counted, _distinct(scouts), likelihood.customers)
    else:
        scouts = []
        summits = [climb(counted, start) for start in starts]
    best = polished(counted, _best(summits, likelihood.customers))
    iterations = sum(summit.iterations for summit in summits)
    return Found(best, likelihood.customers, counted.evaluations, iterations, len(starts))


class _Counted:
    def __init__(self, likelihood: Likelihood) -> None:
        self._likelihood = likelihood
        self.evaluations = 0

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        self.evaluations += 1
        return self._likelihood(theta)


def _distinct(summits: Sequence[Summit]) -> list[Summit]:
    kept: list[Summit] = []
    for summit in sorted(summits, key=lambda summit: -summit.value):
        if all(np.abs(summit.theta - other.theta).max() > _SAME for other in kept):
            kept.append(summit)
    return kept


def _followed(objective: _Counted, scouts: Sequence[Summit], customers: float) -> list[Summit]:
    ranked = sorted(scouts, key=lambda scout: -objective(_pulled_in(scout))[0])
    summits: list[Summit] = []
    for scout in ranked:
        curvature = scout.curvature if scout.is_interior else None
        summits.append(climb(objective, _pulled_in(scout), curvature))
        if _best(summits, customers).is_interior:
            break
    return summits


def _pulled_in(scout: Summit) -> Floats:
    inside: Floats = np.clip(scout.theta, -_PULLED_IN, _PULLED_IN)
    return inside


def _best(summits: Sequence[Summit], customers: float) -> Summit:
    """Return the highest interior one unless another is really higher."""
    top = max(summits, key=lambda summit: summit.value)
    close = top.value - _WORTH / customers
    inner = [summit for summit in summits if summit.is_interior and summit.value >= close]
    return max(inner, key=lambda summit: summit.value, default=top)
