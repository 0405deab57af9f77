"""Section of the cut points that put customers into segments."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from scoring.parameters._section import Days, Positive, Section

Four = Annotated[tuple[float, float, float, float], Field(strict=False)]
Two = Annotated[tuple[float, float], Field(strict=False)]


class SegmentCuts(Section):
    """Where one class ends and the next begins; every list rises, a value at a cut is above it.

    Attributes:
        recency_days: Days since the last purchase day between RFM scores 5, 4, 3, 2 and 1.
        frequency: Repeat purchase days between RFM scores 1 to 5.
        monetary_value: Mean value of a repeat purchase day between RFM scores 1 to 5.
        clv: Lifetime value ahead between the tiers low, middle and high.
        activity: Purchases and visits a month between low, middle and high activity.
        tenure_days: Days since the first purchase between short-, middle- and long-term.
        newcomer_days: Until when a customer is new.
        growth: Purchases a month now, over those of the long run, from which a customer grows.
        loyal_frequency: Repeat purchase days from which a customer can be loyal.
    """

    recency_days: Four
    frequency: Four
    monetary_value: Four
    clv: Two
    activity: Two
    tenure_days: Two
    newcomer_days: Days
    growth: Annotated[float, Field(gt=1.0)]
    loyal_frequency: Positive

    @model_validator(mode="after")
    def _rise(self) -> Self:
        for name, cuts in self:
            # Equal neighbours leave the class between them empty, as ties in quintiles do.
            if isinstance(cuts, tuple) and any(a > b for a, b in pairwise(cuts)):
                raise ValueError(f"{name} should rise")
        return self

    def scaled(self, minor_per_unit: float) -> Self:
        """The same cuts with money in minor units."""
        money = {name: getattr(self, name) for name in ("monetary_value", "clv")}
        scaled = {name: tuple(c * minor_per_unit for c in cuts) for name, cuts in money.items()}
        return self.model_copy(update=scaled)
