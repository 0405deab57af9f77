"""How often a customer may be expected to buy and to visit, of late and over long."""

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
VISIT_GAPS: Final = (
    (Feature.VISIT_GAP_SHORT, Sum.VISITS_SHORT, Horizon.SHORT),
    (Feature.VISIT_GAP_MIDDLE, Sum.VISITS_MIDDLE, Horizon.MIDDLE),
    (Feature.VISIT_GAP_LONG, Sum.VISITS_LONG, Horizon.LONG),
)
# What is expected of whom nothing is known yet: half a visit in a fortnight, soon overruled.
PRIOR_VISITS, PRIOR_DAYS = 0.5, 14.0


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


def visits(matrix: Floats, states: States, now: Floats, windows: Floats) -> None:
    """Fill in days since the last visit and between visits to expect, in place.

    Who never visited has -1 days, and the prior's gaps: a history without visits says nothing by
    them, least of all how long it is. Gaps are as those of purchases, as of the last event.

    Args:
        matrix: features, shape (len(Feature), n), of which the rows in `VISIT_GAPS` and the days
            since the last visit are written.
        states: shape (n,).
        now: epoch seconds, shape (n,).
        windows: days that the sums stand for, shape (horizons, n).
    """
    sums, has_visited = states["sums"].T, np.isfinite(states["last_visit"])
    since = np.where(has_visited, states["last_visit"], now)
    days = np.maximum((now - since) / DAY, 0.0)
    matrix[Feature.DAYS_SINCE_VISIT] = np.where(has_visited, days, -1.0)
    for feature, column, horizon in VISIT_GAPS:
        visited = np.maximum(sums[column], 0.0)
        days = PRIOR_DAYS + np.where(has_visited, windows[horizon], 0.0)
        matrix[feature] = days / (PRIOR_VISITS + visited)
