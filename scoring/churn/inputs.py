"""What the churn scorecard may weigh: one literal registry.

How an input moves while nothing happens is a promise, kept for every state and model. Where
weights are held to their signs, silence adds to the risk and only the fading of troubles takes from
it; with any weights the risk can be bounded (see `ChurnScorecard.highest`).
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from scoring.arrays import Floats
from scoring.churn._values import (
    Value,
    against,
    as_it_is,
    gone,
    logarithm,
    no_purchase,
    silence_in_gaps,
)
from scoring.feature import Feature, InSilence
from scoring.models import PurchaseModel


@dataclass(frozen=True)
class Input:
    """One row of the registry.

    Attributes:
        name: as in parameter files.
        words: for people, such as a scorecard's table.
        unit: what a step of one means.
        value: from the feature matrix (features, n) to (n,), in any batch the same bytes.
        in_silence: how it moves without events; HELD stands still.
        churn_sign: 1 where more of it must not lower the risk, -1 where it must not raise it, 0
            where either may be.
        rule: the warning rule whose words speak for its points; None describes the customer, and
            is nobody's reason.
    """

    name: str
    words: str
    unit: str
    value: Value
    in_silence: InSilence
    churn_sign: int
    rule: str | None = None


_RISES, _FALLS, _HELD = InSilence.RISES, InSilence.FALLS, InSilence.HELD
_DECLINE: Final = "share of what was usual"
_RATIO: Final = "e-fold"

INPUTS: Final[tuple[Input, ...]] = (
    Input(
        "no_purchase",
        "P(no purchase) of the purchase model",
        "log odds",
        no_purchase,
        _RISES,
        1,
        rule="silence",
    ),
    Input(
        "gone",
        "P(gone for good) of the purchase model",
        "log odds",
        gone,
        _RISES,
        1,
        rule="silence",
    ),
    Input(
        "silence_in_gaps",
        "silence over the gap to expect",
        "e-fold of 1 + gaps",
        silence_in_gaps,
        _RISES,
        1,
        rule="silence",
    ),
    Input(
        "silence",
        "time since the last purchase",
        "e-fold of 1 + days",
        logarithm(Feature.DAYS_SINCE_LAST),
        _RISES,
        1,
        rule="silence",
    ),
    Input(
        "frequency",
        "repeat purchase days",
        "e-fold of 1 + days",
        logarithm(Feature.FREQUENCY),
        _HELD,
        -1,
    ),
    Input(
        "recency",
        "first to last purchase",
        "e-fold of 1 + days",
        logarithm(Feature.RECENCY),
        _HELD,
        0,
    ),
    Input(
        "expected_spend",
        "value of a purchase to expect",
        "e-fold of 1 + minor units",
        logarithm(Feature.EXPECTED_SPEND),
        _HELD,
        -1,
    ),
    Input(
        "use_against_usual",
        "purchases of late against one's usual",
        _RATIO,
        against(Feature.USE_NOW, Feature.USE_THEN),
        _HELD,
        -1,
        rule="card_use_decline",
    ),
    Input(
        "spend_against_usual",
        "spend of late against one's usual",
        _RATIO,
        against(Feature.SPEND_NOW, Feature.SPEND_THEN),
        _HELD,
        -1,
        rule="spend_decline",
    ),
    Input(
        "visits_against_usual",
        "visits of late against one's usual",
        _RATIO,
        against(Feature.VISITS_NOW, Feature.VISITS_THEN),
        _HELD,
        -1,
        rule="engagement_decline",
    ),
    Input(
        "spend_decline",
        "proven decline of spend",
        _DECLINE,
        as_it_is(Feature.SPEND_DECLINE),
        _HELD,
        1,
        rule="spend_decline",
    ),
    Input(
        "use_decline",
        "proven decline of use",
        _DECLINE,
        as_it_is(Feature.USE_DECLINE),
        _HELD,
        1,
        rule="card_use_decline",
    ),
    Input(
        "visits_decline",
        "proven decline of visits",
        _DECLINE,
        as_it_is(Feature.VISITS_DECLINE),
        _HELD,
        1,
        rule="engagement_decline",
    ),
    Input(
        "overdue_rate",
        "instalments overdue",
        "share of all",
        as_it_is(Feature.OVERDUE_RATE),
        _FALLS,
        1,
        rule="overdue",
    ),
    Input(
        "complaints",
        "complaints not long ago",
        "complaints",
        as_it_is(Feature.COMPLAINTS),
        _FALLS,
        1,
        rule="dissatisfaction",
    ),
    Input(
        "dissatisfaction",
        "dissatisfaction heard not long ago",
        "complaints' worth",
        as_it_is(Feature.DISSATISFACTION),
        _FALLS,
        1,
        rule="dissatisfaction",
    ),
    Input(
        "declined_rate",
        "card payments declined",
        "share of all",
        as_it_is(Feature.DECLINED_RATE),
        _HELD,
        1,
    ),
    Input(
        "refund_rate", "purchases refunded", "share of all", as_it_is(Feature.REFUND_RATE), _HELD, 1
    ),
    Input(
        "bad_survey",
        "last survey's answer",
        "best to worst",
        as_it_is(Feature.BAD_SURVEY),
        _HELD,
        1,
        rule="dissatisfaction",
    ),
    Input(
        "bad_nps",
        "last answer on recommending",
        "best to worst",
        as_it_is(Feature.BAD_NPS),
        _HELD,
        1,
        rule="dissatisfaction",
    ),
)
BY_NAME: Final = MappingProxyType({row.name: row for row in INPUTS})


def values(matrix: Floats, purchases: PurchaseModel, inputs: tuple[Input, ...] = INPUTS) -> Floats:
    """Values of inputs, shape (len(inputs), n).

    Args:
        matrix: features, shape (features, n).
        purchases: the purchase model they are of.
        inputs: whose values, a row each.
    """
    table = np.empty((len(inputs), matrix.shape[1]))
    for row, one in enumerate(inputs):
        table[row] = one.value(matrix, purchases)
    return table
