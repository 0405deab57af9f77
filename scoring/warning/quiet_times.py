"""Quiet hours of the rules in force, for arrays of instants.

What would rise in them waits until they end. A rule that is judged at the customer's own events
only is judged once more then, since its value stood still meanwhile.
"""

from typing import Final

import numpy as np

from scoring.arrays import NEVER, Bools, Floats
from scoring.model import ScoringModel

WAKING: Final = 2.0  # seconds after quiet hours in which whatever is due at their end fires


def quiet(now: Floats, model: ScoringModel) -> Bools:
    """Which rules must not rise at instants, epoch seconds, shape (n, slots)."""
    held = np.zeros((len(now), model.rules.width), np.bool_)
    for hours, slots in model.rules.quiet:
        held[:, slots] = hours.holds(now, model.calendar)[:, None]
    return held


def woken(now: Floats, model: ScoringModel) -> Bools:
    """Which rules' quiet hours ended just before instants, shape (n, slots)."""
    was: Bools = quiet(now - WAKING, model)
    return was & ~quiet(now, model)


def ends(instants: Floats, slot: int, model: ScoringModel) -> Floats:
    """The instants, or where they are quiet for a rule the end of that, shape (n,)."""
    later, known = instants.copy(), np.isfinite(instants)
    for hours, slots in model.rules.quiet:
        if slot in slots:
            later[known] = hours.ends(instants[known], model.calendar)
    return later


def due(now: Floats, would_rise: Bools, model: ScoringModel) -> Floats:
    """When the first quiet ends of rules that would rise but for it, shape (n,).

    Args:
        now: epoch seconds, shape (n,).
        would_rise: shape (n, slots).
        model: whose rules they are.
    """
    earliest = np.full(len(now), NEVER)
    for hours, slots in model.rules.quiet:
        rows = np.flatnonzero(would_rise[:, slots].any(axis=1) & hours.holds(now, model.calendar))
        earliest[rows] = np.minimum(earliest[rows], hours.ends(now[rows], model.calendar))
    return earliest
