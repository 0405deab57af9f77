"""What the churn scorecard may weigh: one literal registry.

How an input moves while nothing happens is a promise, kept for every state and model. Where
weights are held to their signs, silence adds to the risk and only the fading of troubles takes from
it; with any weights the risk can be bounded (see `ChurnScorecard.highest`).
"""

from types import MappingProxyType
from typing import Final

import numpy as np

from scoring.arrays import Floats
from scoring.churn._silence import SILENCE_INPUTS
from scoring.churn._values import against, as_it_is, gap, logarithm, visit_silence
from scoring.churn.input import Input
from scoring.feature import Feature, InSilence
from scoring.models import PurchaseModel

_RISES, _FALLS, _HELD = InSilence.RISES, InSilence.FALLS, InSilence.HELD
_DECLINE: Final = "share of what was usual"
_RATIO: Final = "e-fold"
_GAPS: Final = (0.0, 0.3, 0.6, 0.9, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0)
_VISIT_DAYS: Final = (0.0, 0.7, 1.4, 2.1, 2.8, 3.5, 4.2, 5.0)

INPUTS: Final[tuple[Input, ...]] = (
    *SILENCE_INPUTS,
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
        "visit_silence",
        "time since the last visit over the gap to expect",
        "e-fold of 1 + gaps",
        visit_silence,
        _RISES,
        1,
        bends=_GAPS,
        rule="engagement_decline",
    ),
    Input(
        "visit_gap_short",
        "gap between visits to expect of very late",
        "e-fold of days",
        gap(Feature.VISIT_GAP_SHORT),
        _HELD,
        1,
        bends=_VISIT_DAYS,
        rule="engagement_decline",
    ),
    Input(
        "visit_gap_long",
        "gap between visits to expect over long",
        "e-fold of days",
        gap(Feature.VISIT_GAP_LONG),
        _HELD,
        0,
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
