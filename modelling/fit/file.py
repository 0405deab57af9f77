"""The parameter file that comes of a fit: a base file with fitted models and their provenance."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from math import isnan
from typing import Any, Final

from modelling.fit.base import STALE, cut_points, origins, without_scorecard
from modelling.fit.choice import ModelChoice, Outcome, choose
from modelling.fit.holdout import HoldoutResult, validate_on_holdout
from modelling.fit.likelihood import Fitted, PurchaseModelName
from modelling.fit.run import SPEND, FitData, FitRequest, Fits, fit_models
from scoring.model import ScoringModel
from scoring.parameters import Parameters, parse, sealed
from scoring.parameters.document import DAYS_PER_UNIT

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
REPLACED: Final = (*LEADING, "fit", "origins", "preset", "sha256")
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
    own = without_scorecard(base).items()
    rest = {name: value for name, value in own if name not in REPLACED}
    document = {**leading, **rest}
    anew = _anew(data, fits)
    if request.segments is not None and fits.spend is not None:
        document["segments"] = cut_points(document, data.summary, request.segments)
        anew["segments"] = anew["spend_model"]
    return {
        **document,
        "fit": _provenance(data, request, fits, models["time_unit"]),
        "origins": origins(document, base, anew),
    }


def _anew(data: FitData, fits: Fits) -> dict[str, str]:
    """Where the parts come from that were made anew."""
    source = "the live system's states" if data.source == "redis" else "the bank's history"
    words = f"{source} up to {data.summary.until}"
    nothing = "nothing, as there are no amounts: each customer's own mean so far"
    found = {"spend_model": words if fits.spend else nothing}
    return found if fits.purchases is None else {**found, "purchase_model": words}


def _purchase_model(request: FitRequest, fits: Fits) -> dict[str, Any]:
    if fits.purchases is None:
        return _kept(request)
    fitted = fits.purchases
    limit = {"limit": fitted.limit.name} if fitted.limit else {}
    model = {"type": fitted.model, **limit, **fitted.parameters}
    return {"purchase_model": model, "time_unit": request.time_unit}


def _kept(request: FitRequest) -> dict[str, Any]:
    """The base's model, in the unit of time asked for."""
    base = request.base
    factor = DAYS_PER_UNIT[base["time_unit"]] / DAYS_PER_UNIT[request.time_unit]
    powers = {"alpha": 1, "beta": 1, "rate": -1, "leave_rate": -1}
    model = {
        name: value * factor ** powers[name] if name in powers else value
        for name, value in base["purchase_model"].items()
    }
    return {"purchase_model": model, "time_unit": request.time_unit}


def _spend_model(base: Mapping[str, Any], fits: Fits) -> dict[str, Any]:
    """In the base's unit of money, which its cut points are in too."""
    if fits.spend is None:
        return {"spend_model": {"type": "own_mean"}}
    minor = 10.0 ** base["currency_exponent"] if base["money_unit"] == "minor" else 1.0
    amounts = {n: v * minor for n, v in fits.spend.parameters.items() if n in {"v", "mean"}}
    limit = {"limit": fits.spend.limit.name} if fits.spend.limit else {}
    return {"spend_model": {"type": SPEND, **limit, **fits.spend.parameters, **amounts}}


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
            sentence[:LONGEST]
            for sentence in (*fits.diagnostics, *_left_out(request), *_not_fitted(request, fits))
        ],
    }


def estimate(fitted: Fitted) -> dict[str, Any]:
    """A fit as it stands in a parameter file."""
    return {
        "model": fitted.model,
        "parameters": dict(fitted.parameters),
        "standard_errors": dict(fitted.standard_errors),
        "log_likelihood": None if isnan(fitted.log_likelihood) else fitted.log_likelihood,
        "customers": fitted.customers,
        "cells": fitted.cells,
        "diagnostics": [sentence[:LONGEST] for sentence in fitted.diagnostics],
        **limit_reached(fitted),
        "prior": fitted.prior,
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
    words = (
        "The base's churn scorecard weighs other models' scores and is left out: run fit-churn. "
        "Until then the rule silence warns."
    )
    return [words]


def _not_fitted(request: FitRequest, fits: Fits) -> Iterator[str]:
    """Parts of the base's that stay, and parts that stay without a model."""
    if fits.purchases is None:
        base = request.base
        whose = base.get("preset") or f"of the file {base['name']}"
        yield f"The purchase model was not fitted: it is the base's, {whose}."
    if fits.spend is None:
        yield (
            "Spend was not fitted, as there are no amounts: each customer's expected spend is "
            "their own mean so far, and nothing before they come back."
        )
        if request.segments is not None:
            yield "Without amounts there are no cut points of segments in this currency."


def _holdout(data: FitData, fits: Fits, parameters: Parameters) -> HoldoutResult | None:
    if data.later is None or data.holdout is None or fits.purchases is None:
        return None
    return validate_on_holdout(parameters.purchases, data.summary, data.later, data.holdout)
