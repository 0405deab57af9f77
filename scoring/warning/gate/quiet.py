"""Telling a feed that fell quiet from one that is only slow, and when it is back.

A CUSUM of Poisson counts (Page 1954; Lucas 1985, "Counted data CUSUM's", Technometrics 27): every
look adds the logarithm of how much likelier its count is where the feed brings a fiftieth of what
is expected than where it brings a quarter, as it may on a holiday; below nothing it is nothing. So
it rises only while less than about an eleventh of the expected comes. Above a threshold h it is
believed: by Lorden 1971 (Ann. Math. Stat. 42) that happens by chance once in e^h looks at most
often. With h = 16 that is 84 years; a stream that brings nothing reaches it 70 expected events
after it stopped. Feeds that come in bundles rise higher and fall again by themselves: twice what a
stream lately used to rise is believed, where that is more.
"""

from math import log
from typing import Final

ALIVE, DEAD = 0.25, 0.02  # of what is expected
DRIFT: Final = ALIVE - DEAD
WEIGHT: Final = log(ALIVE / DEAD)
BELIEVED: Final = 16.0
TIMES: Final = 2.0  # what it used to rise
FORGETS: Final = 0.8  # a week, of how far it used to rise


def risen(excess: float, expected: float, count: int) -> float:
    """The evidence of quiet after a look.

    Args:
        excess: before it.
        expected: events, at the least.
        count: events that came.

    >>> round(risen(0.0, 70.0, 0), 1), risen(0.0, 70.0, 7)
    (16.1, 0.0)
    """
    return max(excess + DRIFT * expected - WEIGHT * count, 0.0)


def is_slow(expected: float, count: int) -> bool:
    """Whether a look is evidence of quiet; where none was before, others leave it at nothing."""
    return DRIFT * expected > WEIGHT * count


def threshold(used_to: float) -> float:
    """The evidence at which quiet is believed of a stream that used to rise so far."""
    return max(BELIEVED, TIMES * used_to)
