"""The warning rules: one literal registry, from which state slots, metrics, docs and tests derive.

A rule's place in `RULES` is its slot in the packed state: append only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import numpy as np

from scoring.features import Feature
from scoring.state import Floats, Horizon

Route = Literal["risk", "relationship"]


class InSilence(StrEnum):
    """How a rule's value moves while nothing happens, and so whether silence must be timed."""

    RISES = "rises"
    FALLS = "falls"
    MIXED = "mixed"  # some of it rises, some falls
    HELD = "held"  # judged at the customer's own events only: silence has a rule of its own


@dataclass(frozen=True)
class Rule:
    """One row of the registry.

    Attributes:
        name: as in parameter files, metrics and warnings.
        route: topic its warnings go to.
        value: feature compared with the thresholds.
        then, now: features shown as evidence, the customer's own past, where there is one to tell,
            and the present.
        in_silence: how the value moves without events.
        actions: codes of the recommended action at band middle and high.
        memory: half-life over which the value's decayed sums fade.
        fades: for a value that falls in silence: the factor by which its decayed sums must shrink
            for the value to reach `threshold`, given the feature matrix.
    """

    name: str
    route: Route
    value: Feature
    then: Feature | None
    now: Feature
    in_silence: InSilence
    actions: tuple[str, str]
    memory: Horizon = Horizon.SHORT
    fades: Callable[[Floats, Floats], Floats] | None = None


def _overdue_fades(matrix: Floats, threshold: Floats) -> Floats:
    overdue, repaid = matrix[Feature.OVERDUE], matrix[Feature.REPAID]
    rest = overdue - threshold * (overdue + repaid)
    return threshold / np.where(rest > 0, rest, np.inf)


def _dissatisfaction_fades(matrix: Floats, threshold: Floats) -> Floats:
    value = matrix[Feature.DISSATISFACTION]
    return threshold / np.where(value > 0, value, np.inf)


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        name="silence",
        route="relationship",
        value=Feature.P_NO_PURCHASE,
        then=Feature.USUAL_GAP,
        now=Feature.DAYS_SINCE_LAST,
        in_silence=InSilence.RISES,
        actions=("reactivation_offer", "win_back_call"),
    ),
    Rule(
        name="spend_decline",
        route="relationship",
        value=Feature.SPEND_DECLINE,
        then=Feature.SPEND_THEN,
        now=Feature.SPEND_NOW,
        in_silence=InSilence.HELD,
        actions=("spend_incentive", "win_back_offer"),
    ),
    Rule(
        name="card_use_decline",
        route="relationship",
        value=Feature.USE_DECLINE,
        then=Feature.USE_THEN,
        now=Feature.USE_NOW,
        in_silence=InSilence.HELD,
        actions=("usage_incentive", "win_back_offer"),
    ),
    Rule(
        name="engagement_decline",
        route="relationship",
        value=Feature.VISITS_DECLINE,
        then=Feature.VISITS_THEN,
        now=Feature.VISITS_NOW,
        in_silence=InSilence.HELD,
        actions=("engagement_content", "advisor_contact"),
    ),
    Rule(
        name="overdue",
        route="risk",
        value=Feature.OVERDUE_RATE,
        then=Feature.REPAID,
        now=Feature.OVERDUE,
        in_silence=InSilence.FALLS,
        actions=("repayment_plan", "win_back_repayment_plan"),
        memory=Horizon.LONG,
        fades=_overdue_fades,
    ),
    Rule(
        name="dissatisfaction",
        route="relationship",
        value=Feature.DISSATISFACTION,
        then=Feature.COMPLAINTS,
        now=Feature.DISSATISFACTION,
        in_silence=InSilence.FALLS,
        actions=("service_recovery", "service_recovery_by_manager"),
        memory=Horizon.MIDDLE,
        fades=_dissatisfaction_fades,
    ),
    Rule(
        name="churn",
        route="relationship",
        value=Feature.CHURN_RISK,
        then=None,
        now=Feature.CHURN_RISK,
        in_silence=InSilence.MIXED,
        actions=("retention_offer", "win_back_call"),
    ),
)
SILENCE, CHURN = 0, 6
HELD: Final = np.array([rule.in_silence is InSilence.HELD for rule in RULES])
VALUES: Final = np.array([rule.value for rule in RULES])
