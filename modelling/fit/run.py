"""Fitting purchase and spend models to a history, and the parameter file that comes of it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

import numpy as np

from modelling.fit.likelihood import (
    FitError,
    Fitted,
    PurchaseModelName,
    cells,
    fit_purchases,
    fit_spend,
    mean_spend,
)
from modelling.history import Cleaning, Summary
from schemas import MINOR_UNITS
from scoring.arrays import Floats, Ints
from scoring.parameters.document import DAYS_PER_UNIT
from scoring.step.replay import EventLog

TimeUnit = Literal["week", "day"]
SPEND: Final = "gammagamma"


@dataclass(frozen=True, kw_only=True)
class FitData:
    """What to fit to.

    Attributes:
        summary: Customers as of the last day of the window.
        source: Where they come from.
        first_day: First day of the history, None where it is not known.
        cleaning: What was left out of files.
        log: The history, None for a live system or a warehouse's summary.
        later: Purchase days of the log's customers after the window, for the holdout.
        holdout: The last day of the holdout, None where there is none.
        diagnostics: What to know of the data, sentences.
    """

    summary: Summary
    source: Literal["files", "redis", "warehouse"]
    first_day: date | None = None
    cleaning: Cleaning | None = None
    log: EventLog | None = None
    later: Ints | None = None
    holdout: date | None = None
    diagnostics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FitRequest:
    """How to fit.

    Attributes:
        model: The purchase model, beside which spend is fitted too where there are amounts; `auto`
            takes the one that foretells later days best, None fits spend alone.
        time_unit: Of the parameters.
        winsorise: Mean spends above this quantile are lowered to it; 1 lowers none.
        base: Parameter file whose rules, horizons and all else the new one takes over, with the
            currency and time zone of the new one.
        name: Of the new file.
        strict: Limits are refused.
        with_prior: Weak priors go in.
        segments: Cut points to be made anew of the history where the base's cannot be kept, as in
            another currency: what of those stays as it is; None keeps the base's.
    """

    model: PurchaseModelName | Literal["auto"] | None
    time_unit: TimeUnit
    winsorise: float
    base: Mapping[str, Any]
    name: str
    strict: bool = False
    with_prior: bool = False
    segments: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Capped:
    """Mean spends after winsorising.

    Attributes:
        values: Major units, shape (customers,).
        quantile: As asked for.
        cap: Its value; None where nobody has a mean spend.
        customers: Whose mean was lowered.
    """

    values: Floats
    quantile: float
    cap: float | None
    customers: int


@dataclass(frozen=True, kw_only=True)
class Fits:
    """What came of a fit.

    Attributes:
        purchases: The purchase model's, None where only spend was fitted.
        spend: The spend model's, or the population's mean; None where there are no amounts.
        capped: Mean spends the spend model was fitted to.
        diagnostics: What to know of the data and the whole, sentences.
        seconds: What the fits took.
    """

    purchases: Fitted | None
    spend: Fitted | None
    capped: Capped
    diagnostics: tuple[str, ...]
    seconds: float

    @property
    def asked(self) -> Fitted:
        """The fit that was asked for."""
        asked = self.purchases or self.spend
        if asked is None:
            raise ValueError("expected a fit of purchases or spend, got none")
        return asked


def fit_models(data: FitData, request: FitRequest) -> Fits:
    """Fit the model asked for, and spend beside a purchase model.

    Raises:
        FitError: The model asked for has no maximum on these data.
    """
    began = time.perf_counter()
    exponent = MINOR_UNITS[request.base["book_currency"]]
    money = capped(data.summary, exponent, request.winsorise)
    purchases = None if request.model is None else _purchases(data.summary, request)
    spend = _spend(data.summary, money, request, exponent)
    return Fits(
        purchases=purchases,
        spend=spend,
        capped=money,
        diagnostics=data.diagnostics,
        seconds=time.perf_counter() - began,
    )


def capped(summary: Summary, exponent: int, quantile: float) -> Capped:
    """Winsorise mean spends, in major units.

    The cap is the least mean spend that at least a share `quantile` of the repeat customers who
    spent anything do not exceed, so below 1 / (1 - quantile) customers nobody is capped.
    """
    values = summary.monetary_value / 10.0**exponent
    spent = values[(summary.x > 0) & (values > 0)]
    if not spent.size:
        return Capped(values=values, quantile=quantile, cap=None, customers=0)
    cap = float(np.quantile(spent, quantile, method="inverted_cdf"))
    lowered = int((values > cap).sum())
    return Capped(values=np.minimum(values, cap), quantile=quantile, cap=cap, customers=lowered)


def _purchases(summary: Summary, request: FitRequest) -> Fitted:
    unit = DAYS_PER_UNIT[request.time_unit]
    counted = cells(summary.x, summary.t_x / unit, summary.T / unit)
    name = "bgnbd" if request.model in {None, "auto"} else request.model
    day = 1.0 / unit if request.with_prior else None
    return fit_purchases(name, counted, strict=request.strict, prior_day=day)  # type: ignore[arg-type]


def _spend(summary: Summary, money: Capped, request: FitRequest, exponent: int) -> Fitted | None:
    """The spend model, or the population's mean where none fits; None where there are no amounts.

    Raises:
        FitError: None fits and a limit is refused, or nothing else was asked for and there are no
            amounts.
    """
    if not summary.total_value.any() and request.model is not None:
        return None
    try:
        return _with_a_mean(fit_spend(summary.x, money.values, with_prior=request.with_prior))
    except FitError as error:
        if request.strict:
            raise
        first = summary.total_value - summary.x * summary.monetary_value
        why = f"No model of spend: {error}"
        return mean_spend(summary.x, money.values, first / 10.0**exponent, why)


def _with_a_mean(fitted: Fitted) -> Fitted:
    if fitted.parameters["q"] <= 1.0:
        expected = "q above 1, without which the mean spend is infinite"
        raise FitError(where=SPEND, expected=expected, got=f"q = {fitted.parameters['q']:.4g}")
    return fitted
