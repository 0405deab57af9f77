"""What the desk is given of a customer's case, and when: cases rationed, as they are published."""

from datetime import date
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from schemas.fields import Currency, Id
from schemas.ids import CaseId
from schemas.outputs.base import NotNegative, Output
from schemas.outputs.messages import ADVISORY, Band, ClosedBy, Route
from schemas.outputs.reasons import Words

AssignmentStatus = Literal["queued", "minor", "handed_out", "withdrawn"]
WithdrawnBy = (
    ClosedBy | Literal["cleared", "returned", "answered", "snoozed", "holdout", "replaced"]
)
NoOffers = Literal["hardship", "complaint", "no_consent", "deceased"]

_OFFERED = "Whether the customer may be offered anything; warnings and cases are never held back."


class HandOut(Output):
    """One hand-out of a customer's case."""

    case_id: CaseId = Field(description="The case.")
    at: AwareDatetime = Field(description="When.")
    day: date = Field(description="The desk's calendar day then.")
    route: Route = Field(description="Whose capacity it took.")
    rank: int = Field(ge=1, description="Its place among the hand-outs of that route and day.")
    officer: Id | None = Field(description="Whose it is; null where a route names nobody.")
    moved_at: AwareDatetime | None = Field(
        default=None, description="When it last went from one officer to another; null for never."
    )


class DeskAssignment(Output):
    """What became of a customer's case at the desk.

    A message comes with every change; `case_id` and `sequence` together are unique. The topic keeps
    each customer's last one, which is all that is known of them at the desk.
    """

    case_id: CaseId = Field(description="As in the case's own messages.")
    sequence: int = Field(ge=1, description="Counts the messages of one case_id from 1.")
    customer_id: Id = Field(description="Pseudonymous customer id; the record's key.")
    status: AssignmentStatus = Field(
        description="queued: waits for room. minor: a lead for the weekly digest, handed out to "
        "nobody. handed_out: somebody has it. withdrawn: nothing is left to do."
    )
    event_time: AwareDatetime = Field(description="When the desk decided so.")
    opened_at: AwareDatetime = Field(description="When the case was opened.")
    route: Route = Field(description="Of the case; once handed out, where it went.")
    band: Band = Field(description="Of the case.")
    action: Id = Field(description="Code of the case's next best action.")
    action_text: Words | None = Field(default=None, description="The action in plain words.")
    value_at_risk: NotNegative = Field(description="Of the case, minor units of `currency`.")
    currency: Currency = Field(description="ISO 4217 code of the book currency.")
    handed_out: HandOut | None = Field(description="When and to whom; null where it never was.")
    withdrawn_by: WithdrawnBy | None = Field(
        default=None,
        description="What closed the case; answered: somebody has acted on it before it was handed "
        "out; snoozed: likewise put off; replaced: a later case took its place.",
    )
    offers_allowed: bool = Field(description=_OFFERED)
    no_offers: tuple[NoOffers, ...] = Field(description="Why not.")
    lately: tuple[HandOut, ...] = Field(
        description="The customer's hand-outs that the limit of contacts counts, oldest first."
    )
    advisory: Literal["Advisory only: a decision about the customer needs a person."] = Field(
        default=ADVISORY, description="What the assignment is not."
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.offers_allowed == bool(self.no_offers):
            raise ValueError("no_offers: expected reasons where none are allowed, and no other")
        if (self.withdrawn_by is not None) != (self.status == "withdrawn"):
            raise ValueError("withdrawn_by: expected a reason where it is withdrawn, and none else")
        if self.status == "handed_out" and self.handed_out is None:
            raise ValueError("handed_out: expected when and to whom")
        return self
