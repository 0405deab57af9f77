"""One customer at an instant, evaluated when asked: what `inspect` shows and `serve` answers."""

from pydantic import AwareDatetime, Field

from schemas.fields import Id, TouchpointFamily
from schemas.ids import WarningId
from schemas.outputs.base import NotNegative, Output, Probability
from schemas.outputs.messages import ADVISORY, Band, Confidence, CustomerScore, Intervention, Route
from schemas.outputs.needs import CustomerNeeds
from schemas.outputs.reasons import Reason, Words, WouldClear

_MINOR = "minor units of the book currency"


class Facts(Output):
    """What the customer's record holds, in words."""

    closed: bool = Field(description="Whether the account is closed.")
    first_event: AwareDatetime = Field(description="When the customer was first heard of.")
    last_event: AwareDatetime = Field(description="When the customer was last heard of.")
    first_purchase_day: str | None = Field(description="Calendar day of the book's time zone.")
    last_purchase_day: str | None = Field(description="Likewise.")
    frequency: int = Field(ge=0, description="Repeat purchase days: distinct ones less one.")
    recency_days: NotNegative = Field(description="First to last purchase, days.")
    tenure_days: NotNegative = Field(description="First purchase to the instant, days.")
    monetary_value: NotNegative = Field(
        description=f"Mean value of a repeat purchase day, {_MINOR}."
    )
    total_value: int = Field(description=f"Value of all purchases, {_MINOR}.")
    clv: float = Field(description=f"Lifetime value ahead as of the last event, {_MINOR}.")
    clv_peak: float = Field(description=f"The highest it ever was, {_MINOR}.")
    last_survey: int | None = Field(description="Last survey's answer, 1 to 5.")
    last_nps: int | None = Field(description="Last NPS answer, 0 to 10.")
    counts: dict[str, int] = Field(description="Events by sort.")
    money: dict[str, int] = Field(description=f"Running totals, {_MINOR}.")
    decayed: dict[str, float] = Field(description="Decayed totals as of the instant.")


class OpenWarning(Output):
    """A rule whose level is up."""

    rule: Id = Field(description="The rule that warns.")
    route: Route = Field(description="Which topic its messages go to.")
    band: Band = Field(description="Its risk band.")
    intervention: Intervention = Field(description="What the band calls for.")
    action: Id = Field(description="Code of the recommended action.")
    action_text: Words = Field(description="The action in plain words.")
    warning_id: WarningId = Field(description="As in the warning's own messages.")
    episode: int = Field(ge=1, description="How often the rule has warned about the customer.")
    sequence: int = Field(ge=0, description="Messages of the warning so far.")
    since: AwareDatetime = Field(description="When it was raised.")
    severity: NotNegative | None = Field(description=f"Value at risk as last told, {_MINOR}.")
    reason: Reason = Field(description="What the rule says at the instant.")
    would_clear: WouldClear | None = Field(
        default=None, description="What would clear it; null where that was not asked for."
    )


class AtTouchpoint(Output):
    """How satisfied a customer is at one family of touchpoints."""

    touchpoint: TouchpointFamily = Field(description="The family.")
    satisfaction: Probability = Field(
        description="Half the last answers about it, half complaints about it and less use."
    )
    last_survey: int | None = Field(description="Last survey's answer about it, 1 to 5.")
    last_nps: int | None = Field(description="Last NPS answer about it, 0 to 10.")
    complaints: NotNegative = Field(description="About it, decayed as of the last contact.")
    last_contact: AwareDatetime = Field(
        description="Of the visits, complaints and answers that happened there, to the second."
    )


class CustomerNow(Output):
    """What is known of a customer at an instant, silence since the last event included."""

    customer_id: Id = Field(description="Pseudonymous customer id.")
    at: AwareDatetime = Field(description="The instant that all below is about.")
    clock: AwareDatetime = Field(
        description="The clock of the partition that holds the record: what came before is in it."
    )
    scored_with: str | None = Field(
        description="Version of the parameters that workers last scored the partition with."
    )
    facts: Facts = Field(description="The record itself.")
    score: CustomerScore = Field(description="Scores at the instant.")
    value_at_stake: NotNegative = Field(description=f"What there is to lose, {_MINOR}.")
    points: float = Field(
        description="Behind churn_risk: base_points, those of the reasons and other_points."
    )
    base_points: float = Field(description="Points of whoever gives no reason.")
    reasons: tuple[Reason, ...] = Field(
        description="What gives most points or is warned of, most first."
    )
    other_points: float = Field(description="Points that no reason above gives.")
    confidence: Confidence = Field(description="Low while history is thin.")
    touchpoints: tuple[AtTouchpoint, ...] = Field(
        default=(), description="Where the customer met the bank, the least satisfied first."
    )
    needs: CustomerNeeds | None = Field(
        default=None, description="What to talk about, and where; null where nothing is known."
    )
    warnings: tuple[OpenWarning, ...] = Field(description="Open as of the last commit.")
    next_timer: AwareDatetime | None = Field(
        description="When silence alone may change a warning; null for never."
    )
    advisory: str = Field(default=ADVISORY, description="What this is not.")
