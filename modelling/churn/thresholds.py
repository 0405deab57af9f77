"""Where the bands begin: by the historic churn rate, or by a budget of warnings a day."""

from typing import Final, NamedTuple

import numpy as np

from modelling.churn.regression.logistic import ChurnFitError
from scoring.arrays import Bools, Floats

HIGH_SHARE: Final = 0.5  # of what band middle and above may hold, the share for band high


class Thresholds(NamedTuple):
    """Risks at which bands begin, middle <= high."""

    middle: float
    high: float


def by_rate(risks: Floats, churn_rate: float) -> Thresholds:
    """Flag as large a share of the customers as was lost in the past, half of them in band high.

    With risks that are calibrated and sharp this flags those who leave. Ties at a threshold are
    flagged.

    Args:
        risks: of the customers of today or of the past, shape (n,).
        churn_rate: historic share lost within the horizon, above 0 and below 1.

    Raises:
        ChurnFitError: no customers, or a rate that is none.

    >>> by_rate(np.array([0.1, 0.2, 0.3, 0.4]), 0.5)
    Thresholds(middle=0.3, high=0.4)
    """
    if not 0.0 < churn_rate < 1.0:
        raise ChurnFitError(where="churn rate", expected="above 0 and below 1", got=churn_rate)
    falling = _some(np.sort(risks)[::-1])
    return Thresholds(*(_flagging(falling, share * churn_rate) for share in (1.0, HIGH_SHARE)))


def by_budget(risks: Floats, days: Floats, warnings_per_day: float) -> Thresholds:
    """Take the lowest thresholds that keep the warnings within a budget, half of it for band high.

    A warning is a customer at or above the threshold who at the date before was below it, or was
    not known. Between dates a customer may cross more often than this sees, so dates should lie no
    further apart than risks take to move, such as a week.

    Args:
        risks: shape (dates, n), nan where the customer is not known, two dates at least.
        days: of the dates, rising, shape (dates,).
        warnings_per_day: to spend on average over the dates, > 0.

    Raises:
        ChurnFitError: no customers, fewer than two dates, or a budget that is none.

    >>> risks = np.array([[0.1, 0.1, 0.1], [0.6, 0.4, 0.1], [0.6, 0.9, 0.3]])
    >>> by_budget(risks, np.array([0.0, 1.0, 2.0]), warnings_per_day=1.0)
    Thresholds(middle=0.4, high=0.9)
    """
    if not warnings_per_day > 0.0:
        raise ChurnFitError(where="budget", expected="above 0 a day", got=warnings_per_day)
    if len(days) < 2:  # noqa: PLR2004 - a crossing needs a before and an after
        raise ChurnFitError(where="dates", expected="two or more", got=len(days))
    known = np.where(np.isnan(risks), -np.inf, risks)
    before, after = known[:-1].ravel(), known[1:].ravel()
    crossing = after > before
    budget = warnings_per_day * float(days[-1] - days[0])
    spent = (_affording(before, after, crossing, part * budget) for part in (1.0, HIGH_SHARE))
    return Thresholds(*spent)


def _some(values: Floats) -> Floats:
    if not values.size:
        raise ChurnFitError(where="thresholds", expected="customers with a risk", got="none")
    return values


def _flagging(falling: Floats, share: float) -> float:
    count = max(round(share * falling.size), 1)
    return float(falling[count - 1])


def _affording(before: Floats, after: Floats, crossing: Bools, budget: float) -> float:
    """Return the lowest threshold at and above which no threshold is crossed more often."""
    candidates = _some(np.unique(after[np.isfinite(after)]))
    # A threshold is crossed by those who end at or above it less those who began there.
    ended = np.searchsorted(np.sort(after[crossing]), candidates, side="left")
    began = np.searchsorted(np.sort(before[crossing]), candidates, side="left")
    dear = np.flatnonzero(began - ended > budget)
    if not dear.size:
        return float(candidates[0])
    if dear[-1] + 1 < candidates.size:
        return float(candidates[dear[-1] + 1])
    return float((candidates[-1] + 1.0) / 2.0)
