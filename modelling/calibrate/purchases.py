"""The purchase model: of those that can be fitted the one that foretells later days best."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from modelling.fit.file import FitResult, fit_file
from modelling.fit.likelihood import FitError, PurchaseModelName
from modelling.fit.run import FitData, FitRequest
from modelling.history import Cleaning, first_day, last_day, purchase_days, summarise
from scoring.facts.calendar import BookCalendar
from scoring.step.replay import EventLog

MODELS: Final[tuple[PurchaseModelName, ...]] = ("bgnbd", "mbgnbd", "paretonbd")
HOLDOUT: Final = 4  # of the history's days, one in so many is held out
WINSORISE: Final = 0.999


@dataclass(frozen=True)
class PurchaseFit:
    """The purchase model's step.

    Attributes:
        found: the fit to the whole history, None where none converged.
        errors: mean absolute error in purchases a customer on days held out, by model, best first.
        refused: why others were not fitted, sentences.
    """

    found: FitResult | None
    errors: Mapping[PurchaseModelName, float]
    refused: tuple[str, ...]

    @property
    def words(self) -> str:
        """What was done, a sentence."""
        if self.found is None:
            return "No purchase model converges on this history; the base's is kept."
        ranked = ", ".join(f"{name} {error:.3f}" for name, error in self.errors.items())
        by = f", by mean absolute error on days held out: {ranked}" if ranked else ""
        without = [name for name in MODELS if name not in self.errors]
        none = f"; no maximum for {' and '.join(without)}" if without and ranked else ""
        return f"{self.found.fits.asked.model}{by}{none}."


def fit_purchases_by_holdout(
    log: EventLog, calendar: BookCalendar, request: FitRequest, cleaning: Cleaning | None = None
) -> PurchaseFit:
    """Rank the models by their error on days held out, and fit the first that has a maximum.

    Args:
        log: the history, of at least one purchase.
        calendar: days of the book.
        request: how; its model is any.
        cleaning: what was left out of files.
    """
    errors, refused = _errors(log, calendar, request)
    last = last_day(log, calendar)
    for name in (*errors, *(name for name in MODELS if name not in errors)):
        try:
            found = fit_file(_data(log, calendar, last, None, cleaning), _asking(request, name))
        except FitError as error:
            refused += [str(error)]
        else:
            return PurchaseFit(found, errors, tuple(dict.fromkeys(refused)))
    return PurchaseFit(None, errors, tuple(dict.fromkeys(refused)))


def fitted_until(
    log: EventLog, calendar: BookCalendar, request: FitRequest, until: date
) -> dict[str, Any] | None:
    """A parameter file with the model fitted to days up to one; None where it has no maximum."""
    data = _data(log, calendar, until, None, None)
    if not data.summary.ids:
        return None
    try:
        return fit_file(data, request).document
    except FitError:
        return None


def _errors(
    log: EventLog, calendar: BookCalendar, request: FitRequest
) -> tuple[dict[PurchaseModelName, float], list[str]]:
    """Errors on days held out, the least first, and why some models have none."""
    first, last = first_day(log, calendar), last_day(log, calendar)
    cut = last - timedelta(days=max((last - first).days // HOLDOUT, 1))
    data = _data(log, calendar, cut, last, None)
    if not data.summary.ids:
        return {}, []
    errors: dict[PurchaseModelName, float] = {}
    refused: list[str] = []
    for name in MODELS:
        try:
            held = fit_file(data, _asking(request, name)).holdout
        except FitError as error:
            refused.append(f"Up to {cut}: {error}")
        else:
            errors[name] = held.mean_absolute_error if held else 0.0
    return dict(sorted(errors.items(), key=lambda pair: pair[1])), refused


def _data(
    log: EventLog,
    calendar: BookCalendar,
    until: date,
    holdout: date | None,
    cleaning: Cleaning | None,
) -> FitData:
    later = None if holdout is None else purchase_days(log, calendar, until, holdout)
    return FitData(
        summary=summarise(log, calendar, until),
        source="files",
        first_day=first_day(log, calendar),
        cleaning=cleaning,
        log=log,
        later=later,
        holdout=holdout,
    )


def _asking(request: FitRequest, name: PurchaseModelName) -> FitRequest:
    return FitRequest(
        model=name,
        time_unit=request.time_unit,
        winsorise=request.winsorise,
        base=request.base,
        name=request.name,
        needs_spend=request.needs_spend,
    )
