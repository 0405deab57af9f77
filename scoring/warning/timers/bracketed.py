"""When any value that never falls in silence crosses its threshold: by bracketing it in time."""

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.features import measured
from scoring.warning.lifecycle import known_from, rhythm_known
from scoring.warning.timers.crossing import LONGEST, first_crossing
from scoring.warning.timers.seen import Later, Seen


def watched(seen: Seen, slot: int) -> Bools:
    """Whom it is watched for, shape (n,)."""
    needs_rhythm = seen.model.rules[slot].needs_rhythm
    return seen.buyers_below_high(slot) if needs_rhythm else seen.below_high(slot)


def crossed(seen: Seen, slot: int, later: Later) -> Bools:
    """Whether it has crossed by the instants of `later`, shape (n,)."""
    rule = seen.model.rules[slot]
    reached = measured(seen.states, np.maximum(later.instants, seen.now), seen.model)
    over: Bools = rule.sign * reached[rule.value] > seen.threshold(slot)
    return over & rhythm_known(reached, seen.model) if rule.needs_rhythm else over


def due(seen: Seen, slot: int) -> Floats:
    """When it crosses, epoch seconds, shape (n,); not before a cooldown ends."""
    rule, target = seen.model.rules[slot], seen.threshold(slot)

    def gap(instants: Floats, rows: Ints) -> Floats:
        reached = measured(seen.states.take(rows), instants, seen.model)
        value: Floats = rule.sign * reached[rule.value]
        return value - target[rows]

    first = seen.now
    if rule.needs_rhythm:
        first = np.maximum(first, seen.begun + known_from(seen.matrix, seen.model) * DAY)
    return seen.cooled(slot, first_crossing(gap, first, LONGEST))
