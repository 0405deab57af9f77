"""Inputs of a silence, and of the rhythm it is held against: the first rows of the registry."""

from typing import Final

from scoring.churn._values import (
    as_it_is,
    gap,
    gone,
    lapse,
    logarithm,
    no_purchase,
    remaining,
    silence_in_gaps,
    silence_in_late_gaps,
    usual_gap,
)
from scoring.churn.input import Input
from scoring.feature import Feature, InSilence

_RISES, _HELD = InSilence.RISES, InSilence.HELD
_STAGES: Final = (0.0, 0.03, 0.07, 0.15, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0)  # of a silence
_ODDS: Final = (-4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.5, 6.0)

SILENCE_INPUTS: Final[tuple[Input, ...]] = (
    Input(
        "lapse",
        "P(this silence counts as leaving in the end) of the purchase model",
        "log odds",
        lapse,
        _RISES,
        1,
        bends=_ODDS,
        rule="silence",
    ),
    Input(
        "silence_share",
        "how far this silence is through the days that count as leaving",
        "share",
        as_it_is(Feature.SILENCE_SHARE),
        _RISES,
        1,
        bends=_STAGES,
        rule="silence",
    ),
    Input(
        "remaining",
        "days left until this silence counts as leaving",
        "e-fold fewer",
        remaining,
        _RISES,
        1,
        rule="silence",
    ),
    Input(
        "silence_in_late_gaps",
        "silence over the gap to expect of late",
        "e-fold of 1 + gaps",
        silence_in_late_gaps,
        _RISES,
        1,
        rule="silence",
    ),
    Input("usual_gap", "gap to expect", "e-fold of days", usual_gap, _HELD, 0),
    Input(
        "gap_short",
        "gap to expect of very late",
        "e-fold of days",
        gap(Feature.GAP_SHORT),
        _HELD,
        0,
    ),
    Input(
        "gap_middle", "gap to expect of late", "e-fold of days", gap(Feature.GAP_MIDDLE), _HELD, 0
    ),
    Input("gap_long", "gap to expect over long", "e-fold of days", gap(Feature.GAP_LONG), _HELD, 0),
    Input(
        "days_lately",
        "purchase days in the four weeks up to the last",
        "e-fold of 1 + days",
        logarithm(Feature.DAYS_LATELY),
        _HELD,
        0,
    ),
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
)
