"""The purchase model: the one that foretells later days best."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from modelling.fit.choice import TriedModel
from modelling.fit.file import FitResult, fit_file
from modelling.fit.likelihood import FitError, PurchaseModelName
from modelling.fit.run import FitData, FitRequest
from modelling.history import Cleaning, first_day, last_day, summarise
from scoring.facts.calendar import BookCalendar
from scoring.step.replay import EventLog

WINSORISE: Final = 0.999


@dataclass(frozen=True)
class PurchaseFit:
    """The purchase model's step.

    Attributes:
        found: the fit to the whole history, None where nothing fits.
        refused: why others were not fitted, sentences.
    """

    found: FitResult | None
    refused: tuple[str, ...]

    @property
    def errors(self) -> Mapping[PurchaseModelName, float]:
        """Mean absolute error in purchases a customer on days held out, by model, best first."""
        return self.found.choice.errors if self.found and self.found.choice else {}

    @property
    def words(self) -> str:
        """What was done, a sentence."""
        if self.found is None or self.found.choice is None:
            return f"No purchase model fits; the base's is kept. {' '.join(self.refused)}"
        choice = self.found.choice
        ranked = ", ".join(map(_told, choice.tried))
        return f"{self.found.fits.asked.model}, by {choice.by}: {ranked}."


def _told(each: TriedModel) -> str:
    limit = f" ({each.fitted.limit.name})" if each.fitted and each.fitted.limit else ""
    error = "" if each.error is None else f" {each.error:.3f}"
    return f"{each.model}{limit}{error}" if each.fitted else f"{each.model} does not fit"


def fit_purchases_by_holdout(
    log: EventLog, calendar: BookCalendar, request: FitRequest, cleaning: Cleaning | None = None
) -> PurchaseFit:
    """Fit the model that foretells the history's last days best.

    Args:
        log: the history, of at least one purchase.
        calendar: days of the book.
        request: how; its model is any.
        cleaning: what was left out of files.
    """
    data = _data(log, calendar, last_day(log, calendar), cleaning)
    try:
        found = fit_file(data, replace(request, model="auto"))
    except FitError as error:
        return PurchaseFit(None, (str(error),))
    tried = found.choice.tried if found.choice else ()
    return PurchaseFit(found, tuple(each.refused for each in tried if each.refused))


def fitted_until(
    log: EventLog, calendar: BookCalendar, request: FitRequest, until: date
) -> dict[str, Any] | None:
    """A parameter file with the model fitted to days up to one; None where nothing fits."""
    data = _data(log, calendar, until, None)
    if not data.summary.ids:
        return None
    try:
        return fit_file(data, request).document
    except FitError:
        return None


def _data(
    log: EventLog,
    calendar: BookCalendar,
    until: date,
    cleaning: Cleaning | None,
) -> FitData:
    return FitData(
        summary=summarise(log, calendar, until),
        source="files",
        first_day=first_day(log, calendar),
        cleaning=cleaning,
        log=log,
    )
