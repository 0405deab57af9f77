"""How satisfied customers are where they met the bank, in words of the contract."""

import numpy as np

from schemas.outputs.now import AtTouchpoint
from scoring.arrays import Floats, Horizon
from scoring.facts.state import States
from streams.outbox.parts import TOUCHPOINTS, instant


def at_touchpoints(states: States, found: Floats) -> list[tuple[AtTouchpoint, ...]]:
    """Every family of touchpoints that each customer met, the least satisfied first.

    Args:
        states: shape (n,).
        found: how satisfied they are, as `satisfaction_at` tells it, shape (families, n).
    """
    return [
        tuple(
            _told(family, float(own[family]), state["contacts"][family])
            for family in np.argsort(own, kind="stable").tolist()
            if np.isfinite(own[family])
        )
        for own, state in zip(found.T, states, strict=True)
    ]


def _told(family: int, satisfaction: float, contacts: np.void) -> AtTouchpoint:
    survey, nps = contacts["answers"].tolist()
    return AtTouchpoint(
        touchpoint=TOUCHPOINTS[family],
        satisfaction=satisfaction,
        last_survey=survey - 1 if survey else None,
        last_nps=nps - 1 if nps else None,
        complaints=float(contacts["sums"][Horizon.MIDDLE]),
        last_contact=instant(float(contacts["last"])),
    )
