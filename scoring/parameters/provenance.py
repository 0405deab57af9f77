"""Section of where fitted parameters come from: what `ebbwatch fit` writes, none of it run on."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from scoring.parameters._section import Days, Fraction, NotNegative, RuleName, Section

ModelName = Literal["bgnbd", "mbgnbd", "paretonbd", "gammagamma"]


def _of_a_calendar(day: str) -> str:
    date.fromisoformat(day)
    return day


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_of_a_calendar)]
Whole = Annotated[int, Field(ge=0)]
Correlation = Annotated[float, Field(ge=-1.0, le=1.0)]
Sentence = Annotated[str, Field(max_length=1_000)]


class Window(Section):
    """The days a fit saw, both included; None where the data do not tell the first."""

    first_day: Day | None
    until: Day


class BeliefSection(Section):
    """What a weak prior believed of a quantity: normal on its logarithm.

    Attributes:
        median: Of it.
        log_sd: Standard deviation of the logarithm.
        per_day: Whether it is a rate per day.
    """

    median: NotNegative
    log_sd: NotNegative
    per_day: bool


class ModelFit(Section):
    """How well a model was fitted.

    Attributes:
        model: Which one.
        parameters: In the units of the fit.
        standard_errors: Of the parameters, from the observed information.
        log_likelihood: With all constants, in the units of the fit; None of a mean.
        customers: Fitted to.
        cells: Distinct kinds of customers among them.
        diagnostics: What to know of the fit, sentences.
        limit: What the limit is called that the likelihood rises to; None for a maximum inside.
        likelihood_ratio: Twice the log-likelihood by which it exceeds the nearest interior point.
        interior: Parameters of that point, where the search for a maximum ended.
        prior: Beliefs that went in by quantity, so that parameters are the posterior's mode and
            errors its curvature's; None where there were none.
    """

    model: ModelName
    parameters: dict[RuleName, NotNegative]
    standard_errors: dict[RuleName, NotNegative]
    log_likelihood: float | None
    customers: Whole
    cells: Whole
    diagnostics: list[Sentence]
    limit: Sentence | None = None
    likelihood_ratio: NotNegative | None = None
    interior: dict[RuleName, NotNegative] | None = None
    prior: dict[Annotated[str, Field(max_length=64)], BeliefSection] | None = None


class TriedFit(Section):
    """A purchase model that was tried where none was asked for.

    Attributes:
        model: Which one.
        limit: The limit it ended in, None for a maximum inside its bounds.
        parameters: In the units of the fit; empty where nothing fits.
        log_likelihood: As of `ModelFit`; None where nothing fits.
        mean_absolute_error: Of the purchases of a customer on days that a fit had not seen.
        refused: Why nothing fits.
    """

    model: ModelName
    limit: Sentence | None
    parameters: dict[RuleName, NotNegative]
    log_likelihood: float | None
    mean_absolute_error: NotNegative | None
    refused: Sentence | None


class Winsorised(Section):
    """Mean spends above a quantile, which were lowered to it.

    Attributes:
        quantile: Of customers with a repeat purchase of some value; 1 lowers none.
        cap: That quantile's value, major units; None where nothing was to be capped.
        customers: Whose mean was lowered.
    """

    quantile: Fraction
    cap: NotNegative | None
    customers: Whole


class FrequencyBin(Section):
    """Customers of like frequency in the calibration window, and what they bought after it.

    Attributes:
        frequency: Least x in the bin.
        most: Largest x in it; None where it is open above, and in files that do not tell.
        customers: How many.
        expected: Mean repeat purchases expected of one of them in the holdout.
        actual: Mean purchase days seen.
    """

    frequency: Whole
    most: Whole | None = None
    customers: Whole
    expected: NotNegative
    actual: NotNegative


class Holdout(Section):
    """What the fitted model foretold, held against days it had not seen.

    Attributes:
        until: The last day of the holdout, which begins the day after the fit's window.
        days: Its length.
        expected: Purchases expected of all customers.
        actual: Distinct purchase days of all customers.
        correlation: Of both, over customers; None where one of them does not vary.
        mean_absolute_error: Of the purchases of a customer.
        bins: By frequency.
    """

    until: Day
    days: Days
    expected: NotNegative
    actual: Whole
    correlation: Correlation | None
    mean_absolute_error: NotNegative
    bins: list[FrequencyBin]


class FitSection(Section):
    """Where the parameters of a file come from.

    Attributes:
        fitted_by: Program and version.
        source: `files` or `redis`.
        window: Days looked at.
        time_unit: Of the estimates.
        money_unit: Of the estimates.
        counts: Rows read and used, and those left out by reason; empty for a live state.
        customers: Who had bought by the end of the window.
        purchases: The purchase model; None where it was not fitted.
        spend: The spend model; None where it was not fitted.
        winsorised: Mean spends lowered before the spend model was fitted.
        holdout: How the purchase model did; None where none was asked for.
        diagnostics: What to know of the whole, sentences.
        chosen_by: What decided for the purchase model where none was asked for.
        tried: The models that it was chosen of, the best first.
    """

    fitted_by: Sentence
    source: Literal["files", "redis", "warehouse"]
    window: Window
    time_unit: Literal["day", "week"]
    money_unit: Literal["major", "minor"]
    counts: dict[RuleName, Whole]
    customers: Whole
    purchases: ModelFit | None
    spend: ModelFit | None
    winsorised: Winsorised | None
    holdout: Holdout | None
    diagnostics: list[Sentence]
    chosen_by: Sentence | None = None
    tried: list[TriedFit] = Field(default_factory=list)
