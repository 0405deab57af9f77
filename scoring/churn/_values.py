"""How inputs come from features: element by element, so that batches leave no trace."""

from collections.abc import Callable
from typing import Final

import numpy as np

from scoring.arrays import Floats
from scoring.feature import Feature
from scoring.models import PurchaseModel

Value = Callable[[Floats, PurchaseModel], Floats]

SURE: Final = 1e-6  # probabilities are told no surer than this, so that log odds stay finite
LEAST_LEFT: Final = 1.0 / 256.0  # share of a silence's days below which no less is told
FAINT, STRONG = -8.0, 3.0  # between which the log of present against usual activity is told


def as_it_is(feature: Feature) -> Value:
    """The feature itself."""

    def value(matrix: Floats, _: PurchaseModel) -> Floats:
        same: Floats = matrix[feature].copy()
        return same

    return value


def logarithm(feature: Feature) -> Value:
    """Log of one more than the feature."""

    def value(matrix: Floats, _: PurchaseModel) -> Floats:
        logarithm: Floats = np.log1p(np.maximum(matrix[feature], 0.0))
        return logarithm

    return value


def against(now: Feature, then: Feature) -> Value:
    """Log of present over usual activity, 0, which says nothing, where there never was any."""

    def value(matrix: Floats, _: PurchaseModel) -> Floats:
        usual = matrix[then]
        known = usual > 0.0
        ratio = np.maximum(matrix[now], 0.0) / np.where(known, usual, 1.0)
        logarithm = np.log(np.clip(ratio, np.exp(FAINT), np.exp(STRONG)))
        return np.where(known, logarithm, 0.0)

    return value


def log_odds(probability: Floats) -> Floats:
    """Log odds of a probability told no surer than `SURE`, shape as given.

    >>> log_odds(np.array([0.5, 1.0])).round(3).tolist()
    [0.0, 13.816]
    """
    p = np.clip(probability, SURE, 1.0 - SURE)
    odds: Floats = np.log(p / (1.0 - p))
    return odds


def lapse(matrix: Floats, _: PurchaseModel) -> Floats:
    """Log odds that this silence reaches the days that count as leaving, by the purchase model."""
    return log_odds(matrix[Feature.P_LAPSE])


def remaining(matrix: Floats, _: PurchaseModel) -> Floats:
    """Log of all days that count over those that are left.

    At a steady rate of buying the log odds of none in so few rise by as much as the days shrink.
    """
    left = np.maximum(1.0 - matrix[Feature.SILENCE_SHARE], LEAST_LEFT)
    logarithm: Floats = -np.log(left)
    return logarithm


def gap(feature: Feature) -> Value:
    """Log of the days between purchases to expect by what is remembered."""

    def value(matrix: Floats, _: PurchaseModel) -> Floats:
        days: Floats = np.log(matrix[feature])
        return days

    return value


def usual_gap(matrix: Floats, purchases: PurchaseModel) -> Floats:
    """Log of the days between purchases to expect by all of a customer's history."""
    days = purchases.buying.gap(matrix[Feature.FREQUENCY], matrix[Feature.RECENCY])
    logarithm: Floats = np.log(days)
    return logarithm


def silence_in_late_gaps(matrix: Floats, _: PurchaseModel) -> Floats:
    """Silence over the gap to expect by the middle memory."""
    gaps: Floats = np.log1p(matrix[Feature.DAYS_SINCE_LAST] / matrix[Feature.GAP_MIDDLE])
    return gaps


def visit_silence(matrix: Floats, _: PurchaseModel) -> Floats:
    """Time since the last visit over the gap between visits to expect by the middle memory."""
    days = np.maximum(matrix[Feature.DAYS_SINCE_VISIT], 0.0)
    gaps: Floats = np.log1p(days / matrix[Feature.VISIT_GAP_MIDDLE])
    return gaps


def no_purchase(matrix: Floats, _: PurchaseModel) -> Floats:
    """Log odds of P(no purchase within the model's horizon)."""
    return log_odds(matrix[Feature.P_NO_PURCHASE])


def gone(matrix: Floats, _: PurchaseModel) -> Floats:
    """Log odds of 1 - P(alive)."""
    return log_odds(1.0 - matrix[Feature.P_ALIVE])


def silence_in_gaps(matrix: Floats, purchases: PurchaseModel) -> Floats:
    """Silence over the gap to expect: purchases come at a mean rate (r + x) / (alpha + t_x)."""
    rate = purchases.buying.mean(matrix[Feature.FREQUENCY], matrix[Feature.RECENCY])
    gaps: Floats = np.log1p(matrix[Feature.DAYS_SINCE_LAST] * rate)
    return gaps
