"""Sections of the purchase and the spend model, in the file's own units."""

from collections.abc import Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from scoring.models import (
    BGNBD,
    MBGNBD,
    GammaGamma,
    OneMean,
    OwnMean,
    ParameterError,
    ParetoNBD,
    PurchaseModel,
    limit_model,
    limit_of,
)
from scoring.parameters._section import Positive, Section

Kind = Literal["bgnbd", "mbgnbd", "paretonbd"]
PARTS: Final = frozenset({"type", "limit"})


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


class LimitSection(Section):
    """A limit of a purchase model, where a fit ran to the edge of its parameters.

    Attributes:
        type: Whose limit.
        limit: What it is called, as its parameters have it.
        r: Of buying, with `alpha`; or else `rate`.
        alpha: A time.
        rate: One rate of buying for all, per unit of time.
        a: Of leaving after a purchase, with `b`; or else `leave_probability`.
        b: See `a`.
        s: Of leaving at any time, with `beta`; or else `leave_rate`.
        beta: A time.
        leave_probability: One probability of leaving after a purchase for all.
        leave_rate: One rate of leaving for all, per unit of time.
        leave_share: Of those who leave at once; the others never do.
    """

    type: Kind
    limit: str
    r: Positive | None = None
    alpha: Positive | None = None
    rate: Positive | None = None
    a: Positive | None = None
    b: Positive | None = None
    s: Positive | None = None
    beta: Positive | None = None
    leave_probability: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    leave_rate: Positive | None = None
    leave_share: Annotated[float, Field(gt=0.0, le=1.0)] | None = None

    def model(self, days_per_unit: float) -> PurchaseModel:
        """The model, in days."""
        parameters = self.model_dump(exclude_none=True, exclude=set(PARTS))
        return limit_model(self.type, parameters).rescaled(days_per_unit)

    @model_validator(mode="after")
    def _is_what_it_is_called(self) -> Self:
        try:
            called = limit_of(self.model(1.0))
        except ParameterError as error:
            raise ValueError(str(error)) from error
        if self.limit != called:
            raise ValueError(f'limit: expected "{called}", as its parameters have it')
        return self


def _tag(section: object) -> object:
    """Which section an input is read as: by its limit, else its type."""
    if not isinstance(section, Mapping):
        return "bgnbd"
    return _LIMIT if section.get("limit") is not None else section.get("type")


_LIMIT: Final = "a limit"
_ONE_MEAN: Final = "one mean"
PurchaseSection = Annotated[
    Annotated[BGNBDSection, Tag("bgnbd")]
    | Annotated[MBGNBDSection, Tag("mbgnbd")]
    | Annotated[ParetoNBDSection, Tag("paretonbd")]
    | Annotated[LimitSection, Tag(_LIMIT)],
    Discriminator(_tag),
]
_TAGS: Final = frozenset(
    {"bgnbd", "mbgnbd", "paretonbd", _LIMIT, _ONE_MEAN, "gammagamma", "own_mean"}
)


def model_place(loc: tuple[int | str, ...], kind: str) -> list[str]:
    """Return where in the file an error lies: pydantic names the type taken, and not `type`."""
    place = [str(part) for part in loc if part not in _TAGS]
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


class OneMeanSection(Section):
    """A limit of Gamma-Gamma: everybody spends `mean`, in the file's unit of money."""

    type: Literal["gammagamma"]
    limit: Literal["one mean for all"]
    mean: Positive

    def model(self, minor_per_unit: float) -> OneMean:
        """The model, in minor units."""
        return OneMean(self.mean).scaled(minor_per_unit)


class OwnMeanSection(Section):
    """No model of spend was fitted: everybody goes on spending their own mean so far."""

    type: Literal["own_mean"]

    def model(self, minor_per_unit: float) -> OwnMean:  # noqa: ARG002 - as of the other sections
        """The model."""
        return OwnMean()


def _spend_tag(section: object) -> object:
    if not isinstance(section, Mapping):
        return "gammagamma"
    return _ONE_MEAN if section.get("limit") is not None else section.get("type")


SpendSection = Annotated[
    Annotated[GammaGammaSection, Tag("gammagamma")]
    | Annotated[OneMeanSection, Tag(_ONE_MEAN)]
    | Annotated[OwnMeanSection, Tag("own_mean")],
    Discriminator(_spend_tag),
]
