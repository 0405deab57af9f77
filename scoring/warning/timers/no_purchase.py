"""When silence takes P(no purchase) over its threshold: a root that the purchase model has."""

import numpy as np

from scoring.arrays import DAY, Bools, Floats
from scoring.feature import Feature
from scoring.warning.lifecycle import known_from, rhythm_known
from scoring.warning.timers.seen import Later, Seen


def watched(seen: Seen, slot: int) -> Bools:
    """Whom it is watched for, shape (n,)."""
    return seen.buyers_below_high(slot)


def crossed(seen: Seen, slot: int, later: Later) -> Bools:
    """Whether it has crossed by the instants of `later`, shape (n,)."""
    over = later.matrix[Feature.P_NO_PURCHASE] > seen.threshold(slot)
    crossed_by: Bools = over & rhythm_known(later.matrix, seen.model)
    return crossed_by


def due(seen: Seen, slot: int) -> Floats:
    """When it crosses, epoch seconds, shape (n,); not before a cooldown ends."""
    x, t_x = seen.matrix[Feature.FREQUENCY], seen.matrix[Feature.RECENCY]
    low = np.maximum(seen.matrix[Feature.TENURE], known_from(seen.matrix, seen.model))
    age = seen.model.silence_root(x, t_x, seen.threshold(slot), low)
    return seen.cooled(slot, seen.begun + age * DAY)
