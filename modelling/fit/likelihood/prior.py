"""A weak prior on what parameters mean: shapes, rates and shares that people can judge.

Each belief is normal on a logarithm, told by its median and its standard deviation there: one of 2
says within a factor of 50 either way with 95% confidence. The scales are a day and the data's own
mean spend, so that neither the unit of time nor that of money matters.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self

import numpy as np

from modelling.fit.likelihood.search.highest import Likelihood
from scoring.arrays import Floats


class Belief(NamedTuple):
    """What is believed of one quantity.

    Attributes:
        median: Of it; rates per day.
        log_sd: Standard deviation of its logarithm.
        per_day: Whether it is a rate.
    """

    median: float
    log_sd: float
    per_day: bool = False


_BUYING: Final = {"r": Belief(1.0, 1.5), "r / alpha": Belief(1.0 / 30.0, 2.0, per_day=True)}
_COIN: Final = {"a / b": Belief(0.05, 2.0), "a + b": Belief(3.0, 1.5)}
BELIEFS: Final = MappingProxyType(
    {
        "bgnbd": {**_BUYING, **_COIN},
        "mbgnbd": {**_BUYING, **_COIN},
        "paretonbd": {
            **_BUYING,
            "s": Belief(1.0, 1.5),
            "s / beta": Belief(1.0 / 730.0, 2.0, per_day=True),
        },
        # In the mean of the data; q has to be above 1.
        "gammagamma": {
            "p": Belief(3.0, 1.5),
            "q": Belief(4.0, 0.75),
            "p v / q": Belief(1.0, 2.0),
        },
    }
)


def _buying_and_coin(theta: Floats) -> tuple[Floats, Floats]:
    r, alpha, a, b = theta.tolist()
    share = 1.0 / (1.0 + np.exp(b - a))
    told = np.array([r, r - alpha, a - b, np.logaddexp(a, b)])
    rows = [[1, 0, 0, 0], [1, -1, 0, 0], [0, 0, 1, -1], [0, 0, share, 1.0 - share]]
    return told, np.array(rows, np.float64)


def _linear(rows: list[list[int]]) -> Callable[[Floats], tuple[Floats, Floats]]:
    matrix = np.array(rows, np.float64)
    return lambda theta: (matrix @ theta, matrix)


_TOLD: Final[MappingProxyType[str, Callable[[Floats], tuple[Floats, Floats]]]] = MappingProxyType(
    {
        "bgnbd": _buying_and_coin,
        "mbgnbd": _buying_and_coin,
        "paretonbd": _linear([[1, 0, 0, 0], [1, -1, 0, 0], [0, 0, 1, 0], [0, 0, 1, -1]]),
        "gammagamma": _linear([[1, 0, 0], [0, 1, 0], [1, -1, 1]]),
    }
)


@dataclass(frozen=True, slots=True)
class WeakPrior:
    """The beliefs about a model, over the log parameters of a search.

    Args:
        model: Which one.
        day: A day, in the search's unit of time.
    """

    model: str
    day: float = 1.0

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Return the log density, with all constants, and its gradient."""
        told, slopes = _TOLD[self.model](theta)
        beliefs = BELIEFS[self.model].values()
        centre = np.log([b.median / (self.day if b.per_day else 1.0) for b in beliefs])
        sd = np.array([belief.log_sd for belief in beliefs])
        off = (told - centre) / sd
        constant = float(np.log(sd * np.sqrt(2.0 * np.pi)).sum())
        return float(-0.5 * off @ off) - constant, -slopes.T @ (off / sd)

    def told(self) -> dict[str, dict[str, Any]]:
        """As it stands in a parameter file."""
        return {
            name: {"median": belief.median, "log_sd": belief.log_sd, "per_day": belief.per_day}
            for name, belief in BELIEFS[self.model].items()
        }


class Posterior:
    """A likelihood with a prior: the sum of both logs, per customer."""

    def __init__(self, likelihood: Likelihood, prior: WeakPrior) -> None:
        self.likelihood, self.prior = likelihood, prior
        self.customers = likelihood.customers

    def __len__(self) -> int:
        return len(self.likelihood)

    def thinned(self, customers: int) -> Self:
        """Return that of a sample, in which the prior weighs more."""
        return type(self)(self.likelihood.thinned(customers), self.prior)

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Return the value per customer and its gradient at log parameters."""
        value, slopes = self.likelihood(theta)
        own, by_own = self.prior(theta)
        return value + own / self.customers, slopes + by_own / self.customers
