"""Interactions: the events of the topic `bank.customer.interaction.v1`.

What a customer did and said is here, what happened to the account in `schemas.events.accounts`;
both travel on the one topic. Optional fields are left out when unknown; null is refused.
"""

from typing import Annotated, Literal, NotRequired

from pydantic import Field

from schemas.events.accounts import AccountEvent
from schemas.events.common import Contact
from schemas.fields import CampaignId, Duration, Points, ReferredId, Slug


class AppSession(Contact):
    """A session in the bank's app."""

    type: Literal["app_session"]
    duration_seconds: Duration


class WebVisit(Contact):
    """A visit to the bank's site."""

    type: Literal["web_visit"]
    duration_seconds: Duration


class Browse(Contact):
    """A page or offer was looked at."""

    type: Literal["browse"]


class Click(Contact):
    """A link or offer was clicked."""

    type: Literal["click"]


class Share(Contact):
    """Something of the bank's was shared with others."""

    type: Literal["share"]


class Chat(Contact):
    """A chat with the bank."""

    type: Literal["chat"]


class Email(Contact):
    """An e-mail from the customer."""

    type: Literal["email"]


class Call(Contact):
    """A telephone call with the bank."""

    type: Literal["call"]


class BranchVisit(Contact):
    """A visit to a branch."""

    type: Literal["branch_visit"]


class AtmVisit(Contact):
    """Use of a cash machine, whatever was done there."""

    type: Literal["atm_visit"]


class Complaint(Contact):
    """A complaint."""

    type: Literal["complaint"]
    category: NotRequired[Annotated[Slug, Field(description="What it is about.")]]


class Survey(Contact):
    """An answer to a satisfaction survey."""

    type: Literal["survey"]
    score: Annotated[int, Field(ge=1, le=5, description="1 (dissatisfied) to 5 (satisfied).")]


class Nps(Contact):
    """An answer to the net promoter question."""

    type: Literal["nps"]
    score: Annotated[
        int, Field(ge=0, le=10, description="0 to 6 detractor, 7 or 8 passive, 9 or 10 promoter.")
    ]


class Referral(Contact):
    """The customer brought somebody."""

    type: Literal["referral"]
    referred_id: NotRequired[ReferredId]


class CampaignSent(Contact):
    """A campaign's message was sent to the customer."""

    type: Literal["campaign_sent"]
    campaign_id: CampaignId


class CampaignOpened(Contact):
    """The customer opened a campaign's message."""

    type: Literal["campaign_opened"]
    campaign_id: CampaignId


class CampaignConverted(Contact):
    """The customer did what a campaign asked for."""

    type: Literal["campaign_converted"]
    campaign_id: CampaignId


class PointsEarned(Contact):
    """Loyalty points were earned."""

    type: Literal["points_earned"]
    points: Points


class PointsSpent(Contact):
    """Loyalty points were spent."""

    type: Literal["points_spent"]
    points: Points


class MembershipChanged(Contact):
    """The customer's membership level changed."""

    type: Literal["membership_changed"]
    level: Annotated[Slug, Field(description="The level from now on.")]


Interaction = Annotated[
    AppSession
    | WebVisit
    | Browse
    | Click
    | Share
    | Chat
    | Email
    | Call
    | BranchVisit
    | AtmVisit
    | Complaint
    | Survey
    | Nps
    | Referral
    | CampaignSent
    | CampaignOpened
    | CampaignConverted
    | PointsEarned
    | PointsSpent
    | MembershipChanged
    | AccountEvent,
    Field(discriminator="type"),
]
"""Any event of the interaction topic."""
