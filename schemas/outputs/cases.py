"""The one case of a customer, as it is published."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from schemas.events.outcomes import LossReason
from schemas.fields import Currency, Id
from schemas.ids import CaseId, WarningId
from schemas.outputs.base import NotNegative, Output, Probability
from schemas.outputs.messages import (
    ADVISORY,
    VALUE_TIER,
    Arm,
    Band,
    ClosedBy,
    Intervention,
    Route,
    ValueTier,
    Withdrawn,
)
from schemas.outputs.needs import CustomerNeeds
from schemas.outputs.reasons import Words

CaseStatus = Literal["open", "snoozed", "closed"]
CaseKind = Literal["retention", "win_back"]
Progress = Literal["new", "acknowledged", "contacted", "offer_made", "accepted"]
CaseClosedBy = Annotated[
    ClosedBy | Literal["cleared", "returned"],
    Field(description="cleared: nothing is left to warn about; returned: a lost customer bought."),
]


class CaseWarning(Output):
    """One open warning of a case."""

    warning_id: WarningId = Field(description="As in the warning's own messages.")
    rule: Id = Field(description="The rule that raised it.")
    band: Band = Field(description="Its risk band.")
    severity: NotNegative = Field(description="Value at risk as last told, minor units.")
    raised_at: AwareDatetime = Field(description="When it was raised.")


class CaseBefore(Output):
    """What the case was in its message before this one."""

    status: CaseStatus = Field(description="Its status.")
    leading: WarningId | None = Field(description="Its leading warning, if it had one.")


class CustomerCase(Output):
    """All that is open about one customer, so that nobody is called thrice.

    A message comes with every change and with nothing else; `case_id` and `sequence` together are
    unique and the same after any replay. The topic keeps each customer's last one.
    """

    case_id: CaseId = Field(description="`<hash of the customer>.<number>`.")
    sequence: int = Field(ge=1, description="Counts the messages of one case_id from 1.")
    previous: CaseBefore | None = Field(description="What it was; null in the first message.")
    customer_id: Id = Field(description="Pseudonymous customer id; the record's key.")
    kind: CaseKind = Field(description="Whether to keep the customer or to win them back.")
    status: CaseStatus = Field(description="Snoozed holds its messages until snoozed_until.")
    progress: Progress = Field(description="The last thing that somebody did about it.")
    closed_by: CaseClosedBy | None = Field(default=None, description="Why it is closed.")
    reason: LossReason | None = Field(default=None, description="Why the customer was lost.")
    opened_at: AwareDatetime = Field(description="When the case was opened.")
    event_time: AwareDatetime = Field(description="The instant of this change.")
    snoozed_until: AwareDatetime | None = Field(default=None, description="When it comes back.")
    warnings: tuple[CaseWarning, ...] = Field(
        description="The open warnings, the leading one first, the others by the same order."
    )
    leading: WarningId | None = Field(
        description="The one of the highest severity, of equal ones the graver, then the earlier "
        "rule's."
    )
    band: Band = Field(description="Of the leading warning; high to win back, low once closed.")
    intervention: Intervention = Field(
        description="What the band calls for, of customers of this tier."
    )
    route: Route = Field(
        description="What the leading warning's band calls for; once closed, its rule's."
    )
    severity: NotNegative = Field(
        description="Of the leading warning, minor units of `currency`; what is at stake to win "
        "back; 0 once closed."
    )
    value_at_risk: NotNegative = Field(
        description="churn_risk times value_at_stake at event_time, minor units of `currency`."
    )
    value_at_stake: NotNegative = Field(
        description="Discounted future margin less cost as of the last purchase, minor units."
    )
    tier: ValueTier | None = Field(default=None, description=VALUE_TIER)
    churn_risk: Probability = Field(description="As in warnings, at event_time.")
    currency: Currency = Field(description="ISO 4217 code of the book currency.")
    action: Id = Field(description="Code of the next best action.")
    action_text: Words | None = Field(default=None, description="The action in plain words.")
    needs: CustomerNeeds | None = Field(
        default=None,
        description="What it should be about; null once closed, or where nothing is known.",
    )
    arm: Arm = Field(description="Holdout customers are left alone, to tell what acting is worth.")
    consent_withdrawn: Withdrawn = ()
    model_version: Id = Field(description="Version of the parameters behind the figures.")
    advisory: Literal["Advisory only: a decision about the customer needs a person."] = Field(
        default=ADVISORY, description="What the case is not."
    )
