"""Sections of what the warning rules are judged by."""

from dataclasses import asdict
from typing import Annotated, Self

from pydantic import Field, model_validator

from scoring.parameters._section import Days, NotNegative, Positive, Section
from scoring.rules import Limits


class RuleLimits(Section):
    """Thresholds of one warning rule, in the unit of the rule's value.

    Attributes:
        middle: Band middle begins here, > 0.
        high: Band high begins here, >= ``middle``.
        hysteresis: How far below its threshold a band is kept, >= 0 and below ``middle``.
        points: What the rule gives to the score at ``high``, >= 0.
        floor: Value up to which it gives none, below ``high``.
        raises: Whether the rule raises warnings; one that does not still tells in scores.
    """

    middle: Positive
    high: Positive
    hysteresis: NotNegative
    points: NotNegative
    floor: NotNegative = 0.0
    raises: bool = True

    @classmethod
    def of(cls, limits: Limits) -> Self:
        """The section that says the same as a rule's default limits."""
        return cls(**{**asdict(limits), "raises": bool(limits.raises)})

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not (self.hysteresis < self.middle <= self.high and self.floor < self.high):
            raise ValueError("limits should rise: hysteresis < middle <= high, floor < high")
        return self


class HalfLives(Section):
    """Half-lives of the decayed sums, days."""

    short: Days
    middle: Days
    long: Days

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.short < self.middle < self.long:
            raise ValueError("half-lives should rise: short < middle < long")
        return self


class Scorecard(Section):
    """How points become a risk, and how often a customer is told of.

    Attributes:
        base_rate: Churn risk at no points: the share of customers lost within the horizon.
        points_to_double: Points that double the odds.
        cooldown_days: How long a cleared warning is not raised again, >= 0.
        score_drift: Change of the churn risk, or of P(no purchase) where no scorecard was fitted,
            that alone makes a score worth telling.
        score_days: Days before it is told again for drift alone, >= 1.
        least_value: Value at stake, in the file's unit of money, below which nobody is warned about
            for silence or churn risk: an interruption costs more than it could keep.
    """

    base_rate: Annotated[float, Field(gt=0.0, lt=1.0)]
    points_to_double: Positive
    cooldown_days: NotNegative
    score_drift: Annotated[float, Field(gt=0.0, le=1.0)]
    score_days: Days
    least_value: NotNegative = 0.0

    def scaled(self, minor_per_unit: float) -> Self:
        """The section in minor units of the book currency."""
        return self.model_copy(update={"least_value": self.least_value * minor_per_unit})
