"""What is known of every simulated customer, since it was made so."""

from typing import NamedTuple

import numpy as np

from modelling.simulation.customers.leaving import LeavingReason, instants
from modelling.simulation.doings.spending import Lives
from modelling.simulation.happenings import Happenings
from scoring.arrays import NEVER, Bools, Floats, Ints
from scoring.facts.kinds import Kind

STAYS, PARTLY, LEAVES = range(3)
KINDS = ("stays", "partly", "leaves")


class Truth(NamedTuple):
    """What is known of every customer, arrays of shape (customers,).

    Attributes:
        customers: number in the bank, ascending.
        reason: why the customer leaves, a `LeavingReason`.
        onset: when the decline began, epoch seconds, never after the last purchase: where none
            followed it, it is told from that one on; NEVER of who stays.
        last_purchase: the last one written down, epoch seconds, NEVER where there is none.
        left_at: from when on the card is not used, epoch seconds; NEVER where it is at the end.
        closed_at: when the account was closed, epoch seconds, or NEVER.
        kind: place in `KINDS`; partly of who has moved most of the spending elsewhere and goes on.
        is_traveller, pauses, returns, has_two_cards: traits.
    """

    customers: Ints
    reason: Ints
    onset: Floats
    last_purchase: Floats
    left_at: Floats
    closed_at: Floats
    kind: Ints
    is_traveller: Bools
    pauses: Bools
    returns: Bools
    has_two_cards: Bools

    @property
    def leaves(self) -> Bools:
        """Who leaves, or has begun to."""
        found: Bools = self.kind == LEAVES
        return found


def truth_of(lives: Lives, rows: Happenings, first: int, origin: int, end: int) -> Truth:
    """What is known of a block of customers.

    Args:
        lives: who they are and how they leave.
        rows: their events by time.
        first: number of the first of them in the bank.
        origin: from when on they are observed, epoch seconds.
        end: until when they are.
    """
    people, course = lives.people, lives.course
    last = np.full(people.size, NEVER)
    bought = rows[rows["kind"] == Kind.PURCHASE]
    last[bought["customer"]] = bought["time"]  # by time, so that the last assignment stays
    moved = course.are(LeavingReason.MOVED) & ~np.isfinite(course.stop)
    left = np.where(moved, PARTLY, LEAVES)
    begun = np.isfinite(course.onset)
    return Truth(
        customers=first + np.arange(people.size),
        reason=course.reason,
        onset=np.where(begun, np.minimum(_known(course.onset, origin, end), last), NEVER),
        last_purchase=last,
        left_at=_known(course.stop, origin, end),
        closed_at=_known(course.closed, origin, end),
        kind=np.where(course.are(LeavingReason.STAYS), STAYS, left),
        is_traveller=people.is_traveller,
        pauses=people.pauses,
        returns=people.returns,
        has_two_cards=people.has_two_cards,
    )


def together(parts: list[Truth]) -> Truth:
    """The truth of several blocks of customers as one."""
    return Truth(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _known(days: Floats, origin: int, end: int) -> Floats:
    """Whole epoch seconds of times in days, NEVER from the end on."""
    found = instants(days, origin)
    return np.where(found < end, found.astype(np.float64), NEVER)
