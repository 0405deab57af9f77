"""The days of a simulation, and how card use goes by them."""

from typing import Final, NamedTuple

import numpy as np

from modelling.simulation.figures import CardFigures
from modelling.simulation.plan import SimulationPlan
from scoring.arrays import Floats, Ints

THURSDAY: Final = 3  # the weekday of 1970-01-01, Monday being 0
WEEK: Final = 7
CLOSED: Final = ((12, 25), (1, 1))  # month and day
OPENS, BUSIEST, CLOSES = 7.0, 15.0, 23.0  # hours of the day in which people act


class Days(NamedTuple):
    """The days of a simulation, arrays of shape (days,).

    Attributes:
        weekday: 0, a Monday, to 6.
        month: of the year, 1 to 12.
        of_month: 1 to 31.
        months: since January 1970.
        origin: the midnight at which they begin, epoch seconds.
    """

    weekday: Ints
    month: Ints
    of_month: Ints
    months: Ints
    origin: int

    @property
    def total(self) -> int:
        """How many days."""
        return len(self.weekday)

    @property
    def end(self) -> int:
        """The midnight at which they end, epoch seconds."""
        return self.origin + self.total * 86_400


def days_of(plan: SimulationPlan) -> Days:
    """The days of a plan.

    >>> days = days_of(SimulationPlan(customers=1, days=32))
    >>> days.weekday[:2].tolist(), days.month[-1], days.of_month[-1]
    ([0, 1], np.int64(2), np.int64(1))
    """
    number = plan.origin // 86_400 + np.arange(plan.days)
    day = number.astype("M8[D]")
    months = day.astype("M8[M]").astype(np.int64)
    of_month = (day - day.astype("M8[M]")).astype(np.int64) + 1
    return Days((number + THURSDAY) % WEEK, months % 12 + 1, of_month, months, plan.origin)


def rhythm(days: Days, figures: CardFigures) -> Floats:
    """Uses of a day by those of the usual one, shape (days,): weekday, season and closed days.

    A month's spending is published, not its uses: it is parted evenly between uses and value.
    """
    weekday = np.array(figures.by_weekday) / np.mean(figures.by_weekday)
    level: Floats = weekday[days.weekday] * _season(figures)[days.month - 1]
    for month, day in CLOSED:
        level[(days.month == month) & (days.of_month == day)] *= figures.closed_days
    return level


def season_of_values(days: Days, figures: CardFigures) -> Floats:
    """Value of a use by the usual one, shape (days,): the other half of a month's spending."""
    values: Floats = _season(figures)[days.month - 1]
    return values


def payday_lift(days: Days, payday: Ints, figures: CardFigures) -> Floats:
    """Uses by the usual ones on the payday and a fading lift on the two days after it.

    Args:
        days: of the simulation.
        payday: day of the month of each customer, 1 to 28, shape (n,).
        figures: how large the lift is.

    Returns:
        Shape (n, days), 1 in the mean of a month.
    """
    since = (days.of_month[None, :] - payday[:, None]) % 31
    lift = figures.payday_lift - 1.0
    shape = np.zeros(31)
    shape[:3] = lift * np.array([1.0, 0.6, 0.3])
    lifts: Floats = (1.0 + shape[since]) / (1.0 + shape.sum() * 12.0 / 365.0)
    return lifts


def by_day(rng: np.random.Generator, count: int) -> Ints:
    """Seconds of the day in which people act, shape (count,)."""
    hours = rng.triangular(OPENS, BUSIEST, CLOSES, count)
    return (hours * 3600.0).astype(np.int64)


def _season(figures: CardFigures) -> Floats:
    halves = np.sqrt(np.array(figures.by_month))
    season: Floats = halves / halves.mean()
    return season
