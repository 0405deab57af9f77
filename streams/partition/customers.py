"""The customers whom a batch concerns, from what was loaded to what is armed anew."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from scoring.arrays import NEVER, Floats
from scoring.facts.packing import unpack
from scoring.facts.state import States
from streams.store import Load


class Concerned(NamedTuple):
    """Customers with events, then others with timers due.

    Attributes:
        customers: their ids.
        states: of them, shape (customers,), before the batch.
        stored: their timers as the store has them, epoch seconds, shape (customers,).
    """

    customers: list[bytes]
    states: States
    stored: Floats

    def rearmed(self, after: States) -> dict[bytes, float | None]:
        """Timers that the store has otherwise than the states after the batch; None for none."""
        changed = np.flatnonzero(self.stored != after["armed_at"]).tolist()
        instants = after["armed_at"].tolist()
        return {
            self.customers[row]: None if instants[row] == NEVER else instants[row]
            for row in changed
        }


def concerned(ids: Sequence[bytes], loaded: Load) -> Concerned:
    """Bring together the customers `ids` of a batch and those with a timer due.

    An activation makes timers due in the store alone, which are taken over into the states here:
    but not before what was last told of a customer, since a batch cut short may have fired timers
    that lie ahead of the clock.
    """
    known = set(ids)
    others = [at for at, customer in enumerate(loaded.due_ids) if customer not in known]
    customers = [*ids, *(loaded.due_ids[at] for at in others)]
    states = unpack([*loaded.states, *(loaded.due_states[at] for at in others)])
    due = dict(zip(loaded.due_ids, loaded.due_at, strict=True))
    stored = _stored(customers, states["armed_at"], due)
    brought_forward = np.flatnonzero(stored < states["armed_at"])
    scored_at = states["score_at"][brought_forward]  # of every move of a level, too
    states["armed_at"][brought_forward] = np.maximum(stored[brought_forward], scored_at)
    return Concerned(customers, states, stored)


def _stored(customers: Sequence[bytes], armed: Floats, due: Mapping[bytes, float]) -> Floats:
    pairs = zip(customers, armed.tolist(), strict=True)
    return np.array([due.get(customer, at) for customer, at in pairs], np.float64)
