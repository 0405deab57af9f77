"""Members of a panel as they are at an instant."""

from typing import NamedTuple

import numpy as np

from scoring.arrays import Floats
from scoring.facts.events import Hashes
from scoring.facts.state import States
from scoring.model import ScoringModel
from scoring.monitoring.questions import arises
from scoring.warning.lifecycle import is_present


class Members(NamedTuple):
    """Members as they are at an instant.

    Attributes:
        customers: hashes of their ids, ascending, shape (n,).
        states: as of the clock, shape (n,).
        clock: epoch seconds.
    """

    customers: Hashes
    states: States
    clock: float

    def here(self, model: ScoringModel) -> "Members":
        """Those of whom something can be foretold: customers who have not left yet."""
        chosen = np.flatnonzero(is_present(self.states) & arises(self.states, self.clock, model))
        return Members(self.customers[chosen], self.states.take(chosen), self.clock)

    @property
    def now(self) -> Floats:
        """The clock, once for each member."""
        return np.full(len(self.states), self.clock)
