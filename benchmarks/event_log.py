"""A seeded log of a year of card customers' events, as columns: the work a benchmark gives.

Customers differ in rhythm and course: some join, stop, ebb away, fall behind with instalments or
are unhappy. To a preset whose customers use their card every other day these are restless: one
event in four moves a warning, which is the hard case.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Events = NDArray[np.void]

START: Final = 1_704_067_200.0  # 2024-01-01
YEAR: Final = 365 * 86_400.0
DISORDER: Final = 120.0  # seconds by which an event typically comes before or after its turn
EVENT: Final = np.dtype(
    [("number", "<i8"), ("time", "<f8"), ("customer", "<i4"), ("kind", "u1"), ("amount", "<i4")]
)


class Course(IntEnum):
    """What becomes of a customer in the course of the year."""

    STEADY = 0
    NEWCOMER = 1
    STOPS = 2
    EBBS = 3
    FALLS_BEHIND = 4
    UNHAPPY = 5


COURSES: Final = (0.62, 0.10, 0.12, 0.08, 0.04, 0.04)  # shares of customers

# Events in a thousand: of customers as usual, of those who fall behind, of the unhappy.
KINDS: Final = {
    "purchase": (900, 856, 850),
    "refund": (12, 10, 30),
    "repayment": (18, 4, 12),
    "fee": (4, 12, 4),
    "declined": (4, 24, 8),
    "app_session": (48, 40, 30),
    "call": (5, 10, 24),
    "survey": (3, 2, 16),
    "nps": (2, 1, 10),
    "complaint": (1, 2, 14),
    "instalment_overdue": (1, 34, 1),
    "instalment_cured": (2, 5, 1),
}
_MIX: Final = np.array([0, 0, 0, 0, 1, 2])  # column of `KINDS` by course
_CHANCES: Final = np.cumsum(list(KINDS.values()), axis=0).T / 1000.0


@dataclass(frozen=True)
class EventLog:
    """What to generate; equal values give equal events.

    Attributes:
        events: how many.
        customers: among how many they are dealt out.
        seed: of the generator.
    """

    events: int
    customers: int
    seed: int = 20_240_101

    def columns(self) -> Events:
        """Generate the log in the order it is written in: by event time, slightly disordered.

        Returns:
            Structured array of dtype `EVENT`; `kind` is a place in `KINDS`.
        """
        rng = np.random.default_rng(self.seed)
        course = rng.choice(len(COURSES), self.customers, p=COURSES)
        events = np.empty(self.events, EVENT)
        customer = rng.choice(self.customers, self.events, p=_shares(rng, course))
        events["customer"], events["kind"] = customer, _kinds(rng, course[customer])
        events["time"] = START + YEAR * self._instants(rng, course, customer)
        events["amount"] = np.exp(rng.normal(7.6, 0.9, self.events)) + 1
        turn = events["time"] + rng.normal(0.0, DISORDER, self.events)
        ordered: Events = events[np.argsort(turn)]
        ordered["number"] = np.arange(self.events)
        return ordered

    def _instants(self, rng: np.random.Generator, course: Ints, customer: Ints) -> Floats:
        """When in the year, 0 to 1, each event happens."""
        turn = rng.random(self.customers)
        first = np.where(course == Course.NEWCOMER, 0.8 * turn, 0.0)[customer]
        last = np.where(course == Course.STOPS, 0.15 + 0.85 * turn, 1.0)[customer]
        early = np.where(course == Course.EBBS, 2.5, 1.0)[customer]
        instants: Floats = first + (last - first) * rng.random(self.events) ** early
        return instants


def _shares(rng: np.random.Generator, course: Ints) -> Floats:
    """Each customer's share of all events: rhythms differ, and who is there for less has fewer."""
    rhythm = rng.gamma(1.5, 1.0, len(course)) + 0.1
    present = np.where(np.isin(course, (Course.NEWCOMER, Course.STOPS)), 0.6, 1.0)
    shares: Floats = rhythm * present / (rhythm * present).sum()
    return shares


def _kinds(rng: np.random.Generator, course: Ints) -> Ints:
    drawn = rng.random(len(course))
    mix = _MIX[course]
    kinds = np.empty(len(course), np.int64)
    for column, chances in enumerate(_CHANCES):
        rows = np.flatnonzero(mix == column)
        kinds[rows] = np.searchsorted(chances, drawn[rows], side="right")
    return np.minimum(kinds, len(KINDS) - 1)
