from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import NEVER, Bools, Floats
from scoring.facts.state import States
from scoring.rules import Timer
from scoring.warning import quiet_times
from scoring.warning.gate.holds import next_try
from scoring.warning.lifecycle import LOW, cooled_at, falls_at, is_over, targets
from scoring.warning.timers import bracketed, fading, no_purchase, scorecard, steps
from scoring.warning.timers.seen import Later, Seen

TICKS: Final = 1_000.0  # a second: a timer is due at the first whole one at which it has effect
PATIENCE: Final = 1.0  # seconds before a timer that changed nothing may be due again


class Rising(NamedTuple):
    """How the crossing of a value that rises in silence is found, for the rule of a slot.

    Attributes:
        watched: whom it is watched for, shape (n,).
        crossed: whether it has crossed by the instants of a `Later`, shape (n,).
        due: when it crosses, epoch seconds, shape (n,); not before a cooldown ends.
    """

    watched: Callable[[Seen, int], Bools]
    crossed: Callable[[Seen, int, Later], Bools]
    due: Callable[[Seen, int], Floats]


TIMERS: Final[Mapping[Timer, Rising]] = MappingProxyType(
    {
        Timer.NO_PURCHASE: Rising(no_purchase.watched, no_purchase.crossed, no_purchase.due),
        Timer.SCORECARD: Rising(scorecard.watched, scorecard.crossed, scorecard.due),
        Timer.STEP: Rising(steps.watched, steps.crossed, steps.due),
        Timer.CROSSING: Rising(bracketed.watched, bracketed.crossed, bracketed.due),
    }
)


def arm(seen: Seen) -> None:
    """Set `armed_at` of each state to its next timer, or never, in place.

    An instant already armed stays while silence would not have crossed a threshold by then, even
    where the crossing has moved later: a timer that comes too early finds nothing and arms anew.
    What was held is tried again at the next whole hour of the clock.
    """
    states, now = seen.states, seen.now
    timed = [(slot, TIMERS[timer]) for slot, timer in seen.model.rules.timed]
    watched = [timer.watched(seen, slot) for slot, timer in timed]
    kept = _still_armed(seen, timed, watched)
    due = np.minimum(fading.due(seen), _cooled_due(seen))
    due = np.minimum(due, falls_at(states, seen.model).min(axis=1))
    for slot, by in seen.model.rules.timed:
        if by is Timer.SCORECARD:
            due = np.minimum(due, scorecard.easing_due(seen, slot))
    if seen.model.rules.quiet:
        due = np.minimum(due, _quiet_due(seen))
    if seen.held is not None:
        due = np.where(seen.held.any(axis=1), np.minimum(due, next_try(now)), due)
    for (slot, timer), whom in zip(timed, watched, strict=True):
        sought = whom & ~kept if seen.held is None else whom & ~kept & ~seen.held[:, slot]
        rows = np.flatnonzero(sought)
        if rows.size:
            due[rows] = np.minimum(due[rows], timer.due(seen.rows(rows), slot))
    due = _ticked(due, now)
    due = np.where(kept, np.minimum(due, states["armed_at"]), due)
    due = np.where(is_over(states), NEVER, due)
    states["armed_at"] = np.minimum(due, _waking_due(states, now))


def _waking_due(states: States, now: Floats) -> Floats:
    """When cases that are snoozed come back, be it that nothing else is foretold any more."""
    until = states["snoozed_until"]
    waking = np.full(len(now), NEVER)
    rows = np.flatnonzero((until > now) & (until < NEVER))
    if rows.size:
        waking[rows] = _ticked(until[rows], now[rows])
    return waking


def _ticked(due: Floats, now: Floats) -> Floats:
    """The first whole tick behind an instant, and not at once.

    By division, which gives the very number that its decimals on the wire are read back as.
    """
    ticks = np.where(np.isfinite(due), np.ceil(due * TICKS) + 1.0, NEVER)
    return np.maximum(ticks / TICKS, now + PATIENCE)


def _still_armed(
    seen: Seen, timed: Sequence[tuple[int, Rising]], watched: Sequence[Bools]
) -> Bools:
    armed = seen.states["armed_at"]
    anyone, crossed = np.zeros(len(armed), np.bool_), np.zeros(len(armed), np.bool_)
    later = seen.later(np.where(np.isfinite(armed), armed, seen.now))
    for (slot, timer), whom in zip(timed, watched, strict=True):
        if whom.any():
            anyone |= whom
            crossed |= whom & timer.crossed(seen, slot, later)
    still: Bools = anyone & np.isfinite(armed) & (armed > seen.now) & ~crossed
    return still


def _cooled_due(seen: Seen) -> Floats:
    """When rules over their threshold have cooled, but for those whose timer tells it."""
    states, now, model = seen.states, seen.now, seen.model
    cooled = cooled_at(states, model)
    over = (
        (states["level"][:, : model.rules.width] == LOW)
        & (seen.table >= seen.bands.middle)
        & seen.may
    )
    waits = over & (now[:, None] < cooled) & model.rules.cooling
    due = np.full(len(states), NEVER)
    rows = np.flatnonzero(waits.any(axis=1))
    due[rows] = np.where(waits[rows], cooled[rows], NEVER).min(axis=1)
    return due


def _quiet_due(seen: Seen) -> Floats:
    """When quiet hours end of rules that would rise but for them."""
    model = seen.model
    level = seen.states["level"][:, : model.rules.width].astype(np.int64)
    rises = (targets(level, seen.table, seen.bands) > level) & seen.may
    return quiet_times.due(seen.now, rises, model)
