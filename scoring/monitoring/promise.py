"""Whether warnings keep the precision they were promised to have, told by betting against it.

A gambler who starts with 1 bets on every outcome that the warning is wrong, at odds that are fair
if exactly the promised share p0 of the warnings is right: a churned customer multiplies the wealth
by 1 - c and one who stayed by 1 + c p0 / (1 - p0), which is 1 + lambda (p0 - y) at the bet
lambda = c / (1 - p0) (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables
by betting"). As long as each warning is right with probability p0 or more, given all outcomes told
before it, wealth is no more than 1 in expectation, whenever one looks, and by Ville's inequality it
ever reaches 1 / alpha with probability alpha at most. Wealth is evidence (Shafer 2021, "Testing by
betting"). The mean over gamblers who bet differently is evidence too, so there is nothing to tune.

Who has bet since the start has lost nearly all by the time that the promise breaks. So every week
a new gambler starts, and what they own together is watched: the Shiryaev-Roberts e-detector of
Shin, Ramdas and Rinaldo (2024), "E-detectors". Less the number of those who started it is a
supermartingale, so that while the promise holds it takes 1 / alpha weeks or more on average until
they own 1 / alpha, and within n weeks they ever do with probability n alpha at most.

Wealth is a product: counts by week are all it depends on, in whatever order outcomes came.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from scoring import ScoringError
from scoring.arrays import Floats, Ints
from scoring.monitoring.tallies import CHURNED, STAYED
from scoring.parameters.promise import Promise

# Shares c of what a gambler owns: small ones find small losses, slowly.
BETS: Final = 0.9 * 2.0 ** (-0.5 * np.arange(10))
STEPS: Final = 50  # halvings between 0 and 1: finer than any figure that is told


class PromiseError(ScoringError):
    """Outcomes or a promise that cannot be judged."""


class Evidence(NamedTuple):
    """What outcomes say of a promise.

    Attributes:
        lately: log10 of the e-detector; from -log10(alpha) on the promise is broken.
        lifetime: log10 of the wealth of who has bet since the first outcome.
        lower: Highest precision that lately was exceeded, by the same measure of proof; 0 to 1.
        upper: Lowest precision that lately was missed; the promise is broken where it is above.
    """

    lately: float
    lifetime: float
    lower: float
    upper: float

    @classmethod
    def of(cls, counts: Ints, promise: Promise) -> "Evidence":
        """Judge.

        Args:
            counts: Outcomes of warnings `[stayed, churned]`, by week, at least one in each; shape
                (weeks, 2).
            promise: What was promised.

        Raises:
            PromiseError: There are none, or these are no counts.
        """
        lower, upper = precision_bounds(counts, promise.alpha)
        lately = log_detector(counts, promise.precision) / math.log(10.0)
        lifetime = log_wealth(counts, promise.precision) / math.log(10.0)
        return cls(lately, lifetime, lower, upper)


def log_wealth(counts: Ints, precision: float) -> float:
    """Natural log of the test martingale against "precision is at least so much".

    Args:
        counts: As in `Evidence.of`; how they are cut into weeks does not matter.
        precision: Above 0 and below 1.

    Raises:
        PromiseError: There are no counts, or the precision is outside.

    >>> round(log_wealth(np.array([[90, 10]]), 0.4), 1)  # ten of a hundred were right, not forty
    19.5
    """
    return _mean(_log_owned(_checked(counts), _within("precision", precision))[:1])


def log_detector(counts: Ints, precision: float) -> float:
    """Natural log of the e-detector against "precision is at least so much".

    Args:
        counts: As in `Evidence.of`.
        precision: Above 0 and below 1.

    Raises:
        PromiseError: There are no counts, or the precision is outside.

    >>> weeks = np.array([[200, 800], [90, 10]])  # good, then bad
    >>> log_wealth(weeks, 0.4) < 0.0 < log_detector(weeks, 0.4)
    True
    """
    return _mean(_log_owned(_checked(counts), _within("precision", precision)))


def precision_bounds(counts: Ints, alpha: float) -> tuple[float, float]:
    """Which precisions the recent outcomes leave standing: lower and upper bound, 0 to 1.

    Each side errs as seldom as the e-detector, whenever one looks: as long as no warning's
    probability of being right was below p, the upper bound falls below p once in 1 / alpha weeks at
    most, on average. After a change the two may cross: it was once above, and once below.

    Args:
        counts: As in `Evidence.of`.
        alpha: Above 0 and below 1.

    Raises:
        PromiseError: There are no counts, or alpha is outside.
    """
    checked, limit = _checked(counts), -math.log(_within("alpha", alpha))
    return 1.0 - _least_missed(checked[:, ::-1], limit), _least_missed(checked, limit)


def _least_missed(counts: Ints, limit: float) -> float:
    """Lowest precision against which the evidence, which rises with it, is at the limit."""
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        if _mean(_log_owned(counts, middle)) >= limit:
            high = middle
        else:
            low = middle
    return high


def _log_owned(counts: Ints, precision: float) -> Floats:
    """Log of what they own who started in each week, by bet, shape (weeks, bets)."""
    factors = np.array([np.log1p(BETS * (precision / (1.0 - precision))), np.log1p(-BETS)])
    won = counts[:, [STAYED]] * factors[STAYED] + counts[:, [CHURNED]] * factors[CHURNED]
    return np.cumsum(won[::-1], axis=0)[::-1]


def _mean(log_owned: Floats) -> float:
    """Log of the mean over bets of what all who started own, without leaving the logs."""
    return float(np.logaddexp.reduce(log_owned, axis=None)) - math.log(len(BETS))


def _checked(counts: Ints) -> Ints:
    if counts.ndim != 2 or counts.shape[1] != 2 or counts.dtype.kind not in "iu":  # noqa: PLR2004
        got = f"{counts.dtype} {counts.shape}"
        raise PromiseError(where="outcomes", expected="whole numbers, shape (weeks, 2)", got=got)
    if not len(counts) or (counts < 0).any() or not counts.any(axis=1).all():
        expected = "counts of stayed and churned, one outcome a week at least"
        raise PromiseError(where="outcomes", expected=expected, got=str(counts.tolist())[:100])
    return counts


def _within(where: str, value: float) -> float:
    if not 0.0 < value < 1.0:
        raise PromiseError(where=where, expected="above 0 and below 1", got=value)
    return value
