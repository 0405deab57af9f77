"""The versioned parameter file, parsed: the one place where units meet and damage is refused."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from scoring.models import BGNBD, GammaGamma, ParameterError

__all__ = ["ParameterError", "Parameters", "RuleLimits", "digest", "parse"]

DAYS_PER_YEAR: Final = 365.0
DAYS_PER_UNIT: Final = MappingProxyType({"day": 1.0, "week": 7.0})

Positive = Annotated[float, Field(gt=0.0)]
NotNegative = Annotated[float, Field(ge=0.0)]
# A span beyond a century is a slip of units.
Days = Annotated[float, Field(ge=1.0, le=36_500.0)]
RuleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class RuleLimits(_Section):
    """Thresholds of one warning rule, in the unit of the rule's value.

    Attributes:
        middle: Band middle begins here, > 0.
        high: Band high begins here, >= ``middle``.
        hysteresis: How far below its threshold a band is kept, >= 0 and below ``middle``.
        points: What the rule gives to the score at ``high``, >= 0.
        floor: Value up to which it gives none, below ``high``.
    """

    middle: Positive
    high: Positive
    hysteresis: NotNegative
    points: NotNegative
    floor: NotNegative = 0.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not (self.hysteresis < self.middle <= self.high and self.floor < self.high):
            raise ValueError("limits should rise: hysteresis < middle <= high, floor < high")
        return self


class _PurchaseModel(_Section):
    type: Literal["bgnbd"]
    r: Positive
    alpha: Positive
    a: Positive
    b: Positive


class _SpendModel(_Section):
    type: Literal["gammagamma"]
    p: Positive
    q: Annotated[float, Field(gt=1.0)]
    v: Positive


class _HalfLives(_Section):
    short: Days
    middle: Days
    long: Days

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.short < self.middle < self.long:
            raise ValueError("half-lives should rise: short < middle < long")
        return self


class Scorecard(_Section):
    """How points become a risk, and how often a customer is told of.

    Attributes:
        base_rate: Churn risk at no points: the share of customers lost within the horizon.
        points_to_double: Points that double the odds.
        cooldown_days: How long a cleared warning is not raised again, >= 0.
        score_drift: Change of P(no purchase) that alone makes a score worth telling.
        score_days: Days before it is told again for drift alone, >= 1.
    """

    base_rate: Annotated[float, Field(gt=0.0, lt=1.0)]
    points_to_double: Positive
    cooldown_days: NotNegative
    score_drift: Annotated[float, Field(gt=0.0, le=1.0)]
    score_days: Days


class _File(_Section):
    schema_version: Annotated[int, Field(ge=1, le=1)]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
    time_unit: Literal["day", "week"]
    money_unit: Literal["major", "minor"]
    currency_exponent: Annotated[int, Field(ge=0, le=4)]
    book_currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    book_timezone: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$")]
    purchase_model: _PurchaseModel
    spend_model: _SpendModel
    horizon_days: Days
    clv_horizon_days: Days
    annual_discount_rate: Annotated[float, Field(ge=0.0, le=1.0)]
    margin: Annotated[float, Field(ge=0.0, le=1.0)]
    half_lives_days: _HalfLives
    scorecard: Scorecard
    rules: dict[RuleName, RuleLimits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Everything a score depends on besides state and time; days and minor units throughout.

    Attributes:
        name: The file's own name.
        digest: SHA-256 of the file's canonical JSON, 64 hex digits.
        purchases: The purchase process, in days.
        spend: The spend model, in minor units of the book currency.
        horizon_days: H of P(no purchase in the next H days).
        clv_horizon_days: How far ahead CLV looks.
        discount_rate: Continuous, per day.
        margin: Share of spend the bank keeps, 0 to 1.
        book_currency: ISO 4217 code.
        currency_exponent: Its minor units are 10^-exponent of the major one.
        book_timezone: IANA name; whether it exists is for its user to find out.
        half_lives_days: Of the decayed rates: short, middle, long.
        scorecard: How points become a risk.
        rules: Limits by rule name, read-only.
    """

    name: str
    digest: str
    purchases: BGNBD
    spend: GammaGamma
    horizon_days: float
    clv_horizon_days: float
    discount_rate: float
    margin: float
    book_currency: str
    currency_exponent: int
    book_timezone: str
    half_lives_days: tuple[float, float, float]
    scorecard: Scorecard
    rules: Mapping[str, RuleLimits]

    @property
    def version(self) -> str:
        """Name and the first 12 digits of the digest, such as ``cdnow-0123456789ab``."""
        return f"{self.name}-{self.digest[:12]}"


def parse(document: object) -> Parameters:
    """Check a parameter file's JSON value and convert it to days and minor units.

    Args:
        document: What ``json.load`` returned.

    Raises:
        ParameterError: Something is missing, unknown, of the wrong type or out of range; the first
            such thing is named.
    """
    try:
        file = _File.model_validate(document)
    except ValidationError as error:
        raise _first(error) from error
    return _converted(file, digest(document))


def digest(document: object) -> str:
    """Return the SHA-256, in hex, of the canonical JSON: keys sorted, no spaces, ASCII."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _first(error: ValidationError) -> ParameterError:
    detail = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in detail["loc"]) or "file"
    return ParameterError(where=where, expected=detail["msg"], got=detail["input"])


def _converted(file: _File, file_digest: str) -> Parameters:
    lives = file.half_lives_days
    return Parameters(
        name=file.name,
        digest=file_digest,
        purchases=_purchases(file),
        spend=_spend(file),
        horizon_days=file.horizon_days,
        clv_horizon_days=file.clv_horizon_days,
        discount_rate=math.log1p(file.annual_discount_rate) / DAYS_PER_YEAR,
        margin=file.margin,
        book_currency=file.book_currency,
        currency_exponent=file.currency_exponent,
        book_timezone=file.book_timezone,
        half_lives_days=(lives.short, lives.middle, lives.long),
        scorecard=file.scorecard,
        rules=MappingProxyType(file.rules),
    )


def _purchases(file: _File) -> BGNBD:
    model = file.purchase_model
    in_file = BGNBD(model.r, model.alpha, model.a, model.b)
    return in_file.rescaled(DAYS_PER_UNIT[file.time_unit])


def _spend(file: _File) -> GammaGamma:
    model = file.spend_model
    in_file = GammaGamma(model.p, model.q, model.v)
    factor = 10.0**file.currency_exponent if file.money_unit == "major" else 1.0
    return in_file.scaled(factor)
