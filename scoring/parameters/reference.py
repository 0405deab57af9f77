"""Section of the distributions a scorecard was fitted to, against which workers tell drift."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, model_validator

from scoring.churn.inputs import BY_NAME
from scoring.evaluation.distribution import BINS, Deciles, Reference
from scoring.feature import Feature
from scoring.parameters._section import RuleName, Section

Whole = Annotated[int, Field(ge=0)]


class Distribution(Section):
    """One feature's or score's.

    Attributes:
        cuts: Between bins, rising; a value at a cut is below it.
        counts: Rows in each bin, one more than cuts.
    """

    cuts: Annotated[list[float], Field(max_length=BINS - 1)]
    counts: Annotated[list[Whole], Field(min_length=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.counts) != len(self.cuts) + 1:
            raise ValueError("counts should be one more than cuts")
        if not all(low < high for low, high in pairwise(self.cuts)):
            raise ValueError("cuts should rise")
        return self


class ReferenceSection(Section):
    """The reference.

    Attributes:
        rows: Customers at dates it was made of.
        distributions: By name of the scorecard's input, and of the risk.
    """

    rows: Annotated[int, Field(ge=1)]
    distributions: dict[RuleName, Distribution]

    @model_validator(mode="after")
    def _of_rows(self) -> Self:
        known = (*BY_NAME, Feature.CHURN_RISK.name.lower())
        for name, one in self.distributions.items():
            if name not in known:
                raise ValueError(f"{name} should be one of {', '.join(known)}")
            if sum(one.counts) != self.rows:
                raise ValueError(f"counts of {name} should add up to rows, {self.rows}")
        return self

    def reference(self) -> Reference:
        """The distributions as they are compared with."""
        return {
            name: Deciles(tuple(one.cuts), tuple(float(count) for count in one.counts))
            for name, one in self.distributions.items()
        }
