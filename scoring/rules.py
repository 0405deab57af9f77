"""The warning rules: one literal registry, from which state slots, metrics, docs and tests derive.

A rule's place in `RULES` is its slot in the packed state: append only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from scoring.arrays import Floats, Horizon
from scoring.feature import Feature, InSilence

Route = Literal["risk", "relationship"]


class Timer(StrEnum):
    """How it is found when a value that rises in silence crosses its threshold."""

    NO_PURCHASE = "no_purchase"  # the root of P(no purchase in H), which the purchase model has
    SCORECARD = "scorecard"  # the root of a bound, since some of its terms fall
    CROSSING = "crossing"  # any other value that never falls in silence, by bracketing


@dataclass(frozen=True)
class Limits:
    """Thresholds of one rule, in the unit of its value.

    Attributes:
        middle: band middle begins here.
        high: band high begins here.
        hysteresis: how far below its threshold a band is kept.
        points: what the rule gives to the score at `high`.
        floor: value up to which it gives none.
    """

    middle: float
    high: float
    hysteresis: float
    points: float
    floor: float = 0.0


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
        limits: for parameter files that do not name the rule; None where the scorecard has them.
        timer: finds when a value that rises in silence, if only in part, crosses its threshold.
        needs_rhythm: the value is a sign of leaving only once the customer's rhythm is known.
        memory: half-life over which the value's decayed sums fade.
        fades: for a value that falls in silence: the factor by which its decayed sums must shrink
            for the value to reach `threshold`, given the feature matrix.

    Raises:
        ValueError: the value rises in silence and nothing times it, so that no silence would ever
            be warned about; or it falls, and nothing tells when the warning clears.
    """

    name: str
    route: Route
    value: Feature
    then: Feature | None
    now: Feature
    in_silence: InSilence
    actions: tuple[str, str]
    limits: Limits | None
    timer: Timer | None = None
    needs_rhythm: bool = False
    memory: Horizon = Horizon.SHORT
    fades: Callable[[Floats, Floats], Floats] | None = None

    def __post_init__(self) -> None:
        rises = self.in_silence in {InSilence.RISES, InSilence.MIXED}
        if rises != (self.timer is not None):
            expected = "a timer" if rises else "no timer"
            raise ValueError(f"rule {self.name}, {self.in_silence} in silence: expected {expected}")
        if (self.in_silence is InSilence.FALLS) != (self.fades is not None):
            raise ValueError(f"rule {self.name}: expected `fades` just where the value falls")


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
        limits=Limits(middle=0.95, high=0.98, hysteresis=0.03, points=40, floor=0.5),
        timer=Timer.NO_PURCHASE,
        needs_rhythm=True,
    ),
    Rule(
        name="spend_decline",
        route="relationship",
        value=Feature.SPEND_DECLINE,
        then=Feature.SPEND_THEN,
        now=Feature.SPEND_NOW,
        in_silence=InSilence.HELD,
        actions=("spend_incentive", "win_back_offer"),
        limits=Limits(middle=0.3, high=0.5, hysteresis=0.05, points=20),
    ),
    Rule(
        name="card_use_decline",
        route="relationship",
        value=Feature.USE_DECLINE,
        then=Feature.USE_THEN,
        now=Feature.USE_NOW,
        in_silence=InSilence.HELD,
        actions=("usage_incentive", "win_back_offer"),
        limits=Limits(middle=0.3, high=0.5, hysteresis=0.05, points=20),
    ),
    Rule(
        name="engagement_decline",
        route="relationship",
        value=Feature.VISITS_DECLINE,
        then=Feature.VISITS_THEN,
        now=Feature.VISITS_NOW,
        in_silence=InSilence.HELD,
        actions=("engagement_content", "advisor_contact"),
        limits=Limits(middle=0.3, high=0.5, hysteresis=0.05, points=10),
    ),
    Rule(
        name="overdue",
        route="risk",
        value=Feature.OVERDUE_RATE,
        then=Feature.REPAID,
        now=Feature.OVERDUE,
        in_silence=InSilence.FALLS,
        actions=("repayment_plan", "win_back_repayment_plan"),
        limits=Limits(middle=0.25, high=0.5, hysteresis=0.05, points=40),
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
        limits=Limits(middle=0.9, high=1.8, hysteresis=0.25, points=30),
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
        limits=None,
        timer=Timer.SCORECARD,
        needs_rhythm=True,
    ),
)
SLOTS: Final[Mapping[str, int]] = MappingProxyType({r.name: slot for slot, r in enumerate(RULES)})
SILENCE: Final = SLOTS["silence"]
CHURN: Final = SLOTS["churn"]
HELD: Final = np.array([rule.in_silence is InSilence.HELD for rule in RULES])
RHYTHMIC: Final = np.flatnonzero([rule.needs_rhythm for rule in RULES])
VALUES: Final = np.array([rule.value for rule in RULES])
