"""When a value that fades in silence falls below where its level is kept."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, NEVER, Floats, Horizon, Ints
from scoring.feature import Feature
from scoring.features import measured
from scoring.rules import Rule
from scoring.warning.lifecycle import HIGH, LOW, is_out
from scoring.warning.timers.crossing import LONGEST, first_crossing
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
    for rule in model.rules.fading:
        is_open = seen.states["level"][:, rule.slot] > LOW
        rows = np.flatnonzero(is_open & ~is_out(seen.states, rule.slot))
        if rows.size:
            raised = seen.rows(rows)
            earliest[rows] = np.minimum(earliest[rows], _due(raised, rule))
    return earliest


def _due(seen: Seen, rule: Rule) -> Floats:
    """When the values of customers who are warned about leave their band."""
    own, model = seen.bands.of(rule.slot), seen.model
    level = seen.states["level"][:, rule.slot]
    kept = np.where(level == HIGH, own.high, own.middle) - own.hysteresis
    fades = FADES.get(rule.value)
    if fades is None:
        return _bracketed(seen, rule, kept)
    factor = fades.factor(seen.matrix, kept)
    ages = -np.log(np.clip(factor, TINY, 1.0)) / model.memory.rates[fades.memory]
    due: Floats = seen.now + ages * DAY
    return due


def _bracketed(seen: Seen, rule: Rule, kept: Floats) -> Floats:
    def gap(instants: Floats, rows: Ints) -> Floats:
        reached = measured(seen.states.take(rows), instants, seen.model)
        value: Floats = rule.sign * reached[rule.value]
        return kept[rows] - value

    return first_crossing(gap, seen.now, LONGEST)
