"""Every segment a customer is put into, in one table; documentation and contracts derive from it.

Cut points come from the parameter file and never move by themselves: a replay gives the same
segments.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np

from schemas import Segments
from scoring.arrays import DAY, Bools, Horizon, Ints
from scoring.facts.state import Sum
from scoring.feature import Feature
from scoring.features import MONTH, decayed_sums
from scoring.rules import CHURN, DECLINES, SILENCE
from scoring.segments.basis import Basis
from scoring.warning.classes import NOW, THEN, between, nps, top
from scoring.warning.lifecycle import HIGH, LOW, rhythm_known


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


def _recency(basis: Basis) -> Ints:
    codes: Ints = 4 - between(basis.matrix[Feature.DAYS_SINCE_LAST], basis.cuts.recency_days)
    return np.where(_bought(basis), codes, 0)


def _frequency(basis: Basis) -> Ints:
    return between(basis.matrix[Feature.FREQUENCY], basis.cuts.frequency)


def _monetary(basis: Basis) -> Ints:
    return between(basis.matrix[Feature.MONETARY_VALUE], basis.cuts.monetary_value)


def _tier(basis: Basis) -> Ints:
    return between(basis.matrix[Feature.CLV], basis.cuts.clv)


def _activity(basis: Basis) -> Ints:
    sums = decayed_sums(basis.states, basis.now, basis.model)
    observed = np.maximum((basis.now - basis.states["first_event"]) / DAY, 0.0)
    doing = sums[Sum.COUNT_MIDDLE] + sums[Sum.VISITS_MIDDLE]
    return between(
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
    up = levels > LOW
    declines: Bools = up[:, DECLINES].any(axis=1) | up[:, SILENCE] | up[:, CHURN]
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
    return nps(basis.states)


def _tenure(basis: Basis) -> Ints:
    return between(basis.matrix[Feature.TENURE], basis.cuts.tenure_days)


def _top(which: int) -> Callable[[Basis], Ints]:
    return lambda basis: top(basis.states, which)


def _bought(basis: Basis) -> Bools:
    bought: Bools = basis.states["purchase_days"] > 0
    return bought


_RFM: Final = ("1", "2", "3", "4", "5")


def _of_contract(name: str, codes: Callable[[Basis], Ints]) -> Definition:
    """The segment that the contract describes under this name."""
    field = Segments.model_fields[name]
    return Definition(name, get_args(field.annotation), field.description or "", codes)


DEFINITIONS: Final[tuple[Definition, ...]] = (
    # The contract tells these three as one word, `rfm`.
    Definition("recency", _RFM, "RFM: 5 for the fewest days since the last purchase day", _recency),
    Definition("frequency", _RFM, "RFM: 5 for the most repeat purchase days", _frequency),
    Definition(
        "monetary", _RFM, "RFM: 5 for the highest mean value of a repeat purchase day", _monetary
    ),
    _of_contract("value_tier", _tier),
    _of_contract("activity", _activity),
    _of_contract("lifecycle", _lifecycle),
    _of_contract("loyalty", _loyalty),
    _of_contract("standing", _standing),
    _of_contract("nps", _nps),
    _of_contract("term", _tenure),
    _of_contract("top_category", _top(NOW)),
    _of_contract("usual_category", _top(THEN)),
)
