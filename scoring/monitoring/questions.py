"""What is asked of a member: will they leave, as the bank defines it, and by when it shows.

A definition has a window of its own for each member: a silence ends N days after the member's last
purchase, everything else so many days after the round. Windows are whole days of the book, as all
that a state remembers of purchases is their days.
"""

from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Horizon, Ints
from scoring.facts.state import Count, States, Sum
from scoring.features import decayed_sums
from scoring.model import ScoringModel
from scoring.parameters import Closure, Leaving, Partial, Silence

LEAST_LEVEL: Final = 1e-9  # purchase days in a window, below which there is no level to fall from


class Question(IntEnum):
    """Ways to leave, each with a window and an answer of its own."""

    SILENCE = 0
    CLOSURE = 1
    ACTIVITY = 2


class Answer(IntEnum):
    """What came of a question."""

    NOT_ASKED = 0
    OPEN = 1
    STAYED = 2
    LEFT = 3
    UNKNOWN = 4  # it cannot be told


class Asked(NamedTuple):
    """Questions about n members.

    Attributes:
        last_day: last day of each question's window, 0 where it is not asked, shape (n, questions).
        answer: `Answer` codes, shape (n, questions).
        least: purchase days in the window, below which activity fell, shape (n,).
    """

    last_day: Ints
    answer: Ints
    least: Floats


def foretold(model: ScoringModel) -> Leaving:
    """What the risk is of: the file's leaving by a scorecard, else no purchase within H days."""
    if model.churn is None:
        return Partial(type="partial", within_days=model.horizon, share=0.0)
    return model.leaving


def horizon_days(model: ScoringModel) -> float:
    """Days in which it shows at the latest whether what is foretold came."""
    return foretold(model).within


def arises(states: States, clock: float, model: ScoringModel) -> Bools:
    """Of whom of those who bought and have not closed the account it is a question, shape (n,).

    Whose silence has come to N days has left, and where activity is to fall below a share of its
    own level, there has to be one, known for as long as the definition says.

    Args:
        states: shape (n,).
        clock: epoch seconds.
        model: whose risk it is.
    """
    known = np.ones(len(states), np.bool_)
    for one in foretold(model).parts:
        if isinstance(one, Silence):
            last = model.calendar.midnight(states["last_day"].astype(np.int64))
            known &= last + one.days * DAY > clock
        elif isinstance(one, Partial) and one.share:
            known &= clock - states["first_event"] >= one.level_days * DAY
            known &= usual_days(states, clock, one.within_days, model) > LEAST_LEVEL
    return known


def ask(states: States, clock: float, model: ScoringModel) -> Asked:
    """Ask about members of whom the question arises; arguments as `arises`.

    A fall of spend cannot be told from states, so with it the whole answer is unknown.
    """
    table, count = (len(states), len(Question)), len(states)
    asked = Asked(np.zeros(table, np.int64), np.zeros(table, np.int64), np.zeros(count))
    for one in foretold(model).parts:
        question, last_day = _QUESTIONS[type(one)], days_on(clock, one.within, model)
        asked.answer[:, question], asked.last_day[:, question] = Answer.OPEN, last_day
        if isinstance(one, Silence):
            asked.last_day[:, question] = states["last_day"] + int(one.days)
        elif isinstance(one, Partial):
            asked.least[:] = _least(one, states, clock, model)
            if one.share and one.measure == "spend":
                asked.answer[:, question] = Answer.UNKNOWN
    return asked


def days_on(clock: float, days: float, model: ScoringModel) -> int:
    """Last day of a window of so many days: its end is the midnight that comes nearest."""
    return int(model.calendar.day(np.array([clock + (days - 0.5) * DAY]))[0])


def usual_days(states: States, clock: float, within: float, model: ScoringModel) -> Floats:
    """Purchase days to be usual in so many days, by the long memory of purchases, shape (n,).

    The memory is of purchases, of which as many come on a day as did so far.
    """
    now = np.full(len(states), clock)
    observed = np.maximum((now - states["first_event"]) / DAY, 0.0)
    bought = decayed_sums(states, now, model)[Sum.COUNT_LONG]
    a_day = bought / model.memory.windows(observed, Horizon.LONG)
    days, purchases = states["purchase_days"], states["counts"][:, Count.PURCHASES]
    usual: Floats = within * a_day * days / np.maximum(purchases, 1)
    return usual


_QUESTIONS: Final = MappingProxyType(
    {Silence: Question.SILENCE, Closure: Question.CLOSURE, Partial: Question.ACTIVITY}
)


def _least(one: Partial, states: States, clock: float, model: ScoringModel) -> Floats:
    """Purchase days below which activity fell; below 1 where any would be enough to stay."""
    if not one.share:
        return np.ones(len(states))
    return one.share * usual_days(states, clock, one.within_days, model)
