"""When a value that fades in silence falls below where its level is kept."""

from typing import TYPE_CHECKING, Final

import numpy as np

from scoring.lifecycle import HIGH
from scoring.rules import RULES, InSilence
from scoring.state import DAY, NEVER, Floats, States

if TYPE_CHECKING:
    from scoring.model import Model

TINY: Final = 1e-300


def due(states: States, matrix: Floats, now: Floats, model: "Model") -> Floats:
    """The earliest such instant of each customer, epoch seconds, shape (n,)."""
    earliest = np.full(len(states), NEVER)
    for slot, rule in enumerate(RULES):
        level = states["level"][:, slot]
        rows = np.flatnonzero(level)
        if rule.in_silence is not InSilence.FALLS or rule.fades is None or not rows.size:
            continue
        raised = np.where(level[rows] == HIGH, model.high[slot], model.middle[slot])
        factor = rule.fades(matrix[:, rows], raised - model.hysteresis[slot])
        ages = -np.log(np.clip(factor, TINY, 1.0)) / model.decay_rates[rule.memory]
        earliest[rows] = np.minimum(earliest[rows], now[rows] + ages * DAY)
    return earliest
