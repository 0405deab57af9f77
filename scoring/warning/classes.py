"""Thresholds of customers, where rules have them by class of a segmentation."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from scoring.arrays import Floats, Ints
from scoring.facts.state import States
from scoring.feature import Feature
from scoring.model import Bands, ScoringModel

NOW, THEN = 0, 1  # rows of a state's `categories`
DETRACTOR, PASSIVE, PROMOTER = 0, 7, 9  # NPS answers from which these classes begin

Codes = Callable[[States, Floats, ScoringModel], Ints]


def between(values: Floats, cuts: tuple[float, ...]) -> Ints:
    """Index of the class between cuts; a value at a cut belongs above it."""
    return np.searchsorted(np.array(cuts), values, side="right")


def nps(states: States) -> Ints:
    """By the last answer: none, detractor, passive, promoter, shape (n,)."""
    answered = np.isfinite(states["nps_at"])
    return np.where(answered, 1 + between(states["nps"], (PASSIVE, PROMOTER)), 0)


def top(states: States, which: int) -> Ints:
    """Category of the most spend, `NOW` or `THEN`, after none, shape (n,)."""
    spend = states["categories"][:, which]
    return np.where((spend > 0).any(axis=1), 1 + spend.argmax(axis=1), 0)


def _frequency(_: States, matrix: Floats, model: ScoringModel) -> Ints:
    cuts = model.parameters.segments
    assert cuts is not None  # noqa: S101 - or the rules would have been refused
    return between(matrix[Feature.FREQUENCY], cuts.frequency)


def _monetary(_: States, matrix: Floats, model: ScoringModel) -> Ints:
    cuts = model.parameters.segments
    assert cuts is not None  # noqa: S101 - or the rules would have been refused
    return between(matrix[Feature.MONETARY_VALUE], cuts.monetary_value)


CODES: Final[Mapping[str, Codes]] = MappingProxyType(
    {
        "frequency": _frequency,
        "monetary": _monetary,
        "nps": lambda states, _, _model: nps(states),
        "top_category": lambda states, _, _model: top(states, NOW),
        "usual_category": lambda states, _, _model: top(states, THEN),
    }
)


def bands_of(states: States, matrix: Floats, model: ScoringModel) -> Bands:
    """Where bands begin for customers: shapes (slots,), or (n, slots) with thresholds by class.

    Args:
        states: shape (n,).
        matrix: their features, shape (features, n).
        model: whose rules they are.
    """
    if not model.rules.segmented:
        return model.bands
    bands = Bands(*(np.repeat(each[None, :], len(states), axis=0) for each in model.bands))
    for rule in model.rules.segmented:
        assert rule.segmented is not None  # noqa: S101 - as the rule set says
        codes = CODES[rule.segmented.by](states, matrix, model)
        for limits in model.thresholds.by_class[rule.slot]:
            own = codes == limits.code
            bands.middle[own, rule.slot] = limits.middle
            bands.high[own, rule.slot] = limits.high
            bands.hysteresis[own, rule.slot] = limits.hysteresis
    return bands
