from typing import TYPE_CHECKING, Final

import numpy as np

from scoring.lifecycle import COUNT, LOW, cooled_at, is_closed, threshold
from scoring.reviews import churn, fading, silence
from scoring.reviews.silence import later, rises, start
from scoring.rules import CHURN, HELD, SILENCE
from scoring.state import NEVER, Bools, Floats, States

if TYPE_CHECKING:
    from scoring.model import Model

TICK: Final = 0.001  # seconds: a review is due at the first whole tick at which it has effect
TIMED: Final = ~HELD & (np.arange(COUNT) != SILENCE)
PATIENCE: Final = 1.0  # seconds before a review that changed nothing may be due again


def arm(states: States, matrix: Floats, table: Floats, now: Floats, model: "Model") -> None:
    """Set `armed_at` of each state to its next review, or never.

    An instant already armed stays while silence would not have crossed a threshold by then, even
    where the crossing has moved later: a review that comes too early finds nothing and arms anew.

    Args:
        states: shape (n,), changed in place.
        matrix: their features at `now`, shape (features, n).
        table: rule values, shape (n, rules).
        now: epoch seconds, shape (n,).
        model: models and thresholds.
    """
    kept = _still_armed(states, matrix, now, model)
    due = np.minimum(fading.due(states, matrix, now, model), _cooled_due(states, table, now, model))
    due = np.minimum(due, churn.easing_due(states, matrix, now, model))
    for watched, rising_due in _rising(states, model):
        rows = np.flatnonzero(watched & ~kept)
        if rows.size:
            roots = rising_due(states.take(rows), matrix[:, rows], now[rows], model)
            due[rows] = np.minimum(due[rows], roots)
    ticks = np.where(np.isfinite(due), np.ceil(due / TICK) + 1.0, NEVER)
    due = np.maximum(ticks * TICK, now + PATIENCE)
    due = np.where(kept, np.minimum(due, states["armed_at"]), due)
    states["armed_at"] = np.where(is_closed(states), NEVER, due)


def _rising(states: States, model: "Model") -> tuple[tuple[Bools, silence.Due], ...]:
    """Whom rising risk is watched for, and when it crosses."""
    watched = (rises(states, SILENCE), silence.due)
    if model.churn is None:
        return (watched,)
    return (watched, (rises(states, CHURN), churn.due))


def _still_armed(states: States, matrix: Floats, now: Floats, model: "Model") -> Bools:
    armed = states["armed_at"]
    watched, crossed = np.zeros(len(states), np.bool_), np.zeros(len(states), np.bool_)
    instants = np.where(np.isfinite(armed), armed, now)
    reached = later(start(states, model), matrix, instants, model)
    for slot, crosses in ((SILENCE, silence.crossed), (CHURN, churn.crossed)):
        if slot == CHURN and model.churn is None:
            continue
        watches = rises(states, slot)
        watched |= watches
        crossed |= watches & crosses(matrix, reached, threshold(states, slot, model), model)
    still: Bools = watched & np.isfinite(armed) & (armed > now) & ~crossed
    return still


def _cooled_due(states: States, table: Floats, now: Floats, model: "Model") -> Floats:
    """When rules over their threshold have cooled; silence, which is timed, is left out."""
    cooled = cooled_at(states, model)
    waits = (states["level"][:, :COUNT] == LOW) & (table >= model.middle) & (now[:, None] < cooled)
    waits &= TIMED
    due = np.full(len(states), NEVER)
    rows = np.flatnonzero(waits.any(axis=1))
    due[rows] = np.where(waits[rows], cooled[rows], NEVER).min(axis=1)
    return due
