"""Sections of the purchase and the spend model, in the file's own units."""

from typing import Annotated, Final, Literal

from pydantic import Field

from scoring.models import BGNBD, MBGNBD, GammaGamma, ParetoNBD
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


class MBGNBDSection(Section):
    """MBG/NBD; `alpha` in the file's unit of time."""

    type: Literal["mbgnbd"]
    r: Positive
    alpha: Positive
    a: Positive
    b: Positive

    def model(self, days_per_unit: float) -> MBGNBD:
        """The model, in days."""
        return MBGNBD(self.r, self.alpha, self.a, self.b).rescaled(days_per_unit)


class ParetoNBDSection(Section):
    """Pareto/NBD; `alpha` and `beta` in the file's unit of time."""

    type: Literal["paretonbd"]
    r: Positive
    alpha: Positive
    s: Positive
    beta: Positive

    def model(self, days_per_unit: float) -> ParetoNBD:
        """The model, in days."""
        return ParetoNBD(self.r, self.alpha, self.s, self.beta).rescaled(days_per_unit)


PurchaseSection = Annotated[
    BGNBDSection | MBGNBDSection | ParetoNBDSection, Field(discriminator="type")
]
_TYPES: Final = frozenset({"bgnbd", "mbgnbd", "paretonbd"})


def model_place(loc: tuple[int | str, ...], kind: str) -> list[str]:
    """Return where in the file an error lies: pydantic names the type taken, and not `type`."""
    place = [str(part) for part in loc if part not in _TYPES]
    return [*place, "type"] if kind.startswith("union_tag") else place


class GammaGammaSection(Section):
    """Gamma-Gamma; `v` in the file's unit of money."""

    type: Literal["gammagamma"]
    p: Positive
    q: Annotated[float, Field(gt=1.0)]
    v: Positive

    def model(self, minor_per_unit: float) -> GammaGamma:
        """The model, in minor units."""
        return GammaGamma(self.p, self.q, self.v).scaled(minor_per_unit)
