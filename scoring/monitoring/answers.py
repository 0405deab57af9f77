"""Whether members left within their windows, told by their states at the first round after.

Purchase days then and at the round, less the days after the window that the state still remembers,
tell who bought within it. A second purchase on a day already counted is no new day; a purchase of
before the round that came late would be one.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Bools, Floats, Ints
from scoring.facts.state import DAYS_KEPT, Flag, States
from scoring.model import ScoringModel
from scoring.monitoring.members import Members
from scoring.monitoring.questions import Answer, Question


def answered(entries: States, seen: Members, model: ScoringModel) -> States:
    """Answer what can be answered by now; a copy.

    An account seen closed before the window is over has left, and so has, of a silence, who had not
    bought by then: purchases after it do not count.

    Args:
        entries: dtype `ENTRY`.
        seen: all members.
        model: the champion, of whose calendar the windows are.
    """
    made, task = entries.copy(), _Task(entries, seen, model)
    made["answer"][task.is_open & ~task.is_over & task.left_early] = Answer.LEFT
    made["answer"][task.is_open & task.is_over] = Answer.UNKNOWN
    for question, left in _LEFT.items():
        at, codes = task.judged(question, left)
        made["answer"][at, question] = codes
    return made


def outcome(entries: States) -> Ints:
    """Answers of all questions together, once none is open, shape (n,).

    Who left in any way left; what cannot be told of one way leaves all unknown, as otherwise only
    those were known who left by the other.
    """
    unknown = (entries["answer"] == Answer.UNKNOWN).any(axis=1)
    left = (entries["answer"] == Answer.LEFT).any(axis=1)
    known = np.where(left, int(Answer.LEFT), int(Answer.STAYED))
    return np.where(unknown, int(Answer.UNKNOWN), known)


class _Window(NamedTuple):
    """One question's windows: last days, and the instants at which they end, shape (n,)."""

    last_day: Ints
    ends: Floats


_Left = Callable[[States, States, _Window], Bools]  # of entries and their members


class _Task:
    """Entries beside the members they are of."""

    def __init__(self, entries: States, seen: Members, model: ScoringModel) -> None:
        self.entries, self.seen = entries, seen
        self.known, self.rows = _found(entries, seen)
        self.ends = model.calendar.midnight(entries["last_day"].astype(np.int64) + 1)
        self.today = int(model.calendar.day(np.array([seen.clock]))[0])
        self.is_open = entries["answer"] == Answer.OPEN
        self.is_over = self.ends <= seen.clock

    @property
    def left_early(self) -> Bools:
        """Who left before a window is over, shape (entries, questions)."""
        flags, days = (self.seen.states[name][self.rows] for name in ("flags", "purchase_days"))
        closed = (flags & Flag.CLOSED) != 0
        left = np.zeros((len(self.entries), len(Question)), np.bool_)
        left[self.known, Question.CLOSURE] = closed
        left[self.known, Question.SILENCE] = closed & (
            days == self.entries["purchase_days"][self.known]
        )
        return left

    def judged(self, question: Question, left: _Left) -> tuple[Ints, Ints]:
        """Entries whose window of a question is over, of members, and their answers."""
        over = (self.is_open & self.is_over)[self.known, question]
        at, states = self.known[over], self.seen.states.take(self.rows[over])
        window = _Window(self.entries["last_day"][at, question], self.ends[at, question])
        answers = np.where(
            left(self.entries[at], states, window), int(Answer.LEFT), int(Answer.STAYED)
        )
        forgotten = self.today - window.last_day > DAYS_KEPT  # who bought when is no longer told
        return at, np.where(forgotten, int(Answer.UNKNOWN), answers)


def _found(entries: States, seen: Members) -> tuple[Ints, Ints]:
    """Entries whose customer still is a member, and where."""
    if not len(seen.customers):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    place = np.searchsorted(seen.customers, entries["customer"])
    place = np.minimum(place, len(seen.customers) - 1)
    known = np.flatnonzero(seen.customers[place] == entries["customer"])
    return known, place[known]


def _days_bought(entries: States, states: States, window: _Window) -> Ints:
    """New purchase days in the window: all new ones less those after it."""
    new = states["purchase_days"].astype(np.int64) - entries["purchase_days"]
    days_after = np.clip(states["last_day"].astype(np.int64) - window.last_day, 0, DAYS_KEPT)
    # Bit k of `day_bits` is the day `last_day - k`.
    shift = np.minimum(days_after, DAYS_KEPT - 1).astype(np.uint64)
    below = np.left_shift(np.uint64(1), shift) - np.uint64(1)
    mask = np.where(days_after == DAYS_KEPT, ~np.uint64(0), below)
    after = np.bitwise_count(states["day_bits"] & mask).astype(np.int64)
    days: Ints = new - after
    return days


def _silent(entries: States, states: States, window: _Window) -> Bools:
    silent: Bools = _days_bought(entries, states, window) <= 0
    return silent


def _closed(_: States, states: States, window: _Window) -> Bools:
    """Who closed in the window: what came after it hides when, so that it is taken for later."""
    closed: Bools = (states["flags"] & Flag.CLOSED) != 0
    closed &= states["last_event"] < window.ends
    return closed


def _fell(entries: States, states: States, window: _Window) -> Bools:
    fell: Bools = _days_bought(entries, states, window) < entries["least"]
    return fell


_LEFT: Final[Mapping[Question, _Left]] = MappingProxyType(
    {Question.SILENCE: _silent, Question.CLOSURE: _closed, Question.ACTIVITY: _fell}
)
