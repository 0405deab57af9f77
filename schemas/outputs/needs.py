"""What a customer needs, in words of the contract."""

from datetime import date
from typing import Literal

from pydantic import Field

from schemas.fields import Id, TouchpointFamily
from schemas.outputs.base import Output
from schemas.segments import Category

Reach = Literal["app", "web", "phone", "branch", "email"]


class PastOffer(Output):
    """Something that the customer was offered, in an open case or an earlier one."""

    offer: Id | None = Field(
        description="Its code; null where the answer named none, or one that the rules do not know."
    )
    day: date = Field(description="When, a day of the book.")
    accepted: bool = Field(description="Whether the customer took it.")


class CustomerNeeds(Output):
    """What an offer or a remedy should be about, and where it reaches the customer."""

    top_category: Category = Field(description="What most is spent on lately.")
    usual_category: Category = Field(description="The same over the long run.")
    reach: Reach | None = Field(
        description="Where the customer answered last, else where they were met most."
    )
    weakest_touchpoint: TouchpointFamily | None = Field(
        description="Where they are least satisfied, if that is below one half."
    )
    offers: tuple[PastOffer, ...] = Field(
        default=(), max_length=3, description="What they were offered, the latest first."
    )
    text: str = Field(description="The same in words.")
