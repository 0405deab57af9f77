"""When a value next steps that stands still but for instants known beforehand."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from scoring.arrays import DAY, NEVER, Bools, Floats, Ints
from scoring.facts.charges import GIVEN_UP
from scoring.feature import Feature
from scoring.features.holdings import is_newcomer
from scoring.features.moved_charges import FAR, other_days, spoken_for_until
from scoring.warning.lifecycle import HIGH, LOW, footing
from scoring.warning.timers.seen import Later, Seen


def watched(seen: Seen, slot: int) -> Bools:
    """Whom it is watched for, shape (n,): whose value steps at an instant to come."""
    level = seen.states["level"][:, slot]
    moves = (seen.may[:, slot] & (level < HIGH)) | (level > LOW)
    to_come: Bools = moves & np.isfinite(_next(seen, slot))
    return to_come


def crossed(seen: Seen, slot: int, later: Later) -> Bools:
    """Whether it has stepped by the instants of `later`, shape (n,)."""
    stepped: Bools = _next(seen, slot) < later.instants
    return stepped


def due(seen: Seen, slot: int) -> Floats:
    """When it steps, epoch seconds, shape (n,); not before a cooldown ends."""
    return seen.cooled(slot, _next(seen, slot))


def _next(seen: Seen, slot: int) -> Floats:
    if slot not in seen.steps:
        seen.steps[slot] = NEXT[seen.model.rules[slot].value](seen, slot)
    return seen.steps[slot]


def _newcomers(seen: Seen, slot: int) -> Floats:
    """When newcomers have let as many days pass as the next threshold asks for."""
    days = np.ceil(seen.threshold(slot))
    below = is_newcomer(seen.states, seen.model) & (footing(seen.states, slot) < HIGH)
    return _ahead(np.where(below, seen.states["begun"] + days * DAY, NEVER), seen.now)


def _charges(seen: Seen, _: int) -> Floats:
    """When a recurring charge is overdue, given up, or not spoken for by another any more."""
    rows, place = np.nonzero(seen.states["charge_late"])
    earliest = np.full(len(seen.states), NEVER)
    if rows.size:
        late = seen.states["charge_late"][rows, place].astype(np.int64)
        for days in (late, late + GIVEN_UP):
            _bring_forward(earliest, rows, days, seen)
        own = np.flatnonzero(late <= seen.model.calendar.day(seen.now[rows]))
        until = spoken_for_until(seen.states, rows[own], place[own])
        is_then = until < FAR
        _bring_forward(earliest, rows[own][is_then], until[is_then], seen)
    return earliest


def _moves(seen: Seen, slot: int) -> Floats:
    """Likewise, and when one has moved to another day, and does not come on that either."""
    earliest = _charges(seen, slot)
    rows, begins, ends = other_days(seen.states)
    for days in (begins, ends):
        _bring_forward(earliest, rows, days, seen)
    return earliest


def _bring_forward(earliest: Floats, rows: Ints, days: Ints, seen: Seen) -> None:
    """Bring instants forward to the beginnings of days that are ahead, in place."""
    at = _ahead(seen.model.calendar.midnight(days), seen.now[rows])
    np.minimum.at(earliest, rows, at)


def _ahead(instants: Floats, now: Floats) -> Floats:
    return np.where(instants > now, instants, NEVER)


NEXT: Final[Mapping[Feature, Callable[[Seen, int], Floats]]] = MappingProxyType(
    {
        Feature.NEWCOMER_DAYS: _newcomers,
        Feature.RECURRING_CHARGES: _charges,
        Feature.CHARGES_STOPPED: _charges,
        Feature.CHARGES_MOVED: _moves,
    }
)
