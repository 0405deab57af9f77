"""The parameter file that comes of a fit: a base file with fitted models and their provenance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Final

from modelling.fit.choice import ModelChoice, Outcome, choose
from modelling.fit.holdout import HoldoutResult, validate_on_holdout
from modelling.fit.likelihood import Fitted, PurchaseModelName
from modelling.fit.run import SPEND, FitData, FitRequest, Fits, fit_models
from schemas import MINOR_UNITS
from scoring import ScoringError
from scoring.model import ScoringModel
from scoring.parameters import Parameters, parse, sealed

LEADING: Final = (
    "schema_version",
    "name",
    "time_unit",
    "money_unit",
    "currency_exponent",
    "book_currency",
    "book_timezone",
    "purchase_model",
    "spend_model",
)
STALE: Final = ("churn", "reference")  # made over the models that are replaced
REPLACED: Final = (*LEADING, *STALE, "fit", "preset", "sha256")
LONGEST: Final = 1_000  # characters of a sentence in a parameter file


@dataclass(frozen=True, kw_only=True)
class FitResult:
    """Fits, and the file they make.

    Attributes:
        document: The new parameter file, sealed.
        parameters: The same, parsed: models in days and minor units.
        data: What was fitted to.
        fits: What came of it.
        holdout: How the purchase model did on later days.
        choice: Of the purchase model; None where one was asked for.
    """

    document: dict[str, Any]
    parameters: Parameters
    data: FitData
    fits: Fits
    holdout: HoldoutResult | None
    choice: ModelChoice | None = None


def fit_file(data: FitData, request: FitRequest) -> FitResult:
    """Fit, validate on the holdout if there is one, and make the parameter file.

    Raises:
        FitError: The model asked for has no maximum on these data.
        ScoringError: The base cannot be used for these data.
    """
    if request.model == "auto":
        return _chosen(data, request)
    fits = fit_models(data, request)
    document = _document(data, request, fits)
    holdout = _holdout(data, fits, parse(document))
    document["fit"]["holdout"] = holdout.section() if holdout else None
    whole = sealed(document)
    return FitResult(document=whole, parameters=parse(whole), data=data, fits=fits, holdout=holdout)


def _chosen(data: FitData, request: FitRequest) -> FitResult:
    """The file of the model that foretells later days best.

    Raises:
        FitError: None fits.
    """
    found: dict[tuple[int, str], FitResult] = {}

    def fit(to: FitData, name: PurchaseModelName) -> Outcome:
        made = found[id(to), name] = fit_file(to, replace(request, model=name))
        if made.fits.purchases is None:
            raise ValueError("expected a fit of purchases, got none")
        return made.fits.purchases, made.holdout

    choice = choose(data, ScoringModel(parse(request.base)).calendar, fit)
    best = choice.tried[0]
    if best.fitted is None:
        return fit_file(data, replace(request, model=best.model))  # says why nothing fits
    chosen = found[id(data), best.model]
    document = {**chosen.document, "fit": {**chosen.document["fit"], **_tried(choice)}}
    whole = sealed(document)
    return replace(chosen, document=whole, parameters=parse(whole), choice=choice)


def _tried(choice: ModelChoice) -> dict[str, Any]:
    return {"chosen_by": choice.by, "tried": [each.told() for each in choice.tried]}


def prepared(base: object, currency: str | None, timezone: str | None) -> dict[str, Any]:
    """A base file made ready for a bank's own currency and time zone.

    Cut points of segments are left out where the currency changes: they are amounts.

    Raises:
        ScoringError: The base, the currency or the time zone cannot be used.
    """
    parse(base)
    document = dict(base) if isinstance(base, Mapping) else {}
    if currency is not None and currency != document["book_currency"]:
        if currency not in MINOR_UNITS:
            expected = "an ISO 4217 code with a minor unit"
            raise ScoringError(where="currency", expected=expected, got=currency)
        document |= {"book_currency": currency, "currency_exponent": MINOR_UNITS[currency]}
        document.pop("segments", None)
    if timezone is not None:
        document["book_timezone"] = timezone
    document.pop("sha256", None)
    parse(document)
    return document


def file_name(text: str) -> str:
    """A parameter file's name from a file's.

    >>> file_name("Bank 2026 (Q1)")
    'bank-2026-q1'
    """
    name = re.sub(r"[^a-z0-9_.-]+", "-", text.lower()).lstrip("-._0123456789")
    return name[:64].rstrip("-.") or "fitted"


def _document(data: FitData, request: FitRequest, fits: Fits) -> dict[str, Any]:
    base = request.base
    models = {**_purchase_model(request, fits), **_spend_model(base, fits)}
    leading = {name: {**base, **models, "name": request.name}[name] for name in LEADING}
    rest = {name: value for name, value in base.items() if name not in REPLACED}
    return {**leading, **rest, "fit": _provenance(data, request, fits, models["time_unit"])}


def _purchase_model(request: FitRequest, fits: Fits) -> dict[str, Any]:
    if fits.purchases is None:
        return {name: request.base[name] for name in ("purchase_model", "time_unit")}
    fitted = fits.purchases
    limit = {"limit": fitted.limit.name} if fitted.limit else {}
    model = {"type": fitted.model, **limit, **fitted.parameters}
    return {"purchase_model": model, "time_unit": request.time_unit}


def _spend_model(base: Mapping[str, Any], fits: Fits) -> dict[str, Any]:
    """In the base's unit of money, which its cut points are in too."""
    if fits.spend is None:
        return {"spend_model": base["spend_model"]}
    minor = 10.0 ** base["currency_exponent"] if base["money_unit"] == "minor" else 1.0
    parameters = {**fits.spend.parameters, "v": fits.spend.parameters["v"] * minor}
    return {"spend_model": {"type": SPEND, **parameters}}


def _provenance(data: FitData, request: FitRequest, fits: Fits, time_unit: str) -> dict[str, Any]:
    first, cap = data.first_day, fits.capped
    return {
        "fitted_by": f"ebbwatch {version('ebbwatch')}",
        "source": data.source,
        "window": {
            "first_day": first and first.isoformat(),
            "until": data.summary.until.isoformat(),
        },
        "time_unit": time_unit,
        "money_unit": "major",
        "counts": data.cleaning.counts() if data.cleaning else {},
        "customers": len(data.summary.ids),
        "purchases": fits.purchases and estimate(fits.purchases),
        "spend": fits.spend and estimate(fits.spend),
        "winsorised": {"quantile": cap.quantile, "cap": cap.cap, "customers": cap.customers},
        "holdout": None,
        "diagnostics": [
            sentence[:LONGEST] for sentence in (*fits.diagnostics, *_left_out(request))
        ],
    }


def estimate(fitted: Fitted) -> dict[str, Any]:
    """A fit as it stands in a parameter file."""
    return {
        "model": fitted.model,
        "parameters": dict(fitted.parameters),
        "standard_errors": dict(fitted.standard_errors),
        "log_likelihood": fitted.log_likelihood,
        "customers": fitted.customers,
        "cells": fitted.cells,
        "diagnostics": [sentence[:LONGEST] for sentence in fitted.diagnostics],
        **limit_reached(fitted),
    }


def limit_reached(fitted: Fitted) -> dict[str, Any]:
    """The limit that a fit ended in, as it is told; None in each place where it did not."""
    limit = fitted.limit
    return {
        "limit": limit and limit.name,
        "likelihood_ratio": limit and limit.likelihood_ratio,
        "interior": limit and dict(limit.interior),
    }


def _left_out(request: FitRequest) -> list[str]:
    if not any(name in request.base for name in STALE):
        return []
    return [
        "The base's churn scorecard weighs other models' scores and is left out: run fit-churn."
    ]


def _holdout(data: FitData, fits: Fits, parameters: Parameters) -> HoldoutResult | None:
    if data.later is None or data.holdout is None or fits.purchases is None:
        return None
    return validate_on_holdout(parameters.purchases, data.summary, data.later, data.holdout)
