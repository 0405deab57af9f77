"""A scorecard fitted to all of a history, its thresholds chosen by one that saw its first part."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np

from modelling.backtest import Period
from modelling.churn.file import HYSTERESIS
from modelling.churn.labels import Labels
from modelling.churn.regression.logistic import ChurnFitError
from modelling.churn.run import (
    ChurnFitResult,
    ChurnRequest,
    days_before,
    fit_churn,
    leaving_of,
)
from modelling.history.summary import date_of, day_number
from modelling.leaving.consenting import consenting, told
from modelling.thresholds.aim import Aim
from modelling.thresholds.search import Say, ThresholdSearch, search
from scoring.arrays import DAY
from scoring.facts.calendar import BookCalendar
from scoring.model import ScoringModel
from scoring.parameters import Leaving, parse, sealed
from scoring.step.replay import EventLog

LAST_PART: Final = 1.0 / 3.0  # of the history, on which thresholds are tried
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
        early: the model by which they were tried, fitted to the first part alone; None where they
            were tried on days that the fit had seen.
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
    say: Say = lambda *_: None,
) -> ThresholdFit:
    """Fit the churn scorecard, and choose its thresholds by replaying days that a fit had not seen.

    Where the history is too short for that, the days are those that the fit had seen, and it is
    said; where nobody leaves in these, thresholds are those of `fit_churn`: by the historic rate,
    or the budget.

    Args:
        log: the history; nothing is learnt from who withdrew consent to profiling.
        document: the parameter file's JSON value.
        request: what to fit; its budget is the aim's.
        aim: what thresholds are to achieve.
        labels: who left. Thresholds are not tried with those that do not tell when.
        early: parameter file to fit the first part over; by default `document`.
        say: told of every step before it begins.

    Raises:
        ScoringError: as `fit_churn` does.
    """
    used = consenting(log)
    found = _fitted(used, document, request, aim, labels, early or document, say)
    return replace(found, notes=(*found.notes, *told(len(log.customers) - len(used.customers))))


def _fitted(
    log: EventLog,
    document: dict[str, Any],
    request: ChurnRequest,
    aim: Aim,
    labels: Labels | None,
    early: dict[str, Any],
    say: Say,
) -> ThresholdFit:
    say("Fitting the scorecard", 0, 0)
    asked = replace(request, warnings_per_day=aim.budget)
    found = fit_churn(log, document, asked, labels)
    leaving = leaving_of(document, request, labels)
    if labels is not None and labels.left_at is None:
        return _untried(found, "The labels do not tell when customers left.")
    calendar = ScoringModel(parse(document)).calendar
    cut = cut_of(log, calendar, leaving, request)
    left_at = None if labels is None else labels.left_at
    if cut is None:
        why = _short(log, leaving)
        return _tried_on_seen(found, log, aim, left_at, request.share, why, say)
    say("Fitting the scorecard to the first part of the history", 0, 0)
    try:
        early_on = replace(asked, leaving=leaving)
        first = _first_part(log, early, early_on, cut, calendar, labels)
    except ChurnFitError as error:
        why = f"The history's first part is too little to fit to: {error}."
        return _tried_on_seen(found, log, aim, left_at, request.share, why, say)
    model = ScoringModel(parse(first.document))
    tried = search(
        log, model, cut.period, leaving, aim, left_at=left_at, drawn=request.share, say=say
    )
    return ThresholdFit(with_choice(found, tried), tried, model, _sample_note(tried))


def cut_of(
    log: EventLog, calendar: BookCalendar, leaving: Leaving, request: ChurnRequest | None = None
) -> Cut | None:
    """Where to cut a history: at a midnight, N days and what a fit takes around; None if short."""
    if not len(log.events):
        return None
    first, end = float(log.times[0]), float(log.times[-1])
    if request is not None and request.until is not None:
        end = min(end, _midnight(calendar, day_number(request.until) + 1))
    if end - first < days_to_fit_and_judge(leaving) * DAY:
        return None
    at = end - max(LAST_PART * (end - first), leaving.within * DAY)
    return Cut(_midnight(calendar, int(calendar.day(np.array([at]))[0])), end)


def days_to_fit(leaving: Leaving) -> float:
    """Days of history that a scorecard takes: one look, what is before it, and what comes of it.

    >>> from scoring.parameters import Silence
    >>> days_to_fit(Silence(days=56.0))
    84.0
    """
    return leaving.within + days_before(leaving)


def days_to_fit_and_judge(leaving: Leaving) -> float:
    """Days of history that thresholds and a backtest out of time take, a day for the cut.

    >>> from scoring.parameters import Silence
    >>> days_to_fit_and_judge(Silence(days=56.0))
    141.0
    """
    return days_to_fit(leaving) + leaving.within + 1.0


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
    labels: Labels | None,
) -> ChurnFitResult:
    last = date_of(cut.at - 1.0, calendar)
    days = leaving_of(document, request).within
    dates = tuple(
        one for one in request.dates if _midnight(calendar, day_number(one)) + days * DAY <= cut.at
    )
    asked = replace(request, dates=dates, until=last)
    return fit_churn(log.before(cut.at), document, asked, labels)


def _tried_on_seen(
    found: ChurnFitResult,
    log: EventLog,
    aim: Aim,
    left_at: Mapping[bytes, float] | None,
    drawn: float,
    why: str,
    say: Say,
) -> ThresholdFit:
    """Thresholds tried on what the scorecard was fitted to, for want of other days.

    A rate says nothing of silences: it can ask for a risk that is reached when all is over.
    """
    model = ScoringModel(parse(found.document))
    begun = float(log.times[0]) + days_before(model.leaving) * DAY
    period = Period(begun, float(log.times[-1]))
    if period.days <= model.leaving.within:
        return _untried(found, why)
    tried = search(log, model, period, model.leaving, aim, left_at=left_at, drawn=drawn, say=say)
    if not any(one.recall for one in tried.tried):
        return _untried(found, why)
    note = f"Thresholds were tried on days that the scorecard had seen, which flatters them. {why}"
    return ThresholdFit(with_choice(found, tried), tried, None, (note, *_sample_note(tried)))


def _untried(found: ChurnFitResult, why: str) -> ThresholdFit:
    by = found.scorecard["thresholds"]["chosen_by"]
    words = "the budget over past risks" if by == "budget" else "the historic rate alone"
    note = f"Thresholds were not tried out of time and are by {words}. {why}"
    return ThresholdFit(found, None, None, (note,))


def _short(log: EventLog, leaving: Leaving) -> str:
    held = (float(log.times[-1]) - float(log.times[0])) / DAY if len(log.events) else 0.0
    takes = days_to_fit_and_judge(leaving)
    return f"That takes {takes:.0f} days of history, and there are {held:.0f}."


def _sample_note(tried: ThresholdSearch) -> tuple[str, ...]:
    if tried.share >= 1.0:
        return ()
    some = f"{tried.customers:,} customers, {tried.share:.1%} of all"
    return (f"Thresholds were tried on {some}; warnings a day and profit are counted up.",)


def _rounded(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if one is None else round(one, DIGITS) for name, one in row.items()}


def _midnight(calendar: BookCalendar, number: int) -> float:
    return float(calendar.midnight(np.array([number]))[0])
