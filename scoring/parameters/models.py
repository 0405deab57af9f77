"""Sections of the purchase and the spend model, in the file's own units."""

from typing import Annotated, Literal

from pydantic import Field

from scoring.models import BGNBD, GammaGamma
from scoring.parameters._section import Positive, Section


class BGNBDSection(Section):
    """BG/NBD; `alpha` in the file's unit of time."""

    type: Literal["bgnbd"]
    r: Positive
    alpha: Positive
    a: Positive
    b: Positive

    def model(self, days_per_unit: float) -> BGNBD:
        """The model, in days."""
        return BGNBD(self.r, self.alpha, self.a, self.b).rescaled(days_per_unit)


class GammaGammaSection(Section):
    """Gamma-Gamma; `v` in the file's unit of money."""

    type: Literal["gammagamma"]
    p: Positive
    q: Annotated[float, Field(gt=1.0)]
    v: Positive

    def model(self, minor_per_unit: float) -> GammaGamma:
        """The model, in minor units."""
        return GammaGamma(self.p, self.q, self.v).scaled(minor_per_unit)
