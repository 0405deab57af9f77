"""Which purchase model to take where none is named: the one that foretells later days best."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from modelling.fit.holdout import HoldoutResult
from modelling.fit.likelihood import FitError, Fitted, PurchaseModelName
from modelling.fit.run import FitData
from modelling.history import purchase_days, summarise
from scoring.facts.calendar import BookCalendar

# The quicker to run, the earlier: a worker on a Pareto/NBD does half as many events a second.
MODELS: Final[tuple[PurchaseModelName, ...]] = ("bgnbd", "mbgnbd", "paretonbd")
ALIKE: Final = 0.01  # share of the least error by which others foretell as well
HELD_OUT: Final = 4  # of the window's days, one in so many is held out
Outcome = tuple[Fitted, HoldoutResult | None]
Fit = Callable[[FitData, PurchaseModelName], Outcome]


@dataclass(frozen=True, kw_only=True)
class TriedModel:
    """A model that was tried.

    Attributes:
        model: Its name.
        fitted: To the whole window; None where nothing fits.
        error: Mean absolute error in purchases a customer on days that a fit had not seen; None
            where none were.
        refused: Why nothing fits.
    """

    model: PurchaseModelName
    fitted: Fitted | None = None
    error: float | None = None
    refused: str = ""

    def told(self) -> dict[str, Any]:
        """As it stands in a parameter file."""
        fitted = self.fitted
        return {
            "model": self.model,
            "limit": fitted.limit.name if fitted and fitted.limit else None,
            "parameters": dict(fitted.parameters) if fitted else {},
            "log_likelihood": fitted and fitted.log_likelihood,
            "mean_absolute_error": self.error,
            "refused": self.refused[:1_000] or None,
        }


@dataclass(frozen=True, kw_only=True)
class ModelChoice:
    """Models tried, the best first.

    Attributes:
        by: What decided, words.
        tried: All of them.
    """

    by: str
    tried: tuple[TriedModel, ...]

    @property
    def errors(self) -> Mapping[PurchaseModelName, float]:
        """Errors on days held out, in the order of `tried`."""
        return {each.model: each.error for each in self.tried if each.error is not None}


def choose(data: FitData, calendar: BookCalendar, fit: Fit) -> ModelChoice:
    """Rank all models by their error on the holdout, or on the last quarter of the window.

    Of those that foretell about as well the one that runs quickest is the first.
    Where there is no history to hold days out of, by likelihood, which they have in one unit.

    Args:
        data: What to fit to.
        calendar: Days of the book.
        fit: Fits one model.

    Raises:
        FitError: None fits.
    """
    judged = data if data.later is not None else _cut(data, calendar)
    tried = [_tried(name, data, judged, fit) for name in MODELS]
    if not any(each.fitted for each in tried):
        return ModelChoice(by="nothing: none fits", tried=tuple(tried))
    held_out = all(each.error is not None for each in tried if each.fitted)
    by = f"mean absolute error {_days(judged)}" if held_out and judged else "log-likelihood"
    return ModelChoice(by=by, tried=_ranked(tried) if held_out else _by_likelihood(tried))


def _tried(name: PurchaseModelName, data: FitData, judged: FitData | None, fit: Fit) -> TriedModel:
    try:
        fitted, held = fit(data, name)
    except FitError as error:
        return TriedModel(model=name, refused=str(error))
    if judged is not None and judged is not data:
        try:
            _, held = fit(judged, name)
        except FitError:
            held = None
    return TriedModel(model=name, fitted=fitted, error=held.mean_absolute_error if held else None)


def _ranked(tried: Sequence[TriedModel]) -> tuple[TriedModel, ...]:
    least = min(each.error for each in tried if each.error is not None)

    def rank(each: TriedModel) -> float:
        error = float("inf") if each.error is None else each.error
        return least if error <= (1.0 + ALIKE) * least else error

    return tuple(sorted(tried, key=rank))


def _by_likelihood(tried: Sequence[TriedModel]) -> tuple[TriedModel, ...]:
    def rank(each: TriedModel) -> float:
        return -each.fitted.log_likelihood if each.fitted else float("inf")

    return tuple(sorted(tried, key=rank))


def _days(judged: FitData) -> str:
    after = judged.summary.until + timedelta(days=1)
    return f"on the days from {after} to {judged.holdout}, which a fit to those before had not seen"


def _cut(data: FitData, calendar: BookCalendar) -> FitData | None:
    """The window's beginning, to be judged on its end; None where it cannot be cut."""
    if data.log is None or data.first_day is None:
        return None
    last: date = data.summary.until
    cut = last - timedelta(days=max((last - data.first_day).days // HELD_OUT, 1))
    summary = summarise(data.log, calendar, cut)
    if not summary.ids:
        return None
    later = purchase_days(data.log, calendar, cut, last)
    return replace(data, summary=summary, later=later, holdout=last)
