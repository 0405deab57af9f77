"""Why a warning stands, and what would clear it."""

from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field

from schemas.fields import Id
from schemas.outputs.base import NotNegative, Output

Unit = Literal["days", "share", "times", "money"]
Doing = Literal["nothing", "purchase", "visit", "repayment", "quiet"]
Words = Annotated[str, Field(min_length=1, max_length=500)]


MOST_REASONS: Final = 4
"""Most reasons that a warning gives: who reads it remembers no more."""


class Reason(Output):
    """One contribution to a warning, with its evidence."""

    rule: Id = Field(description="The rule that gave the points.")
    points: float = Field(description="Points of the score; below 0 what speaks against.")
    then: float | None = Field(default=None, description="The evidence before, in `unit`.")
    now: float | None = Field(default=None, description="The evidence at event_time, in `unit`.")
    unit: Unit = Field(description="Unit of `then` and `now`; money is in minor units.")
    value: float = Field(description="What the rule compares with its threshold.")
    threshold: float | None = Field(
        default=None,
        description="The value at which the rule fires, in `value_unit`; null where it depends on "
        "the customer's segment.",
    )
    value_unit: Unit = Field(description="Unit of `value` and `threshold`.")
    text: Words = Field(description="The reason in plain words.")


class Feed(Output):
    """What came of everybody in the customer's partition in the last 24 whole hours."""

    heard_at: AwareDatetime = Field(description="When the last event of those came.")
    events: int = Field(ge=0, description="How many came.")
    usual: NotNegative | None = Field(
        default=None, description="How many usually do; null while that is not learnt."
    )
    customers: int = Field(ge=0, description="Of about how many customers, off by a tenth or so.")


class WouldClear(Output):
    """The least that would clear a warning, tried on the customer's state by the scorer itself."""

    doing: Doing = Field(
        description="What the customer would do; quiet is nothing new of the kind, nothing is that "
        "none of it would do within the days that are tried."
    )
    times: int = Field(ge=0, description="How often, spread evenly over `within_days`.")
    within_days: int = Field(ge=0, description="Days from event_time on.")
    then_days: int = Field(
        default=0,
        ge=0,
        description="Days without a return to the band that must then pass before it is cleared.",
    )
    text: Words = Field(description="The same in plain words.")
