"""When a value that fades in silence falls below where its level is kept."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, NEVER, Floats, Horizon
from scoring.feature import Feature
from scoring.warning.lifecycle import HIGH
from scoring.warning.timers.seen import Seen

TINY: Final = 1e-300


class Fading(NamedTuple):
    """How a value made of decayed sums falls.

    Attributes:
        memory: half-life over which the sums fade.
        factor: of the feature matrix and thresholds: by how much the sums must shrink for the value
            to reach them.
    """

    memory: Horizon
    factor: Callable[[Floats, Floats], Floats]


def _overdue_rate(matrix: Floats, threshold: Floats) -> Floats:
    overdue, repaid = matrix[Feature.OVERDUE], matrix[Feature.REPAID]
    rest = overdue - threshold * (overdue + repaid)
    return threshold / np.where(rest > 0, rest, np.inf)


def _dissatisfaction(matrix: Floats, threshold: Floats) -> Floats:
    value = matrix[Feature.DISSATISFACTION]
    return threshold / np.where(value > 0, value, np.inf)


FADES: Final[Mapping[Feature, Fading]] = MappingProxyType(
    {
        Feature.OVERDUE_RATE: Fading(Horizon.LONG, _overdue_rate),
        Feature.DISSATISFACTION: Fading(Horizon.MIDDLE, _dissatisfaction),
    }
)


def due(seen: Seen) -> Floats:
    """The earliest such instant of each customer, epoch seconds, shape (n,)."""
    earliest, model = np.full(len(seen.states), NEVER), seen.model
    for rule in model.rules.rules:
        fades, slot = FADES.get(rule.value), rule.slot
        if fades is None:
            continue
        level = seen.states["level"][:, slot]
        rows = np.flatnonzero(level)
        if not rows.size:
            continue
        raised = np.where(level[rows] == HIGH, model.high[slot], model.middle[slot])
        factor = fades.factor(seen.matrix[:, rows], raised - model.hysteresis[slot])
        ages = -np.log(np.clip(factor, TINY, 1.0)) / model.memory.rates[fades.memory]
        earliest[rows] = np.minimum(earliest[rows], seen.now[rows] + ages * DAY)
    return earliest
