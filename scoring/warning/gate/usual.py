"""How many events of a stream are usual in an hour of the week: learnt, and never overstated.

An hour's count moves the mean of its hour of the week by an eighth at most (exponentially weighted,
after as many weeks evenly), and one far from it counts as four times or a quarter of it, so that
neither a holiday nor the hours of an outage before it was noticed teach much. Hours in which a
stream is held teach nothing.

What may be expected is less: the 5% quantile of what the rate may be, by the posterior of a Poisson
rate under Jeffreys' prior (normal approximation; Gelman and others 2013, "Bayesian Data Analysis",
section 2.6), and the least of the hour and both beside it, since clocks are put forward and back
and a feed may be an hour off. Hours known from fewer than two weeks expect nothing.
"""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import Floats, Ints
from scoring.warning.gate.state import WEEK

FEW: Final = 2  # weeks
MOST: Final = 8  # weeks that count
FAR: Final = 4.0
SOME: Final = 8.0  # events, by which a mean of nothing may grow at once
UNEXPECTED: Final = 0.6  # a mean of which nothing is expected, however many weeks it is known from
QUANTILE: Final = 1.6449  # standard deviations below the mean: 5%


def hour_of_week(hour: int) -> int:
    """Hour of the week, of a number of hours since 1970; in UTC."""
    return hour % WEEK


def learn(mean: float, weeks: int, count: int) -> tuple[float, int]:
    """The mean of an hour of the week after another week of it, and weeks it now stands for.

    >>> learn(100.0, 8, 0)  # a quarter counted for nothing
    (90.625, 8)
    """
    told = float(count)
    if weeks >= FEW:
        told = min(max(told, mean / FAR), FAR * mean + SOME)
    return mean + (told - mean) / (min(weeks, MOST - 1) + 1), min(weeks + 1, MOST)


class Usual:
    """What is learnt of each stream and hour of the week, as plain numbers.

    Args:
        learnt: dtype `LEARNT`.
    """

    def __init__(self, learnt: NDArray[np.void]) -> None:
        self._learnt = learnt
        self._mean: list[list[float]] | None = None
        self._weeks: list[list[int]] = []

    def learn(self, stream: int, week: int, count: int) -> None:
        """Learn from an hour of the week in which so many events came."""
        mean, weeks = self._numbers()
        told, known = learn(mean[stream][week], weeks[stream][week], count)
        mean[stream][week], weeks[stream][week] = float(np.float32(told)), known

    def forget(self, stream: int) -> None:
        """Learn a stream anew."""
        mean, weeks = self._numbers()
        mean[stream], weeks[stream] = [0.0] * WEEK, [0] * WEEK

    def expected(self, stream: int, week: int) -> float:
        """How many events an hour of the week brings, at the least."""
        mean, weeks = self._numbers()
        return expected(mean[stream], weeks[stream], week)

    def mean_of(self, streams: Sequence[int], week: int) -> float:
        """How many events some streams bring together in an hour; NaN where that is not learnt."""
        mean, weeks = self._numbers()
        if not streams or not all(weeks[stream][week] for stream in streams):
            return float("nan")
        return sum(mean[stream][week] for stream in streams)

    def means_of(self, streams: Sequence[int], weeks: Ints) -> Floats:
        """As `mean_of`, for distinct hours of the week, shape (n,)."""
        return np.array([self.mean_of(streams, week) for week in weeks.tolist()])

    def learn_nothing(self, stream: int, weeks: Ints) -> None:
        """Learn from distinct hours of the week in which nothing came, as one by one."""
        mean, known = self._numbers()
        for week in weeks.tolist():
            told, known[stream][week] = learn(mean[stream][week], known[stream][week], 0)
            mean[stream][week] = float(np.float32(told))

    def unexpected(self, streams: Sequence[int], week: int, most: int) -> int:
        """For how many hours from one of the week on nothing can come to be expected of streams."""
        for stream in streams:
            mean = self._numbers()[0][stream]
            for hours in range(most):
                if all(mean[at] > UNEXPECTED for at in _near(week + hours)):
                    most = hours
                    break
        return most

    def keep(self, learnt: NDArray[np.void]) -> None:
        """Write it down, in place."""
        learnt["mean"], learnt["weeks"] = self._numbers()

    def _numbers(self) -> tuple[list[list[float]], list[list[int]]]:
        if self._mean is None:
            self._mean, self._weeks = self._learnt["mean"].tolist(), self._learnt["weeks"].tolist()
        return self._mean, self._weeks


def expected(mean: Sequence[float], weeks: Sequence[int], hour: int) -> float:
    """How many events an hour brings, at the least.

    Args:
        mean: by hour of the week.
        weeks: that each is known from.
        hour: of the week.
    """
    return min(_least(float(mean[at]), int(weeks[at])) for at in _near(hour))


def _near(hour: int) -> tuple[int, int, int]:
    """An hour of the week and both beside it."""
    return hour % WEEK, (hour - 1) % WEEK, (hour + 1) % WEEK


def _least(mean: float, weeks: int) -> float:
    if weeks < FEW:
        return 0.0
    return max(mean - QUANTILE * sqrt((mean + 0.5) / weeks), 0.0)
