"""A scorecard fitted to all of a history, its thresholds chosen by one that saw its first part."""

from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np

from modelling.backtest import Period
from modelling.churn.file import HYSTERESIS
from modelling.churn.labels import Labels
from modelling.churn.logistic import ChurnFitError
from modelling.churn.run import ChurnFitResult, ChurnRequest, fit_churn
from modelling.history.summary import date_of, day_number
from modelling.thresholds.aim import Aim
from modelling.thresholds.search import ThresholdSearch, search
from scoring.arrays import DAY
from scoring.facts.calendar import BookCalendar
from scoring.model import ScoringModel
from scoring.parameters import parse, sealed
from scoring.step.replay import EventLog

LAST_PART: Final = 1.0 / 3.0  # of the history, on which thresholds are tried
HORIZONS: Final = 3.0  # of N days a history must hold: two to fit, one to judge
DIGITS: Final = 6


class Cut(NamedTuple):
    """Where a history is cut in time: fitted before, judged from there on; epoch seconds."""

    at: float
    end: float

    @property
    def period(self) -> Period:
        """What is judged."""
        return Period(self.at, self.end)


@dataclass(frozen=True)
class ThresholdFit:
    """A scorecard with the thresholds chosen for it.

    Attributes:
        found: the fit; its document has the thresholds, and what each tried would cost.
        search: what trying them found; None where the history did not allow it.
        early: the model by which they were tried, fitted to the first part alone.
        notes: why they were not tried, or what else to know; sentences.
    """

    found: ChurnFitResult
    search: ThresholdSearch | None
    early: ScoringModel | None
    notes: tuple[str, ...] = ()


def fit_with_thresholds(
    log: EventLog,
    document: dict[str, Any],
    request: ChurnRequest,
    aim: Aim,
    labels: Labels | None = None,
    *,
    early: dict[str, Any] | None = None,
) -> ThresholdFit:
    """Fit the churn scorecard, and choose its thresholds by replaying days that a fit had not seen.

    Where the history is too short for that, thresholds are those of `fit_churn`: by the historic
    rate, or the budget.

    Args:
        log: the history.
        document: the parameter file's JSON value.
        request: what to fit; its budget is the aim's.
        aim: what thresholds are to achieve.
        labels: who left. What a replay counts as lost is silence and closure, so with labels of the
            bank's own thresholds are not tried.
        early: parameter file to fit the first part over; by default `document`.

    Raises:
        ScoringError: as `fit_churn` does.
    """
    asked = replace(request, warnings_per_day=aim.budget)
    found = fit_churn(log, document, asked, labels)
    days = float(found.scorecard["horizon_days"])
    if labels is not None:
        return _untried(found, "The labels are the bank's own, and a replay judges by silence.")
    calendar = ScoringModel(parse(document)).calendar
    cut = cut_of(log, calendar, days, request)
    if cut is None:
        return _untried(found, _short(log, days))
    try:
        first = _first_part(log, early or document, asked, cut, calendar)
    except ChurnFitError as error:
        return _untried(found, f"The history's first part is too little to fit to: {error}.")
    model = ScoringModel(parse(first.document))
    tried = search(log, model, cut.period, days, aim)
    return ThresholdFit(with_choice(found, tried), tried, model, _sample_note(tried))


def cut_of(
    log: EventLog, calendar: BookCalendar, days: float, request: ChurnRequest | None = None
) -> Cut | None:
    """Where to cut a history: at a midnight, two N before it and one after; None if too short."""
    if not len(log.events):
        return None
    first, end = float(log.times[0]), float(log.times[-1])
    if request is not None and request.until is not None:
        end = min(end, _midnight(calendar, day_number(request.until) + 1))
    if end - first < HORIZONS * days * DAY:
        return None
    at = end - max(LAST_PART * (end - first), days * DAY)
    return Cut(_midnight(calendar, int(calendar.day(np.array([at]))[0])), end)


def with_choice(found: ChurnFitResult, tried: ThresholdSearch) -> ChurnFitResult:
    """The fit with the thresholds recommended, and the table of all that were tried."""
    best = tried.recommended
    thresholds = {
        "middle": best.middle,
        "high": best.high,
        "hysteresis": HYSTERESIS * best.middle,
        "chosen_by": best.chosen_by,
    }
    choices = [_rounded(one._asdict()) for one in tried.tried]
    scorecard = {**found.scorecard, "thresholds": thresholds, "choices": choices}
    document = sealed({**found.document, "churn": scorecard})
    parse(document)
    return replace(found, document=document, scorecard=scorecard)


def _first_part(
    log: EventLog,
    document: dict[str, Any],
    request: ChurnRequest,
    cut: Cut,
    calendar: BookCalendar,
) -> ChurnFitResult:
    last = date_of(cut.at - 1.0, calendar)
    days = request.horizon_days or parse(document).horizon_days
    dates = tuple(
        one for one in request.dates if _midnight(calendar, day_number(one)) + days * DAY <= cut.at
    )
    return fit_churn(log.before(cut.at), document, replace(request, dates=dates, until=last))


def _untried(found: ChurnFitResult, why: str) -> ThresholdFit:
    by = found.scorecard["thresholds"]["chosen_by"]
    words = "the budget over past risks" if by == "budget" else "the historic rate alone"
    note = f"Thresholds were not tried out of time and are by {words}. {why}"
    return ThresholdFit(found, None, None, (note,))


def _short(log: EventLog, days: float) -> str:
    held = (float(log.times[-1]) - float(log.times[0])) / DAY if len(log.events) else 0.0
    return f"That takes {HORIZONS * days:.0f} days of history, and there are {held:.0f}."


def _sample_note(tried: ThresholdSearch) -> tuple[str, ...]:
    if tried.share >= 1.0:
        return ()
    some = f"{tried.customers:,} customers, {tried.share:.1%} of all"
    return (f"Thresholds were tried on {some}; warnings a day and profit are counted up.",)


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if one is None else round(one, DIGITS) for name, one in row.items()}


def _midnight(calendar: BookCalendar, number: int) -> float:
    return float(calendar.midnight(np.array([number]))[0])
