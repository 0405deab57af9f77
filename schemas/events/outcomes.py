"""What people answer to warnings and cases: the events of the outcome topic.

Each names the warning or the case that it is about, and who answered.
"""

from datetime import timedelta
from typing import Annotated, Any, Final, Literal, NotRequired, get_args

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from schemas.events.common import CustomerEvent
from schemas.fields import Id, Note, Slug, Time
from schemas.ids import CaseId, WarningId

LossReason = Literal[
    "price", "service", "competitor", "need_gone", "moved", "deceased", "unknown", "other"
]
DismissalReason = Literal[
    "travelling", "seasonal", "already_known", "data_error", "still_active", "other"
]
LOSS_REASONS: Final[tuple[LossReason, ...]] = get_args(LossReason)
DISMISSAL_REASONS: Final[tuple[DismissalReason, ...]] = get_args(DismissalReason)

LONGEST_SNOOZE: Final = timedelta(days=366)  # a mistyped year would hide a case for good

Offer = Annotated[Slug, Field(description="Code of the offer, of the bank's own vocabulary.")]


class OutcomeEvent(CustomerEvent):
    """What every answer carries; one of `warning_id` and `case_id` it must have."""

    warning_id: NotRequired[
        Annotated[WarningId, Field(description="The warning it is about, as published.")]
    ]
    case_id: NotRequired[
        Annotated[CaseId, Field(description="The case it is about, as published.")]
    ]
    answered_by: Annotated[Id, Field(description="Opaque id of who answered; never a name.")]
    note: NotRequired[
        Annotated[Note, Field(description="For who comes next; nothing is decided by it.")]
    ]


class WarningAcknowledged(OutcomeEvent):
    """Somebody looks after it."""

    type: Literal["acknowledged"]


class CustomerContacted(OutcomeEvent):
    """The customer was reached."""

    type: Literal["contacted"]
    touchpoint: NotRequired[
        Annotated[Slug, Field(description="Where the bank and the customer met.")]
    ]


class OfferMade(OutcomeEvent):
    """The customer was offered something."""

    type: Literal["offer_made"]
    offer: NotRequired[Offer]


class OfferAccepted(OutcomeEvent):
    """The customer took the offer."""

    type: Literal["accepted"]
    offer: NotRequired[Offer]


class CustomerRetained(OutcomeEvent):
    """The warning was right, and the customer stays: it is closed, and its rule rests."""

    type: Literal["retained"]


class CustomerLost(OutcomeEvent):
    """The customer has left: all is closed, and a win-back case opens."""

    type: Literal["lost"]
    reason: Annotated[LossReason, Field(description="Why, as far as is known.")]


class FalseAlarm(OutcomeEvent):
    """The warning was wrong: it is closed, and its rule rests."""

    type: Literal["false_alarm"]
    reason: Annotated[DismissalReason, Field(description="Why it was wrong.")]


class CaseSnoozed(OutcomeEvent):
    """The case holds its messages until an instant, and is open again if anything still stands."""

    type: Literal["snoozed"]
    until: Annotated[
        Time,
        Field(description="When it comes back, within 366 days: ISO 8601 with offset."),
    ]


class CaseReassigned(OutcomeEvent):
    """The case goes from one officer to another: the desk takes it, and nothing else changes."""

    type: Literal["reassigned"]
    officer: Annotated[
        Id, Field(description="Opaque id of whose it is from now on, one of the route's officers.")
    ]


def _is_whole(event: Any) -> Any:  # noqa: ANN401 - any of the union
    if "warning_id" not in event and "case_id" not in event:
        raise PydanticCustomError("missing_field", "a warning_id or a case_id")
    if event["type"] == "reassigned" and "case_id" not in event:
        raise PydanticCustomError("missing_field", "a case_id")
    if (
        "until" in event
        and not timedelta() < event["until"] - event["event_time"] <= LONGEST_SNOOZE
    ):
        raise PydanticCustomError("out_of_range", "until: up to 366 days after event_time")
    return event


CustomerOutcome = Annotated[
    Annotated[
        WarningAcknowledged
        | CustomerContacted
        | OfferMade
        | OfferAccepted
        | CustomerRetained
        | CustomerLost
        | FalseAlarm
        | CaseSnoozed
        | CaseReassigned,
        Field(discriminator="type"),
    ],
    AfterValidator(_is_whole),
]
"""Any event of the outcome topic."""
