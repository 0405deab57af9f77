"""How often a customer may be expected to buy, by what is remembered of late and over long."""

from typing import Final

import numpy as np

from scoring.arrays import DAY, Floats, Horizon
from scoring.facts.state import States, Sum
from scoring.feature import Feature
from scoring.model import ScoringModel

LATELY: Final = np.uint64(2**28 - 1)  # bits of the four weeks up to the last purchase day
GAPS: Final = (
    (Feature.GAP_SHORT, Sum.COUNT_SHORT, Horizon.SHORT),
    (Feature.GAP_MIDDLE, Sum.COUNT_MIDDLE, Horizon.MIDDLE),
    (Feature.GAP_LONG, Sum.COUNT_LONG, Horizon.LONG),
)


def observed(states: States) -> Floats:
    """Days from a customer's first event to the last, shape (n,)."""
    days: Floats = np.maximum((states["last_event"] - states["first_event"]) / DAY, 0.0)
    return days


def windows(states: States, model: ScoringModel) -> Floats:
    """Days of activity that the decayed sums stand for as of the last event.

    Returns:
        Shape (horizons, n), in the order of `Horizon`.
    """
    days = observed(states)
    return np.stack([model.memory.windows(days, horizon) for horizon in Horizon])


def rhythm(matrix: Floats, states: States, model: ScoringModel, windows: Floats) -> None:
    """Fill in days between purchases to expect, and late purchase days, in place.

    A gap is the purchase model's prior, its rates of buying, updated by a decayed
    count and the window it stands for. As of the last event: silence has measures of its own.

    Args:
        matrix: features, shape (len(Feature), n), of which the rows in `GAPS` and the late days
            are written.
        states: shape (n,).
        model: whose prior it is.
        windows: days that the sums stand for, shape (horizons, n).
    """
    sums, prior = states["sums"].T, model.purchases.buying
    for feature, column, horizon in GAPS:
        window, bought = windows[horizon], np.maximum(sums[column], 0.0)
        matrix[feature] = prior.gap(bought, window)
    matrix[Feature.DAYS_LATELY] = np.bitwise_count(states["day_bits"] & LATELY)
