"""How much money a warning is about, kept in step with its band over the warning's life."""

import numpy as np

from scoring.arrays import Floats
from scoring.facts.state import States
from scoring.warning.lifecycle import LOW, Moves


def tell(states: States, moves: Moves, at_risk: Floats) -> Floats:
    """Severity of every move, kept in the states, in place, as what was told last.

    Raised is what is at risk; escalated never less than was told last in the episode, and eased
    never more, since risk may move against a single rule's band; cleared is none. An episode that
    began before severities were kept (NaN) is told anew.

    Args:
        states: shape (n,).
        moves: of these states' levels, m of them.
        at_risk: churn risk times value at stake at each move, minor units, >= 0, shape (m,).

    Returns:
        Whole minor units, shape (m,), as the states hold them: from 2**24 on whole numbers of 24
        significant bits, so that what is told and what is kept are the same.
    """
    at = moves.rows, moves.rules
    last, now = states["severity"][at], np.rint(at_risk).astype(np.float32)
    moved = np.where(moves.after > moves.before, np.fmax(last, now), np.fmin(last, now))
    told = np.where(moves.before == LOW, now, moved)
    told = np.where(moves.after == LOW, np.float32(0.0), told)
    states["severity"][at] = told
    return told.astype(np.float64)
