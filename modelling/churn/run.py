"""Fitting the churn scorecard to a history, and writing it into a parameter file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np

from modelling.churn.cross_validation import CrossValidation, cross_validate
from modelling.churn.file import fit_of, reference_of, thresholds_of, weights_of
from modelling.churn.fit import FittedScorecard, ScorecardPlan
from modelling.churn.labels import Labels
from modelling.churn.observations import observe
from modelling.churn.regression.logistic import ChurnFitError
from modelling.churn.sampling import some_customers
from modelling.churn.thresholds import Thresholds, by_budget, by_rate
from modelling.churn.validation import telling
from modelling.history.summary import date_of, day_number
from modelling.leaving.consenting import consenting
from scoring.arrays import DAY, Floats
from scoring.model import ScoringModel
from scoring.parameters import Closure, Leaving, Silence, parse, sealed
from scoring.rules import BUILT_IN
from scoring.rules import SILENCE as SLOT
from scoring.step.replay import EventLog

SILENCE: Final = BUILT_IN[SLOT]
MOST_DATES: Final = 4
BUDGET_WEEKS: Final = 8
LEAST_BEFORE: Final = 28.0  # days of history before a date at which silences are judged
REPLACED: Final = ("churn", "preset", "reference", "sha256")


@dataclass(frozen=True)
class ChurnRequest:
    """What to fit.

    Attributes:
        leaving: what counts as leaving; by default what the file says, or, where it says nothing,
            the file's horizon without a purchase. With labels it is being gone within its days.
        dates: days of the book at whose beginning customers are looked at; by default the latest
            ones whose N days the history holds, N days apart, four at most.
        until: last day of the history to use; that of its last event by default.
        warnings_per_day: budget that sets the thresholds; by default the historic rate does.
        points_to_double: points that double the raw odds.
        plan: of the fit.
        share: of all customers, drawn by lot, that the history holds.
    """

    leaving: Leaving | None = None
    dates: tuple[date, ...] = ()
    until: date | None = None
    warnings_per_day: float | None = None
    points_to_double: float = 20.0
    plan: ScorecardPlan = field(default_factory=ScorecardPlan)
    share: float = 1.0


@dataclass(frozen=True)
class ChurnFitResult:
    """The new parameter file, its section `churn`, and what both rest on."""

    document: dict[str, Any]
    scorecard: dict[str, Any]
    fitted: FittedScorecard
    cross_validation: CrossValidation


def fit_churn(
    log: EventLog,
    document: dict[str, Any],
    request: ChurnRequest,
    labels: Labels | None = None,
) -> ChurnFitResult:
    """Fit the churn scorecard over the features of a parameter file.

    Args:
        log: the history; nothing is learnt from who withdrew consent to profiling.
        document: the parameter file's JSON value, whose models make the features.
        request: what to fit.
        labels: who left, if that is not to be told from the history.

    Raises:
        ScoringError: the file cannot be used, the history is too short, too few were lost or
            stayed, or nothing foretells it.
    """
    parse(document)
    base = {name: part for name, part in document.items() if name not in REPLACED}
    base["leaving"] = leaving_of(base, request, labels).model_dump()
    some, drawn = some_customers(consenting(log), seed=request.plan.seed)
    share = drawn * request.share
    task = _Task(some, ScoringModel(parse(base)), request, share)
    gone_at = None if labels is None else labels.gone_at(some.customers, task.instants)
    validated = cross_validate(
        task.log, task.model, task.instants, task.leaving, request.plan, gone_at, task.end
    )
    fitted = telling(validated.fitted)
    thresholds = task.thresholds(fitted, validated.churn_rate)
    dates = [task.day(instant) for instant in task.instants]
    scorecard = {
        "horizon_days": task.days,
        "base_rate": validated.churn_rate,
        "points_to_double": request.points_to_double,
        **weights_of(fitted),
        "thresholds": thresholds_of(thresholds, task.chosen_by),
        "fit": {**fit_of(validated, fitted, request.plan, dates), "share": share},
    }
    inputs = validated.observed.inputs
    names = [one.name for one in request.plan.inputs]
    reference = reference_of(inputs, names, fitted.risks(inputs, request.plan.inputs))
    if task.leaving.silence_days is not None:
        base = without_silence(base)
    written = sealed({**base, "churn": scorecard, "reference": reference})
    parse(written)
    return ChurnFitResult(written, scorecard, fitted, validated)


def without_silence(document: dict[str, Any]) -> dict[str, Any]:
    """The file with rule `silence` told but not raised: the scorecard warns of the same silence."""
    own = parse(document).rules[SILENCE].model_dump()
    rules = {**document.get("rules", {}), SILENCE: {**own, "raises": False}}
    return {**document, "rules": rules}


def leaving_of(
    document: Mapping[str, Any], request: ChurnRequest, labels: Labels | None = None
) -> Leaving:
    """What a fit is to count as leaving.

    Args:
        document: the parameter file's JSON value.
        request: which may say so.
        labels: which say who was gone, and when.
    """
    leaving = request.leaving
    if leaving is None:
        parameters = parse(document)
        said = "leaving" in document
        leaving = parameters.leaving if said else Silence(days=parameters.horizon_days)
    return leaving if labels is None else Closure(type="closure", within_days=leaving.within)


def days_before(leaving: Leaving) -> float:
    """Days of history before a date: silences are learnt from wherever they lie.

    >>> days_before(Silence(days=56.0))
    28.0
    """
    is_silence = isinstance(leaving, Silence)
    return min(leaving.within, LEAST_BEFORE) if is_silence else leaving.within


class _Task:
    """A fit's dates, labels and thresholds."""

    def __init__(
        self, log: EventLog, model: ScoringModel, request: ChurnRequest, share: float
    ) -> None:
        self.model, self.request, self.share = model, request, share
        self.leaving, self.days = model.leaving, model.leaving.within
        self._check(log)
        last = model.calendar.day(log.times[-1:].copy())
        if request.until is not None:
            last = np.array([day_number(request.until)])
        self.end = float(model.calendar.midnight(last + 1)[0])
        self.log = log.before(self.end)
        self.instants = self._given(request.dates) if request.dates else self._latest()

    def _check(self, log: EventLog) -> None:
        """Refuse at once what would only be found out after long work."""
        budget = self.request.warnings_per_day
        if budget is not None and not budget > 0.0:
            raise ChurnFitError(where="budget", expected="above 0 a day", got=budget)
        if not len(log.events):
            raise ChurnFitError(where="history", expected="events", got="none")

    @property
    def chosen_by(self) -> str:
        return "rate" if self.request.warnings_per_day is None else "budget"

    def day(self, instant: float) -> str:
        return date_of(instant, self.model.calendar).isoformat()

    def thresholds(self, fitted: FittedScorecard, rate: float) -> Thresholds:
        """Chosen by the customers as they are at the history's end."""
        budget = self.request.warnings_per_day
        if budget is None:
            risks = self._risks(fitted, [self.end])
            return by_rate(risks[~np.isnan(risks)], rate)
        weeks = np.arange(-BUDGET_WEEKS, 1, dtype=np.float64) * 7.0
        instants = (self.end + weeks * DAY).tolist()
        return by_budget(self._risks(fitted, instants), weeks, budget * self.share)

    def _risks(self, fitted: FittedScorecard, instants: list[float]) -> Floats:
        """Risks at instants, shape (instants, customers), nan of who is not known."""
        inputs = self.request.plan.inputs
        observed = observe(self.log, self.model, instants, self.days, inputs)
        risks = np.full((len(instants), len(self.log.customers)), np.nan)
        risks[observed.dates, observed.customers] = fitted.risks(observed.inputs, inputs)
        return risks

    def _given(self, dates: Sequence[date]) -> list[float]:
        numbers = np.array(sorted({day_number(one) for one in dates}))
        instants: list[float] = self.model.calendar.midnight(numbers).tolist()
        if instants[-1] + self.days * DAY > self.end:
            expected = f"{self.days:g} days of history from {max(dates)} on"
            got = f"{max((self.end - instants[-1]) / DAY, 0.0):.0f} days"
            raise ChurnFitError(where="dates", expected=expected, got=got)
        return instants

    def _latest(self) -> list[float]:
        """Beginnings of days that have N days of history behind them, and enough before them."""
        back = np.arange(MOST_DATES, 0, -1, dtype=np.float64) * (self.days * DAY)
        numbers = self.model.calendar.day(self.end - back)
        instants = self.model.calendar.midnight(numbers)
        least = days_before(self.leaving)
        known = instants - float(self.log.times[0]) >= least * DAY
        if not known.any():
            expected = f"a history of at least {self.days + least:g} days, or dates to look at"
            got = f"{(self.end - float(self.log.times[0])) / DAY:.0f} days"
            raise ChurnFitError(where="history", expected=expected, got=got)
        latest: list[float] = instants[known].tolist()
        return latest
