"""How well a score ranks: the area under the ROC curve, with intervals."""

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from scoring.arrays import Bools, Floats
from scoring.evaluation._checks import both_classes, numbers, outcomes

NORMAL_95: Final = 1.959963984540054


class Estimate(NamedTuple):
    """A figure with its standard error and 95% interval."""

    value: float
    error: float
    low: float
    high: float


def area_under_curve(
    scores: npt.ArrayLike, happened: npt.ArrayLike, customers: npt.ArrayLike | None = None
) -> Estimate:
    """Return the probability that who churned scores above who did not, ties counting half.

    The Mann-Whitney statistic with the variance of DeLong, DeLong and Clarke-Pearson 1988
    (Biometrics 44), by ranks in O(n log n) as Sun and Xu 2014 compute it. Where customers come
    several times, rows of one customer are summed before they are squared (Obuchowski 1997), which
    for rows all of different customers is DeLong's variance.

    Args:
        scores: shape (n,), in any unit; higher says more likely.
        happened: 0 or 1, shape (n,).
        customers: whole numbers, shape (n,), telling whose each row is; all differ by default.

    Raises:
        EvaluationError: not finite numbers, other lengths, or one outcome only.

    >>> area_under_curve([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).value
    0.75
    """
    vector = numbers("scores", scores)
    truth = outcomes("happened", happened, vector.size)
    area, pull = _area(vector, truth)
    return _estimate(area, _error(pull, customers), 0.0)


def area_gained(
    scores: npt.ArrayLike,
    others: npt.ArrayLike,
    happened: npt.ArrayLike,
    customers: npt.ArrayLike | None = None,
) -> Estimate:
    """Return by how much `scores` rank better than `others` rank the same rows, paired.

    Arguments and errors as for `area_under_curve`; the interval is that of the difference, whose
    error is smaller than the two areas' own since both saw the same customers.
    """
    vector, other = numbers("scores", scores), numbers("others", others)
    truth = outcomes("happened", happened, vector.size)
    area, pull = _area(vector, truth)
    other_area, other_pull = _area(other, outcomes("happened", happened, other.size))
    return _estimate(area - other_area, _error(pull - other_pull, customers), -1.0)


def _area(scores: Floats, truth: Bools) -> tuple[float, Floats]:
    """Return the area and each row's pull on it: squared and summed they are DeLong's variance."""
    yes, no = both_classes("happened", truth)
    above = np.empty(scores.size)  # share of the other class that the row ranks rightly against
    within = mid_ranks(scores)
    above[truth] = (within[truth] - mid_ranks(scores[truth])) / no
    above[~truth] = 1.0 - (within[~truth] - mid_ranks(scores[~truth])) / yes
    area = float(above[truth].mean())
    count = np.where(truth, yes, no)
    return area, (above - area) / np.sqrt(count * np.maximum(count - 1.0, 1.0))


def mid_ranks(values: Floats) -> Floats:
    """Return ranks from 1, tied values sharing the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    ranks: Floats = (ends - (count - 1) / 2.0)[place]
    return ranks


def _error(pull: Floats, customers: npt.ArrayLike | None) -> float:
    if customers is None:
        return math.sqrt(float(np.square(pull).sum()))
    _, place = np.unique(np.asarray(customers), return_inverse=True)
    return math.sqrt(float(np.square(np.bincount(place, pull)).sum()))


def _estimate(value: float, error: float, least: float) -> Estimate:
    low, high = value - NORMAL_95 * error, value + NORMAL_95 * error
    return Estimate(value, error, max(low, least), min(high, 1.0))
