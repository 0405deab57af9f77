"""Declines of spend, card use and visits, as far as they are more than chance."""

from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Floats, Horizon
from scoring.facts.state import States, Sum
from scoring.feature import Feature
from scoring.features.rhythm import observed, windows
from scoring.model import ScoringModel

MONTH: Final = 30.0  # days, the unit rates are told in
VISITS_LEAST: Final = 1e-6
PROOF: Final = 2.0  # standard errors a decline must exceed noise by before it counts


class Decline(NamedTuple):
    """How one decline is measured, and where it is told.

    Attributes:
        sums: the long and the short sum, and the long sum of squares.
        features: the usual rate, the present one, and the decline that they prove.
        least: expectation below which nothing is proven, in the sums' unit.
    """

    sums: tuple[Sum, Sum, Sum]
    features: tuple[Feature, Feature, Feature]
    least: float


DECLINES: Final = (
    Decline(
        (Sum.SPEND_LONG, Sum.SPEND_SHORT, Sum.SPEND_SQUARED_LONG),
        (Feature.SPEND_THEN, Feature.SPEND_NOW, Feature.SPEND_DECLINE),
        least=1.0,
    ),
    Decline(
        (Sum.COUNT_LONG, Sum.COUNT_SHORT, Sum.COUNT_LONG),
        (Feature.USE_THEN, Feature.USE_NOW, Feature.USE_DECLINE),
        least=1e-6,
    ),
    Decline(
        (Sum.VISITS_LONG, Sum.VISITS_SHORT, Sum.VISITS_LONG),
        (Feature.VISITS_THEN, Feature.VISITS_NOW, Feature.VISITS_DECLINE),
        least=VISITS_LEAST,
    ),
)


def declines(matrix: Floats, states: States, model: ScoringModel, remembered: Floats) -> None:
    """Fill in the declines as of the last event, in place: silence has measures of its own.

    Args:
        matrix: features, shape (len(Feature), n), of which the rows in `DECLINES` are written.
        states: shape (n,).
        model: how fast sums are forgotten.
        remembered: days that the sums stand for, shape (horizons, n).
    """
    sums = states["sums"].T
    short, long = remembered[Horizon.SHORT], remembered[Horizon.LONG]
    spread = model.memory.squared_window(observed(states))
    for of in DECLINES:
        usual, lately, squares = (sums[column] for column in of.sums)
        then, now, proven = of.features
        matrix[then], matrix[now] = MONTH * usual / long, MONTH * lately / short
        matrix[proven] = _proven((lately, usual, squares), remembered, spread, of.least)


def visits_decline(lately: Floats, usual: Floats, states: States, model: ScoringModel) -> Floats:
    """The decline that short and long sums of visits prove, as of the last event, shape (..., n).

    It is `declines`'s, of visits of one sort.
    """
    spread = model.memory.squared_window(observed(states))
    return _proven((lately, usual, usual), windows(states, model), spread, VISITS_LEAST)


def _proven(
    sums: tuple[Floats, Floats, Floats], remembered: Floats, spread: Floats, least: float
) -> Floats:
    """`proven_decline` of short, long and squared sums, by the days that they stand for."""
    lately, usual, squares = sums
    short, long = remembered[Horizon.SHORT], remembered[Horizon.LONG]
    noise = np.sqrt(np.maximum(squares, 0.0) / long * spread)
    return proven_decline(lately, usual / long * short, noise, least)


def proven_decline(now: Floats, expected: Floats, noise: Floats, least: float) -> Floats:
    """The least decline, 0 to 1, that the recent sum proves against the customer's own rhythm.

    Under a compound Poisson process of the long-run rate, a decayed sum has the mean `expected` and
    the standard deviation `noise` (Campbell's theorem). The decline counts only so far as it
    exceeds `PROOF` standard deviations; thin history, whose noise is as large as its mean, proves
    nothing, nor does an expectation below `least`, which is but rounding's residue.
    """
    known = expected > least
    scale = np.where(known, expected, 1.0)
    decline = 1.0 - (now + PROOF * noise) / scale
    return np.where(known, np.clip(decline, 0.0, 1.0), 0.0)
