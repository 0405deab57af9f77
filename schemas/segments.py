"""The classes a customer is put into, as score messages tell them."""

from typing import Annotated, Literal

from pydantic import Field

from schemas._output import Output, Probability

Tier = Literal["low", "middle", "high"]
Category = Literal[
    "none",
    "other",
    "groceries",
    "dining",
    "travel",
    "transport",
    "shopping",
    "leisure",
    "household",
]


class Segments(Output):
    """What segments a customer is in, by the cut points of the parameter file."""

    rfm: Annotated[str, Field(pattern="^[1-5]{3}$")] = Field(
        description="Scores 1 to 5 of recency, frequency and monetary value; 5 is best."
    )
    value_tier: Tier = Field(description="By the lifetime value ahead.")
    activity: Tier = Field(description="By purchases and visits a month, lately.")
    lifecycle: Literal["new", "growing", "retained", "declining", "lapsed"] = Field(
        description="Stage of the relationship."
    )
    loyalty: Literal["normal", "active", "loyal"] = Field(description="Loyalty class.")
    standing: Literal["core", "potential", "at_risk"] = Field(
        description="At risk while any warning is open; core by value."
    )
    nps: Literal["none", "detractor", "passive", "promoter"] = Field(
        description="Class of the last NPS answer."
    )
    term: Literal["short", "middle", "long"] = Field(
        description="By days since the first purchase."
    )
    top_category: Category = Field(description="Category of the most spend, lately.")
    usual_category: Category = Field(description="Category of the most spend in the long run.")
    category_shift: Probability = Field(
        description="Share of spend that moved between categories lately."
    )
    satisfaction: Probability = Field(
        description="Half by what the customer says, half by what the customer does."
    )
