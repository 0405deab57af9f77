"""Plain rules, as anyone could run them by a query: when each would warn, from strict to loose."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from modelling.backtest.rivals.habits import (
    Begun,
    KnownHabits,
    days_until,
    month_after,
    quintiles,
)
from scoring.arrays import NEVER, Floats
from scoring.facts.calendar import BookCalendar

POINTS: Final = 100
LEAST: Final = (0.001, 0.004)  # of N: shorter than any point of the grid
SHORTEST_GAP: Final = 1 / 32  # of an own mean gap, the shortest silence tried
SHORTEST_MONTH: Final = 28.0  # days
TOTALS: Final = (6.0, 5.0, 4.0, 3.0)
QUINTILES: Final = (0.2, 0.4, 0.6, 0.8)
LOWEST: Final = 2.0  # a total of quintiles that nobody has


@dataclass(frozen=True)
class PlainRule:
    """A plain rule with one figure to choose.

    Attributes:
        kind: what it is called without its figure.
        name: how it is told with it, a format of one number.
        grid: figures from the one that warns first to the one that warns last.
        since: days into each silence after which the rule with some figure warns, inf for never,
            never less in a figure further on; shape (n,).
        is_stepwise: whether only the grid's figures have a meaning.
    """

    kind: str
    name: str
    grid: Floats
    since: Callable[[float], Floats]
    is_stepwise: bool = False

    def called(self, at: float) -> str:
        """The rule with a figure, for people.

        >>> rule = PlainRule("silent", "silent for {:.1f} days", np.array([1.0]), np.atleast_1d)
        >>> rule.called(37.25)
        'silent for 37.2 days'
        """
        return self.name.format(at)


def plain_rules(
    known: KnownHabits, start: float, days: float, calendar: BookCalendar
) -> tuple[PlainRule, ...]:
    """The plain rules, `silent for D days` first.

    Nothing they rest on is taken from the period: not the usual gap, nor a quintile's cut points.

    Args:
        known: as each of n silences began that the period decides.
        start: of the period, epoch seconds.
        days: N.
        calendar: of the books.
    """
    begun = known.begun
    return (
        _silent(len(begun.start), days),
        _own_gaps(begun.own_gaps(known.usual_gap(days)), days),
        *_quintiles(begun, known.base, start),
        _months(begun, days, calendar),
    )


def _silent(count: int, days: float) -> PlainRule:
    """Warn whoever has bought nothing for D days."""
    shares = np.concatenate([LEAST, np.arange(1, POINTS + 1) / POINTS])
    grid, name = shares * days, "silent for {:.3g} days"
    return PlainRule("silent for D days", name, grid, lambda long: np.full(count, long))


def _own_gaps(own: Floats, days: float) -> PlainRule:
    """Warn whoever has bought nothing for k times the own mean gap between purchase days.

    Of whom fewer than two gaps are known, the usual gap of all customers counts instead.
    """
    longest = days / own.min(initial=days)
    grid = np.geomspace(SHORTEST_GAP, longest, POINTS)
    name = "silent for {:.3g} own mean gaps"
    return PlainRule("silent for k own mean gaps", name, grid, lambda times: times * own)


def _quintiles(begun: Begun, base: Begun, instant: float) -> tuple[PlainRule, ...]:
    """Warn whoever falls to a total of RFM quintiles, at most so high; none if nobody is known.

    Recency is by days since the last purchase (5 for the fewest), frequency by repeat purchase
    days, monetary value by the mean value of one. Cut points are those of customers who are not
    lost as the period begins. As the total just after a purchase is at least 7, totals up to 6
    are entered in silence alone, and once in each.
    """
    if not len(base.start):
        return ()
    fixed = np.zeros(len(begun.start), np.int64)
    for values, of_base in ((begun.gaps, base.gaps), (begun.value, base.value)):
        cuts = np.quantile(of_base.astype(np.float64), QUINTILES)
        fixed += quintiles(values.astype(np.float64), cuts)
    silent = np.quantile(days_until(np.full(len(base.start), instant), base.start), QUINTILES)
    # Days of silence from which on recency is at most 0 (never), 1, 2, 3 or 4.
    falls = np.array([NEVER, *silent[::-1]])

    def since(total: float) -> Floats:
        left = np.clip(round(total) - fixed, 0, len(falls) - 1)
        return falls[left]

    grid = np.array([*TOTALS, LOWEST])
    kind, name = "RFM quintiles", "RFM quintiles of at most {:.2f} together"
    return (PlainRule(kind, name, grid, since, is_stepwise=True),)


def _months(begun: Begun, days: float, calendar: BookCalendar) -> PlainRule:
    """Warn at a month's end whoever bought nothing in it, or in so many in a row."""
    day, start = begun.day, begun.start

    def after(months: int) -> Floats:
        return days_until(month_after(day, months, calendar), start)

    longest = math.ceil(days / SHORTEST_MONTH)
    ends = [since for since in map(after, range(1, longest + 1)) if (since < days).any()]
    ends.append(np.full(len(start), NEVER))
    grid = np.arange(1.0, len(ends) + 1)
    kind, name = "no purchase in the calendar month", "no purchase in {:.2f} calendar months"
    return PlainRule(kind, name, grid, lambda months: ends[round(months) - 1], is_stepwise=True)
