"""What a customer needs, in words of the contract."""

from typing import Literal

from pydantic import Field

from schemas.fields import TouchpointFamily
from schemas.outputs.base import Output
from schemas.segments import Category

Reach = Literal["app", "web", "phone", "branch", "email"]


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
    text: str = Field(description="The same in words.")
