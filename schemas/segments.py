"""The classes a customer is put into, as score messages tell them.

Names, classes and words stand here and nowhere else: who is in which class is the registry of
`scoring.segments.definitions`, whose rows bear the same names, and docs/segments.md shows both.
"""

from typing import Annotated, Literal

from pydantic import Field

from schemas.outputs.base import Output, Probability

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
    value_tier: Tier = Field(description="by the lifetime value ahead")
    activity: Tier = Field(description="by purchases and visits a month, lately")
    lifecycle: Literal["new", "growing", "retained", "declining", "lapsed"] = Field(
        description="lapsed: P(no purchase) at the silence rule's high threshold; else declining: "
        "a warning of silence or decline is open; else new: a tenure below newcomer_days; else "
        "growing: purchases a month at least growth times those of the long run; else "
        "retained"
    )
    loyalty: Literal["normal", "active", "loyal"] = Field(
        description="active: bought within the last H days; loyal: active, at least "
        "loyal_frequency repeat purchase days, no detractor, no warning of silence or decline"
    )
    standing: Literal["core", "potential", "at_risk"] = Field(
        description="at_risk: any warning is open; else core: of the high value tier; else "
        "potential"
    )
    nps: Literal["none", "detractor", "passive", "promoter"] = Field(
        description="by the last answer: 0 to 6, 7 and 8, 9 and 10"
    )
    term: Literal["short", "middle", "long"] = Field(description="by days since the first purchase")
    top_category: Category = Field(description="category of the most spend, lately")
    usual_category: Category = Field(description="category of the most spend in the long run")
    category_shift: Probability = Field(
        description="Share of spend that moved between categories lately."
    )
    satisfaction: Probability = Field(
        description="Half by what the customer says, half by what the customer does."
    )
