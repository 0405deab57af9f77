"""What a customer needs, as far as the state tells: what an offer or a remedy should be about.

Spend says what the card is for, and how that moved; answers and visits say where the customer is
reached; satisfaction by touchpoint where a remedy belongs.
"""

from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Floats, Horizon, Ints
from scoring.facts.state import States
from scoring.facts.touchpoints import Family
from scoring.segments.basis import Basis
from scoring.segments.by_touchpoint import left_of, satisfaction_at, weakest
from scoring.warning.classes import NOW, THEN, top

REACHED: Final = np.array([Family.APP, Family.WEB, Family.PHONE, Family.BRANCH, Family.EMAIL])
POOR: Final = 0.5  # satisfaction below which a remedy belongs somewhere


class Needs(NamedTuple):
    """Codes, 0 for what is not known.

    Attributes:
        top_category: of the most spend lately, a `Category` and one, shape (n,).
        usual_category: the same over the long run.
        reach: where they answered last, else where they were met most, a `Family` and one.
        weakest: where they are least satisfied, and poorly, likewise.
    """

    top_category: Ints
    usual_category: Ints
    reach: Ints
    weakest: Ints


def needs(basis: Basis, satisfied: Floats) -> Needs:
    """What customers need; of each the same whoever is beside.

    Args:
        basis: of n customers.
        satisfied: as `satisfaction_at` tells it of them, shape (families, n).
    """
    states = basis.states
    is_poor = (satisfied < POOR).any(axis=0)
    return Needs(
        top(states, NOW),
        top(states, THEN),
        _reach(basis),
        np.where(is_poor, weakest(satisfied) + 1, 0),
    )


def note_needs(rows: States, basis: Basis) -> None:
    """Write what customers need into rows of theirs that have its fields, shape (n,)."""
    for name, codes in needs(basis, satisfaction_at(basis))._asdict().items():
        rows[name] = codes


def _reach(basis: Basis) -> Ints:
    contacts = basis.states["contacts"].T
    answered = contacts["answered_at"].max(axis=-1).astype(np.float64)
    last = contacts["last"].astype(np.float64)
    left = left_of(basis.now - last, basis.model)[Horizon.LONG]
    visited: Floats = contacts["sums"][..., Horizon.LONG] * left
    has_answered = (answered[REACHED] > 0.0).any(axis=0)
    said = np.where(has_answered, answered, visited)[REACHED]
    return np.where((said > 0.0).any(axis=0), REACHED[said.argmax(axis=0)] + 1, 0)
