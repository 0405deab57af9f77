"""Every segment a customer is put into, in one table; documentation and contracts derive from it.

Cut points come from the parameter file and never move by themselves: a replay gives the same
segments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Horizon, Ints
from scoring.facts.categories import Category
from scoring.facts.state import States, Sum
from scoring.feature import Feature
from scoring.features import MONTH, decayed_sums
from scoring.model import ScoringModel
from scoring.parameters.segments import SegmentCuts
from scoring.rules import HELD, RULES, SILENCE
from scoring.warning.lifecycle import HIGH, LOW, rhythm_known

DECLINES: Final = np.flatnonzero(HELD)
DETRACTOR, PASSIVE, PROMOTER = 0, 7, 9  # NPS answers from which these classes begin
NOW, THEN = 0, 1  # rows of a state's `categories`
SUBJECTIVE: Final = 0.5  # weight of what a customer says of their satisfaction, beside what they do


class Basis(NamedTuple):
    """What segments are told from: states, their features, levels and the model, at `now`."""

    states: States
    matrix: Floats
    now: Floats
    model: ScoringModel

    @property
    def levels(self) -> Ints:
        """Level of every rule, shape (n, rules)."""
        levels: Ints = self.states["level"][:, : len(RULES)].astype(np.int64)
        return levels

    @property
    def cuts(self) -> SegmentCuts:
        """The parameter file's cut points."""
        cuts = self.model.parameters.segments
        assert cuts is not None  # noqa: S101 - `segments` asked before
        return cuts


@dataclass(frozen=True)
class Definition:
    """One segmentation.

    Attributes:
        name: as in score messages.
        classes: names of its classes; a customer's code is an index into them.
        meaning: the definition in words.
        codes: tells each customer's class, shape (n,).
    """

    name: str
    classes: tuple[str, ...]
    meaning: str
    codes: Callable[[Basis], Ints]


def segments(basis: Basis) -> Ints:
    """Every customer's class, shape (n, len(DEFINITIONS)); all 0 without cut points."""
    table = np.zeros((len(basis.states), len(DEFINITIONS)), np.int64)
    if basis.model.parameters.segments is not None:
        for column, definition in enumerate(DEFINITIONS):
            table[:, column] = definition.codes(basis)
    return table


def satisfaction(basis: Basis) -> Floats:
    """How satisfied customers are, 0 to 1, half by what they say and half by what they do.

    They say it in their last survey and NPS answer; they do it by complaining and by using app,
    site and card less. Who never answered is judged by what they do alone.
    """
    matrix, states = basis.matrix, basis.states
    asked = (
        np.isfinite(states["survey_at"]).astype(float),
        np.isfinite(states["nps_at"]).astype(float),
    )
    answers = asked[0] + asked[1]
    bad = matrix[Feature.BAD_SURVEY] + matrix[Feature.BAD_NPS]
    said = 1.0 - bad / np.maximum(answers, 1.0)
    decline = np.maximum(matrix[Feature.VISITS_DECLINE], matrix[Feature.USE_DECLINE])
    done = (1.0 - decline) * (1.0 - np.minimum(matrix[Feature.COMPLAINTS], 1.0))
    blend: Floats = np.where(answers > 0, SUBJECTIVE * said + (1.0 - SUBJECTIVE) * done, done)
    return blend


def category_shift(states: States) -> Floats:
    """Share of spend that moved between categories, 0 to 1: their total variation distance."""
    now, then = _shares(states, NOW), _shares(states, THEN)
    moved = np.zeros(len(states))
    for category in Category:  # one by one: a sum over columns may round by the batch's size
        moved += np.abs(now[:, category] - then[:, category])
    return 0.5 * moved


def _shares(states: States, which: int) -> Floats:
    spend = np.maximum(states["categories"][:, which], 0.0)
    total = np.zeros(len(states))
    for category in Category:
        total += spend[:, category]
    shares: Floats = spend / np.where(total > 0, total, 1.0)[:, None]
    return shares


def _score(values: Floats, cuts: tuple[float, ...]) -> Ints:
    """Index of the class between cuts; a value at a cut belongs above it."""
    return np.searchsorted(np.array(cuts), values, side="right")


def _recency(basis: Basis) -> Ints:
    codes: Ints = 4 - _score(basis.matrix[Feature.DAYS_SINCE_LAST], basis.cuts.recency_days)
    return np.where(_bought(basis), codes, 0)


def _frequency(basis: Basis) -> Ints:
    return _score(basis.matrix[Feature.FREQUENCY], basis.cuts.frequency)


def _monetary(basis: Basis) -> Ints:
    return _score(basis.matrix[Feature.MONETARY_VALUE], basis.cuts.monetary_value)


def _tier(basis: Basis) -> Ints:
    return _score(basis.matrix[Feature.CLV], basis.cuts.clv)


def _activity(basis: Basis) -> Ints:
    sums = decayed_sums(basis.states, basis.now, basis.model)
    observed = np.maximum((basis.now - basis.states["first_event"]) / DAY, 0.0)
    doing = sums[Sum.COUNT_MIDDLE] + sums[Sum.VISITS_MIDDLE]
    return _score(
        MONTH * doing / basis.model.memory.windows(observed, Horizon.MIDDLE), basis.cuts.activity
    )


def _lifecycle(basis: Basis) -> Ints:
    matrix, cuts = basis.matrix, basis.cuts
    before = matrix[Feature.USE_THEN]
    grows = matrix[Feature.USE_NOW] >= cuts.growth * np.where(before > 0, before, np.inf)
    is_new = matrix[Feature.TENURE] < cuts.newcomer_days
    stages = [_lapsed(basis), _declines(basis), is_new, grows]
    codes: Ints = np.select(stages, [4, 3, 0, 1], 2)
    return codes


def _lapsed(basis: Basis) -> Bools:
    quiet = basis.matrix[Feature.P_NO_PURCHASE] >= basis.model.high[SILENCE]
    lapsed: Bools = quiet & rhythm_known(basis.matrix, basis.model) & _bought(basis)
    return lapsed


def _declines(basis: Basis) -> Bools:
    levels = basis.levels
    declines: Bools = (levels[:, DECLINES] > LOW).any(axis=1) | (levels[:, SILENCE] > LOW)
    return declines


def _loyalty(basis: Basis) -> Ints:
    matrix = basis.matrix
    active = _bought(basis) & (matrix[Feature.DAYS_SINCE_LAST] <= basis.model.horizon)
    often = matrix[Feature.FREQUENCY] >= basis.cuts.loyal_frequency
    unhappy = (_nps(basis) == 1) | _declines(basis)
    classes: Ints = active.astype(np.int64) + (active & often & ~unhappy)
    return classes


def _standing(basis: Basis) -> Ints:
    at_risk = (basis.levels > LOW).any(axis=1)
    core = _tier(basis) == HIGH
    return np.where(at_risk, 2, np.where(core, 0, 1))


def _nps(basis: Basis) -> Ints:
    answered = np.isfinite(basis.states["nps_at"])
    return np.where(answered, 1 + _score(basis.states["nps"], (PASSIVE, PROMOTER)), 0)


def _tenure(basis: Basis) -> Ints:
    return _score(basis.matrix[Feature.TENURE], basis.cuts.tenure_days)


def _top(which: int) -> Callable[[Basis], Ints]:
    def codes(basis: Basis) -> Ints:
        spend = basis.states["categories"][:, which]
        return np.where((spend > 0).any(axis=1), 1 + spend.argmax(axis=1), 0)

    return codes


def _bought(basis: Basis) -> Bools:
    bought: Bools = basis.states["purchase_days"] > 0
    return bought


_SCORES: Final = ("1", "2", "3", "4", "5")
_TIERS: Final = ("low", "middle", "high")
_TOP: Final = ("none", *(category.name.lower() for category in Category))
DEFINITIONS: Final[tuple[Definition, ...]] = (
    Definition(
        "recency", _SCORES, "RFM: 5 for the fewest days since the last purchase day", _recency
    ),
    Definition("frequency", _SCORES, "RFM: 5 for the most repeat purchase days", _frequency),
    Definition(
        "monetary", _SCORES, "RFM: 5 for the highest mean value of a repeat purchase day", _monetary
    ),
    Definition("value_tier", _TIERS, "by the lifetime value ahead", _tier),
    Definition("activity", _TIERS, "by purchases and visits a month, lately", _activity),
    Definition(
        "lifecycle",
        ("new", "growing", "retained", "declining", "lapsed"),
        "lapsed: P(no purchase) at the silence rule's high threshold; else declining: a warning "
        "of silence or decline is open; else new: a tenure below newcomer_days; else growing: "
        "purchases a month at least growth times those of the long run; else retained",
        _lifecycle,
    ),
    Definition(
        "loyalty",
        ("normal", "active", "loyal"),
        "active: bought within the last H days; loyal: active, at least loyal_frequency repeat "
        "purchase days, no detractor, no warning of silence or decline",
        _loyalty,
    ),
    Definition(
        "standing",
        ("core", "potential", "at_risk"),
        "at_risk: any warning is open; else core: of the high value tier; else potential",
        _standing,
    ),
    Definition(
        "nps",
        ("none", "detractor", "passive", "promoter"),
        "by the last answer: 0 to 6, 7 and 8, 9 and 10",
        _nps,
    ),
    Definition("term", ("short", "middle", "long"), "by days since the first purchase", _tenure),
    Definition("top_category", _TOP, "category of the most spend, lately", _top(NOW)),
    Definition("usual_category", _TOP, "category of the most spend in the long run", _top(THEN)),
)
