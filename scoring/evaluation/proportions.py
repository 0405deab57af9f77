"""Shares of counts and their intervals: how sure a precision, or what acting is worth, is."""

import math
from statistics import NormalDist
from typing import Final, NamedTuple

from scoring.evaluation._checks import EvaluationError

CONFIDENCE: Final = 0.95


class Bounded(NamedTuple):
    """A share, or a difference of two, with its interval.

    Attributes:
        value: as counted; nan where there was nothing to count.
        lower: end of the interval.
        upper: end of the interval.
    """

    value: float
    lower: float
    upper: float


def wilson(count: int, of: int, confidence: float = CONFIDENCE) -> Bounded:
    """Bounded of a count with Wilson's score interval, which stays within 0 to 1.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference".

    Args:
        count: how many of them, 0 to `of`.
        of: how many there were; of none nothing is known, and the interval is 0 to 1.
        confidence: of the interval, both sides together, above 0 and below 1.

    Raises:
        EvaluationError: these are no counts.

    >>> [round(bound, 4) for bound in wilson(15, 148)]  # Newcombe 1998a, table I: .0624, .1605
    [0.1014, 0.0624, 0.1605]
    """
    if not 0 <= count <= of:
        raise EvaluationError(where="count", expected=f"0 to {of}", got=count)
    if not of:
        return Bounded(math.nan, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + 0.5 * confidence)
    share, spread = count / of, z * z / of
    middle = share + 0.5 * spread
    half = math.sqrt(spread * (share * (1.0 - share) + 0.25 * spread))
    lower, upper = ((middle + side * half) / (1.0 + spread) for side in (-1.0, 1.0))
    return Bounded(share, max(lower, 0.0) if count else 0.0, min(upper, 1.0) if count < of else 1.0)


def newcombe(
    first: tuple[int, int], second: tuple[int, int], confidence: float = CONFIDENCE
) -> Bounded:
    """Difference of two shares with Newcombe's hybrid score interval.

    Newcombe (1998), "Interval estimation for the difference between independent proportions",
    method 10: each end is as far from the difference as Wilson's ends are from their shares.

    Args:
        first: how many, and of how many.
        second: likewise; its share is taken from the first one's.
        confidence: of the interval, both sides together.

    Returns:
        The difference; nan, and -1 to 1, where one of them is of none.

    Raises:
        EvaluationError: these are no counts.

    >>> [round(bound, 4) for bound in newcombe((56, 70), (48, 80))]  # Newcombe's example (a)
    [0.2, 0.0524, 0.3339]
    """
    one, other = wilson(*first, confidence), wilson(*second, confidence)
    if not (first[1] and second[1]):
        return Bounded(math.nan, -1.0, 1.0)
    difference = one.value - other.value
    below = math.hypot(one.value - one.lower, other.upper - other.value)
    above = math.hypot(one.upper - one.value, other.value - other.lower)
    return Bounded(difference, difference - below, difference + above)
