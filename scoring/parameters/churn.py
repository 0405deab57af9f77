"""Section of the churn scorecard: what `ebbwatch fit-churn` writes and workers read."""

from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from scoring.churn.calibration import UNCALIBRATED, Calibration, Isotonic, Platt
from scoring.churn.inputs import BY_NAME
from scoring.churn.scorecard import ChurnScorecard, Term
from scoring.parameters._section import Days, Fraction, NotNegative, Positive, RuleName, Section

Risk = Annotated[float, Field(gt=0.0, lt=1.0)]
Whole = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=-1.0, le=1.0)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
LEAST_KNOTS: Final = 2


class Bend(Section):
    """A point of a term's curve: a value of the input, and the share of the rise reached there."""

    at: float
    share: Fraction


class ChurnTerm(Section):
    """One input's weight.

    Attributes:
        input: Name in `scoring.churn.inputs`.
        weight: Log odds it adds per unit; with a curve, from one end of it to the other.
        centre: Value at which it adds none; with a curve, the share of its rise.
        curve: How the rise is spread over values of the input, for one that has bends.
    """

    input: RuleName
    weight: float
    centre: float
    curve: Annotated[list[Bend], Field(min_length=LEAST_KNOTS)] | None = None

    @field_validator("input")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in BY_NAME:
            raise ValueError(f"input should be one of {', '.join(BY_NAME)}")
        return name

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for one, other in pairwise(self.curve or ()):
            if not (one.at < other.at and one.share <= other.share):
                raise ValueError("a curve should rise in at, and not fall in share")
        if self.curve and (self.curve[0].share, self.curve[-1].share) != (0.0, 1.0):
            raise ValueError("a curve's share should go from 0 to 1")
        return self

    def term(self) -> Term:
        """The term as it runs."""
        curve = tuple((bend.at, bend.share) for bend in self.curve or ())
        return Term(BY_NAME[self.input], self.weight, self.centre, curve)


class PlattSection(Section):
    """Calibrated log odds = slope * raw log odds + shift; slope >= 0."""

    type: Literal["platt"]
    slope: NotNegative
    shift: float

    def calibration(self) -> Calibration:
        """The calibration as it runs."""
        return Platt(self.slope, self.shift)


class Knot(Section):
    """A point of the calibration curve: raw log odds and the risk they stand for."""

    log_odds: float
    risk: Risk


class IsotonicSection(Section):
    """Calibration by a curve through two knots at least, of rising log odds and risks."""

    type: Literal["isotonic"]
    knots: Annotated[list[Knot], Field(min_length=LEAST_KNOTS)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for one, other in pairwise(self.knots):
            if not (one.log_odds < other.log_odds and one.risk <= other.risk):
                raise ValueError("knots should rise in log_odds, and not fall in risk")
        return self

    def calibration(self) -> Calibration:
        """The calibration as it runs."""
        scores, risks = [k.log_odds for k in self.knots], [k.risk for k in self.knots]
        return Isotonic(tuple(scores), tuple(risks))


class UncalibratedSection(Section):
    """Risks are the raw odds' own."""

    type: Literal["none"]

    def calibration(self) -> Calibration:
        """The calibration as it runs."""
        return UNCALIBRATED


AnyCalibration = Annotated[
    PlattSection | IsotonicSection | UncalibratedSection, Field(discriminator="type")
]


class ChurnThresholds(Section):
    """Risks at which bands begin, how far below they are kept, and what they were chosen by."""

    middle: Risk
    high: Risk
    hysteresis: NotNegative = 0.02
    chosen_by: Literal["rate", "budget", "profit", "replay", "hand"] = "hand"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.hysteresis < self.middle <= self.high:
            raise ValueError("thresholds should rise: hysteresis < middle <= high")
        return self


class TriedThreshold(Section):
    """What warnings from a risk on would have been worth; None where nothing is divided by.

    Attributes:
        threshold: Risk at which band middle would begin.
        warnings_per_day: Of all customers.
        precision: Share of the warnings that were right.
        recall: Share of the lapses warned of.
        lead_days: Median, from the first right warning to the lapse.
        profit: A day, minor units of the book currency.
    """

    threshold: Risk
    warnings_per_day: NotNegative
    precision: Fraction | None
    recall: Fraction | None
    lead_days: NotNegative | None
    profit: float | None


class Interval(Section):
    """An estimate with its 95% interval."""

    value: Share
    low: Share
    high: Share


class Baseline(Section):
    """Something plainer that ranks customers: its AUC, and how much more the scorecard's is."""

    auc: Interval
    gain: Interval


class ChurnFit(Section):
    """How the scorecard did on customers it was not fitted to, and on what it was fitted.

    Attributes:
        dates: At whose beginning customers were looked at.
        rows: Customers at dates.
        customers: Different ones.
        churned: Rows that were lost within the horizon.
        folds: Of the cross-validation by customer.
        strength: Of the penalty.
        monotone: Whether weights of what silence moves were held to their sign.
        held: Whose weights were held in the end.
        errors: Standard errors of weights by input, clustered by customer.
        auc: Cross-validated.
        calibration_error: Expected calibration error, cross-validated.
        calibration_limit: What 95% of perfectly calibrated forecasts of this size stay below.
        brier: Brier score, cross-validated.
        baselines: By name.
        left_out: Inputs without weight, and why.
        share: Of all customers, those that it was fitted to.
    """

    dates: Annotated[list[Day], Field(min_length=1)]
    rows: Whole
    customers: Whole
    churned: Whole
    folds: Whole
    strength: Positive
    monotone: bool
    held: Literal["all", "silence", "none"] = "all"
    errors: dict[RuleName, NotNegative] = Field(default_factory=dict)
    auc: Interval
    calibration_error: Fraction
    calibration_limit: Fraction
    brier: Fraction
    baselines: dict[RuleName, Baseline]
    left_out: dict[RuleName, Literal["constant", "sign"]]
    share: Fraction = 1.0


class ChurnSection(Section):
    """The scorecard.

    Attributes:
        horizon_days: N, within which the customer is lost.
        base_rate: Historic share lost within it.
        points_to_double: Points that double the raw odds.
        intercept: Raw log odds of a customer of whom every input is at its centre.
        terms: What is weighed, each input once.
        calibration: From raw log odds to risks.
        thresholds: Risks at which bands begin.
        choices: What other thresholds would have cost, found by replay; not needed to run.
        fit: What is known of its quality; none of it is needed to run.
    """

    horizon_days: Days
    base_rate: Risk
    points_to_double: Positive
    intercept: float
    terms: Annotated[list[ChurnTerm], Field(min_length=1)]
    calibration: AnyCalibration
    thresholds: ChurnThresholds
    choices: list[TriedThreshold] = Field(default_factory=list)
    fit: ChurnFit | None = None

    @field_validator("terms")
    @classmethod
    def _once(cls, terms: list[ChurnTerm]) -> list[ChurnTerm]:
        if len({term.input for term in terms}) < len(terms):
            raise ValueError("terms should name each input once")
        return terms

    def scorecard(self) -> ChurnScorecard:
        """The scorecard as it runs."""
        return ChurnScorecard(
            terms=tuple(term.term() for term in self.terms),
            intercept=self.intercept,
            points_to_double=self.points_to_double,
            calibration=self.calibration.calibration(),
            horizon_days=self.horizon_days,
            middle=self.thresholds.middle,
            high=self.thresholds.high,
            hysteresis=self.thresholds.hysteresis,
        )
