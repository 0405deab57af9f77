"""Trips abroad and summer pauses, after which a healthy customer goes on as before."""

from typing import Final, NamedTuple

import numpy as np

from modelling.simulation.calendar import Days
from modelling.simulation.customers.people import People
from modelling.simulation.figures import YEAR, CardFigures
from scoring.arrays import Bools, Floats

JULY: Final = 7
LATEST_START: Final = 40  # days after the first of July
SHORTEST, LONGEST = 14, 28  # days of a summer pause


class Absences(NamedTuple):
    """Where customers are.

    Attributes:
        level: use of a day by the usual one, shape (n, days).
        is_abroad: whether the card is used abroad on that day, shape (n, days).
    """

    level: Floats
    is_abroad: Bools


def absences(
    rng: np.random.Generator, people: People, days: Days, figures: CardFigures
) -> Absences:
    """Draw trips and pauses. Half of the trips go with the card, half without it."""
    level = np.ones((people.size, days.total))
    is_abroad = np.zeros(level.shape, np.bool_)
    _pause(rng, people, days, figures, level)
    trips = np.where(people.is_traveller, rng.poisson(_a_year(days, figures), people.size), 0)
    for customer in np.repeat(np.arange(people.size), trips).tolist():
        first = int(rng.integers(0, days.total))
        away = slice(first, first + 1 + int(rng.poisson(figures.nights - 1.0)))
        with_card = bool(rng.random() < 0.5)  # noqa: PLR2004 - half of the trips
        level[customer, away] = figures.abroad_burst if with_card else figures.abroad_pause
        is_abroad[customer, away] = with_card
    return Absences(level, is_abroad)


def _a_year(days: Days, figures: CardFigures) -> float:
    return figures.trips * days.total / YEAR


def _pause(
    rng: np.random.Generator, people: People, days: Days, figures: CardFigures, level: Floats
) -> None:
    """Lower the level of who pauses, once a summer."""
    pausing = np.flatnonzero(people.pauses).tolist()
    for summer in np.flatnonzero((days.month == JULY) & (days.of_month == 1)).tolist():
        firsts = summer + rng.integers(0, LATEST_START, len(pausing))
        lengths = rng.integers(SHORTEST, LONGEST + 1, len(pausing))
        for customer, first, length in zip(pausing, firsts.tolist(), lengths.tolist(), strict=True):
            level[customer, first : first + length] = figures.pause_level
