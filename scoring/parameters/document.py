"""The versioned parameter file, parsed: the one place where units meet and damage is refused."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from scoring.churn import ChurnScorecard
from scoring.evaluation.distribution import Reference
from scoring.facts.touchpoints import Touchpoints
from scoring.models import ParameterError, PurchaseModel, SpendModel
from scoring.parameters._section import Days, Fraction, RuleName, Section
from scoring.parameters.churn import ChurnSection
from scoring.parameters.feedback import NO_FEEDBACK, Feedback
from scoring.parameters.leaving import LEAVING, Leaving, Silence
from scoring.parameters.models import PurchaseSection, SpendSection, model_place
from scoring.parameters.origins import Origins, require_currency
from scoring.parameters.promise import Promise
from scoring.parameters.provenance import FitSection
from scoring.parameters.reference import ReferenceSection
from scoring.parameters.rules import HalfLives, RuleLimits, Scorecard
from scoring.parameters.segments import SegmentCuts
from scoring.parameters.touchpoints import Heads, touchpoints
from scoring.rules import shipped

SEAL: Final = "sha256"
DAYS_PER_YEAR: Final = 365.0
DAYS_PER_UNIT: Final = MappingProxyType({"day": 1.0, "week": 7.0})


class _File(Section):
    schema_version: Annotated[int, Field(ge=1, le=1)]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
    time_unit: Literal["day", "week"]
    money_unit: Literal["major", "minor"]
    currency_exponent: Annotated[int, Field(ge=0, le=4)]
    book_currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    book_timezone: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$")]
    purchase_model: PurchaseSection
    spend_model: SpendSection
    horizon_days: Days
    clv_horizon_days: Days
    annual_discount_rate: Fraction
    margin: Fraction
    half_lives_days: HalfLives
    scorecard: Scorecard
    rules: dict[RuleName, RuleLimits] = Field(default_factory=dict)
    segments: SegmentCuts | None = None
    touchpoints: Heads = Field(default_factory=dict)
    preset: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    leaving: Leaving | None = None
    churn: ChurnSection | None = None
    reference: ReferenceSection | None = None
    promise: Promise | None = None
    feedback: Feedback | None = None
    fit: FitSection | None = None
    origins: Origins = Field(default_factory=dict)
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


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
        rules: Limits by rule name, read-only; the defaults of rules that the file does not name.
        segments: Cut points in minor units, None where customers are put into no segments.
        preset: What a file that a bank can start with was made from instead of its own customers,
            None for a bank's own.
        leaving: What counts as leaving.
        churn: The churn scorecard, None where none was fitted.
        reference: Distributions by name that drift is told against, empty where none were kept.
        promise: What share of the warnings is to be right, None where nothing was promised.
        feedback: What people's answers do.
        touchpoints: Which families the bank's touchpoints are of.
        fitted_until: The last day that the fit saw, None where the file does not tell.
    """

    name: str
    digest: str
    purchases: PurchaseModel
    spend: SpendModel
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
    segments: SegmentCuts | None
    preset: str | None = None
    leaving: Leaving = LEAVING
    churn: ChurnScorecard | None = None
    reference: Reference = field(default_factory=dict)
    promise: Promise | None = None
    feedback: Feedback = NO_FEEDBACK
    touchpoints: Touchpoints = field(default_factory=Touchpoints)
    fitted_until: date | None = None

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
            such thing is named. Or the file carries a SHA-256 which is not its own.
    """
    try:
        file = _File.model_validate(document)
    except ValidationError as error:
        raise _first(error) from error
    found = digest(document)
    if file.sha256 not in {None, found}:
        expected = f"{found}, as the rest of the file has it; it is damaged or was edited by hand"
        raise ParameterError(where="sha256", expected=expected, got=file.sha256)
    require_currency(file.origins, file.book_currency)
    return _converted(file, found)


def digest(document: object) -> str:
    """Return the SHA-256, in hex, of the canonical JSON: keys sorted, no spaces, ASCII.

    A field `sha256` of the document itself is left out.
    """
    if isinstance(document, Mapping):
        document = {name: value for name, value in document.items() if name != SEAL}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with its SHA-256, as its last field, by which damage shows.

    >>> list(sealed({"sha256": "of another document", "name": "bank"}))
    ['name', 'sha256']
    """
    rest = {name: value for name, value in document.items() if name != SEAL}
    return {**rest, SEAL: digest(rest)}


def _first(error: ValidationError) -> ParameterError:
    detail = error.errors(include_url=False)[0]
    where = ".".join(model_place(detail["loc"], detail["type"])) or "file"
    return ParameterError(where=where, expected=detail["msg"], got=detail["input"])


def _converted(file: _File, file_digest: str) -> Parameters:
    lives = file.half_lives_days
    minor_per_unit = 10.0**file.currency_exponent if file.money_unit == "major" else 1.0
    return Parameters(
        name=file.name,
        digest=file_digest,
        purchases=file.purchase_model.model(DAYS_PER_UNIT[file.time_unit]),
        spend=file.spend_model.model(minor_per_unit),
        horizon_days=file.horizon_days,
        clv_horizon_days=file.clv_horizon_days,
        discount_rate=math.log1p(file.annual_discount_rate) / DAYS_PER_YEAR,
        margin=file.margin,
        book_currency=file.book_currency,
        currency_exponent=file.currency_exponent,
        book_timezone=file.book_timezone,
        half_lives_days=(lives.short, lives.middle, lives.long),
        scorecard=file.scorecard.scaled(minor_per_unit),
        rules=_limits(file.rules),
        segments=file.segments and file.segments.scaled(minor_per_unit),
        preset=file.preset,
        leaving=_leaving(file),
        churn=file.churn.scorecard() if file.churn else None,
        reference=file.reference.reference() if file.reference else {},
        promise=file.promise,
        feedback=file.feedback or NO_FEEDBACK,
        touchpoints=touchpoints(file.touchpoints),
        fitted_until=date.fromisoformat(file.fit.window.until) if file.fit else None,
    )


def _leaving(file: _File) -> Leaving:
    """What counts as leaving: what the file says, else what its scorecard foretells."""
    if file.leaving is not None:
        return file.leaving
    return LEAVING if file.churn is None else Silence(days=file.churn.horizon_days)


def _limits(given: Mapping[str, RuleLimits]) -> Mapping[str, RuleLimits]:
    """Limits of every built-in rule but the scorecard's: the file's, else the shipped ones."""
    default = {rule.name: RuleLimits.of(rule.limits) for rule in shipped().rules if rule.limits}
    if given.keys() - default.keys():
        expected = f"some of {', '.join(sorted(default))}"
        raise ParameterError(where="rules", expected=expected, got=", ".join(sorted(given)))
    return MappingProxyType({**default, **given})
