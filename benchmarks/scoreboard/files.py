"""Parameter files fitted to the weeks before a holdout, as `fit` and `fit-churn` make them."""

import json
from importlib import resources
from typing import Any, Final

from benchmarks.scoreboard.data import Case
from modelling.churn import run as churning
from modelling.fit import file as fitted_file
from modelling.fit.base import prepared
from modelling.fit.likelihood import FitError, PurchaseModelName
from modelling.fit.run import FitData, FitRequest
from scoring.parameters import Leaving, Partial, Silence

MODELS: Final[tuple[PurchaseModelName, ...]] = ("bgnbd", "mbgnbd", "paretonbd")
TITLES: Final = {"bgnbd": "BG/NBD", "mbgnbd": "MBG/NBD", "paretonbd": "Pareto/NBD"}
# Who ebbs away: beside it a healthy pause of two to four weeks leaves more than a quarter.
PARTLY: Final = Partial(type="partial", within_days=56.0, share=0.25)
WINSORISE: Final = 0.999  # what `fit` does unless asked otherwise


def fitted(
    case: Case, model: PurchaseModelName, horizon_days: float | None = None
) -> dict[str, Any]:
    """The packaged file with purchases and spend fitted to what is known.

    Args:
        case: The log.
        model: Of purchases.
        horizon_days: H of P(no purchase); the packaged file's by default.

    Raises:
        FitError: The purchase model has no maximum on these data.
    """
    text = resources.files("scoring.models").joinpath("cdnow.json").read_text("utf-8")
    base = prepared(json.loads(text), None, None)
    if horizon_days is not None:
        base["horizon_days"] = horizon_days
    data = FitData(summary=case.summary, source="files", log=case.known)
    request = FitRequest(
        model=model, time_unit="day", winsorise=WINSORISE, base=base, name="scoreboard"
    )
    return fitted_file.fit_file(data, request).document


def fitted_any(case: Case) -> dict[str, Any]:
    """The same by the first purchase model that has a maximum on these data.

    Raises:
        FitError: none has.
    """
    for model in MODELS[:-1]:
        try:
            return fitted(case, model)
        except FitError:
            continue
    return fitted(case, MODELS[-1])


def with_churn(
    case: Case, document: dict[str, Any], leaving: Leaving | None = None
) -> dict[str, Any]:
    """The file with a churn scorecard and thresholds fitted to what is known.

    Args:
        case: The log.
        document: Its file.
        leaving: What counts as leaving; the case's days of silence by default.
    """
    counts = leaving or Silence(days=case.lapse_days)
    request = churning.ChurnRequest(leaving=counts, until=case.until)
    return churning.fit_churn(case.known, document, request).document
