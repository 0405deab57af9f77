"""When a value that fades in silence falls below where its level is kept."""

from typing import Final

import numpy as np

from scoring.arrays import DAY, NEVER, Floats
from scoring.rules import RULES
from scoring.warning.lifecycle import HIGH
from scoring.warning.timers.seen import Seen

TINY: Final = 1e-300


def due(seen: Seen) -> Floats:
    """The earliest such instant of each customer, epoch seconds, shape (n,)."""
    earliest, model = np.full(len(seen.states), NEVER), seen.model
    for slot, rule in enumerate(RULES):
        level = seen.states["level"][:, slot]
        rows = np.flatnonzero(level)
        if rule.fades is None or not rows.size:
            continue
        raised = np.where(level[rows] == HIGH, model.high[slot], model.middle[slot])
        factor = rule.fades(seen.matrix[:, rows], raised - model.hysteresis[slot])
        ages = -np.log(np.clip(factor, TINY, 1.0)) / model.memory.rates[rule.memory]
        earliest[rows] = np.minimum(earliest[rows], seen.now[rows] + ages * DAY)
    return earliest
