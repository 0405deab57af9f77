"""What Ebbwatch publishes: early warnings and scores."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from schemas.fields import Currency, Id, TouchpointFamily
from schemas.ids import WarningId
from schemas.outputs.base import NotNegative, Output, Probability
from schemas.outputs.reasons import MOST_REASONS, Feed, Reason, Words, WouldClear
from schemas.segments import Segments

ADVISORY: Literal["Advisory only: a decision about the customer needs a person."] = (
    "Advisory only: a decision about the customer needs a person."
)

Lifecycle = Literal["raised", "escalated", "eased", "cleared"]
Route = Literal["risk", "relationship"]
Band = Literal["low", "middle", "high"]
Intervention = Literal["maintain", "incentivise", "win_back"]
Confidence = Literal["low", "normal"]
ValueTier = Literal["low", "middle", "high"]
Arm = Literal["treated", "holdout"]
ClosedBy = Literal["retained", "false_alarm", "lost"]
Withdrawn = Annotated[
    tuple[Literal["marketing", "profiling"], ...],
    Field(
        description="What the customer withdrew consent to, or objected to. marketing: nothing is "
        "to be offered. profiling: it is over for that, its figures are 0 and nothing follows."
    ),
]

INTERVENTIONS: Mapping[Band, Intervention] = MappingProxyType(
    {"low": "maintain", "middle": "incentivise", "high": "win_back"}
)
"""Risk band -> what to do: maintain (维系), incentivise (激励), win back (挽留)."""

_HORIZON = "Days ahead that p_no_purchase and expected_purchases look."
_P_ALIVE = "Probability that the customer is still active."
_P_NO_PURCHASE = "Probability of no purchase within the horizon."
_EXPECTED_PURCHASES = "Expected number of purchase days within the horizon."
_EXPECTED_SPEND = "Expected value of a purchase day, minor units of `currency`."
_CLV = "Discounted future margin less cost as of event_time, minor units of `currency`."
_CHURN_RISK = (
    "Probability of churn within churn_horizon_days, calibrated where a churn scorecard was "
    "fitted. The one to act on: other probabilities are evidence."
)
_CHURN_HORIZON = (
    "Days ahead that churn_risk looks: those that the churn scorecard was fitted to, "
    "horizon_days without one."
)
_SEVERITY = (
    "Value at risk, minor units of `currency`: churn_risk times value_at_stake when raised; an "
    "escalation never tells less than was told last, an easing never more; 0 once cleared."
)
_VALUE_AT_STAKE = (
    "Discounted future margin less cost as of the last purchase, before any silence, at least 0, "
    "minor units of `currency`."
)
VALUE_TIER = (
    "By value_at_stake: the amounts of the rules file, else the cut points of the parameters; null "
    "where neither has any, and of whom nothing is scored."
)
_SCORE = "Points behind churn_risk: base_points, those of the reasons and other_points together."
_CURRENCY = "ISO 4217 code of the book currency."
_MODEL = "Version of the parameters behind the scores."
_RULES = "Version of the rules in force: their file's name and digest."


class BandBefore(Output):
    """What a warning was in its message before this one."""

    band: Band = Field(description="Its band.")
    sequence: int = Field(ge=1, description="The sequence of that message.")


class EarlyWarning(Output):
    """A risk threshold was crossed, upwards or downwards.

    The band names the intervention: low is maintain (维系), middle is incentivise (激励), high is
    win back (挽留), unless a bank's rules map bands otherwise. `warning_id` and `sequence` together
    are unique and the same after any replay.
    """

    warning_id: WarningId = Field(description="`<hash of the customer>.<rule>.<episode>`.")
    sequence: int = Field(ge=1, description="Counts the messages of one warning_id from 1.")
    previous: BandBefore | None = Field(
        default=None, description="What it was; null where it was not open before."
    )
    lifecycle: Lifecycle = Field(description="What became of the warning.")
    closed_by: ClosedBy | None = Field(
        default=None, description="The answer that cleared it, null where its value did."
    )
    customer_id: Id = Field(description="Pseudonymous customer id; the record's key.")
    rule: Id = Field(description="The rule that crossed its threshold.")
    route: Route = Field(description="Which topic the warning goes to.")
    band: Band = Field(description="Risk band from now on.")
    intervention: Intervention = Field(
        description="What the band calls for, of customers of this tier."
    )
    action: Id = Field(description="Code of the recommended action.")
    action_text: Words | None = Field(default=None, description="The action in plain words.")
    event_time: AwareDatetime = Field(description="The instant the evaluation is about.")
    raised_at: AwareDatetime = Field(description="When the warning_id was first raised.")
    severity: NotNegative = Field(description=_SEVERITY)
    value_at_stake: NotNegative | None = Field(default=None, description=_VALUE_AT_STAKE)
    tier: ValueTier | None = Field(default=None, description=VALUE_TIER)
    churn_risk: Probability = Field(description=_CHURN_RISK)
    churn_horizon_days: float | None = Field(default=None, gt=0, description=_CHURN_HORIZON)
    p_alive: Probability = Field(description=_P_ALIVE)
    p_no_purchase: Probability = Field(description=_P_NO_PURCHASE)
    horizon_days: float = Field(gt=0, description=_HORIZON)
    expected_purchases: NotNegative = Field(description=_EXPECTED_PURCHASES)
    expected_spend: NotNegative = Field(description=_EXPECTED_SPEND)
    clv: float = Field(description=_CLV)
    currency: Currency = Field(description=_CURRENCY)
    arm: Arm = Field(
        default="treated",
        description="Holdout customers are left alone, to tell what acting is worth.",
    )
    confidence: Confidence = Field(
        description="Low where history is thin, or the feed brought less than half of the usual."
    )
    score: float = Field(description=_SCORE)
    base_points: float = Field(description="Points of whoever gives no reason.")
    reasons: tuple[Reason, ...] = Field(
        max_length=MOST_REASONS,
        description="The rule itself and what gives most points, most first.",
    )
    other_points: float = Field(description="Points that no reason above gives.")
    would_clear: WouldClear | None = Field(
        default=None, description="What would clear the warning; null once it is."
    )
    weakest_touchpoint: TouchpointFamily | None = Field(
        default=None,
        description="Of an open warning of dissatisfaction: the family of touchpoints where the "
        "customer is least satisfied; null where they met the bank at none.",
    )
    consent_withdrawn: Withdrawn = ()
    feed: Feed | None = Field(
        default=None,
        description="Evidence that silence is the customer's own and not a stopped feed's, for "
        "rules that silence alone can fire; null where nothing came yet.",
    )
    model_version: Id = Field(description=_MODEL)
    rules_version: Id | None = Field(default=None, description=_RULES)
    advisory: Literal["Advisory only: a decision about the customer needs a person."] = Field(
        default=ADVISORY, description="What the warning is not."
    )

    @model_validator(mode="after")
    def _nothing_is_done_about_a_low_risk(self) -> Self:
        expected = INTERVENTIONS["low"]
        if self.band == "low" and self.intervention != expected:
            msg = f"intervention: expected {expected} in band low, got {self.intervention}"
            raise ValueError(msg)
        return self


class CustomerScore(Output):
    """The latest scores of one customer."""

    customer_id: Id = Field(description="Pseudonymous customer id; the record's key.")
    event_time: AwareDatetime = Field(description="The instant the scores are about.")
    frequency: int = Field(ge=0, description="Repeat purchase days: distinct ones less one.")
    recency_days: NotNegative = Field(description="First to last purchase, days.")
    tenure_days: NotNegative = Field(description="First purchase to event_time, days.")
    monetary_value: NotNegative = Field(
        description="Mean value of a repeat purchase day, minor units of `currency`."
    )
    p_alive: Probability = Field(description=_P_ALIVE)
    p_no_purchase: Probability = Field(description=_P_NO_PURCHASE)
    horizon_days: float = Field(gt=0, description=_HORIZON)
    expected_purchases: NotNegative = Field(description=_EXPECTED_PURCHASES)
    expected_spend: NotNegative = Field(description=_EXPECTED_SPEND)
    clv: float = Field(description=_CLV)
    net_value: float | None = Field(
        default=None, description="Margin and other revenue so far less all cost, minor units."
    )
    churn_risk: Probability = Field(description=_CHURN_RISK)
    churn_horizon_days: float | None = Field(default=None, gt=0, description=_CHURN_HORIZON)
    is_churn_flagged: bool = Field(description="Whether the churn flag is up.")
    risk_band: Band = Field(description="Highest band of the rules on the risk route.")
    relationship_band: Band = Field(
        description="Highest band of the rules on the relationship route."
    )
    currency: Currency = Field(description=_CURRENCY)
    model_version: Id = Field(description=_MODEL)
    rules_version: Id | None = Field(default=None, description=_RULES)
    segments: Segments | None = Field(
        default=None, description="Classes, where the parameters hold cut points."
    )
