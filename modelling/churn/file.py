"""A fitted churn scorecard as sections `churn` and `reference` of a parameter file."""

from collections.abc import Sequence
from typing import Any, Final

from modelling.churn.cross_validation import CrossValidation
from modelling.churn.fit import FittedScorecard, ScorecardPlan
from modelling.churn.regression.basis import pieces
from modelling.churn.thresholds import Thresholds
from scoring.arrays import Floats
from scoring.churn import Calibration, Isotonic, Platt
from scoring.evaluation import Estimate, brier_score
from scoring.evaluation.distribution import Deciles, deciles_of
from scoring.monitoring.scores import CHAMPION_SCORE

HYSTERESIS: Final = 0.1  # of the threshold of band middle
DIGITS: Final = 6  # of figures that are only shown


def weights_of(fitted: FittedScorecard) -> dict[str, Any]:
    """What the risk is computed from, to the last digit."""
    terms = [pieces(term) for term in fitted.terms]
    calibration = _calibration(fitted.calibration)
    return {"intercept": fitted.intercept, "terms": terms, "calibration": calibration}


def thresholds_of(thresholds: Thresholds, chosen_by: str) -> dict[str, Any]:
    """Where the bands begin, and how far below they are kept."""
    hysteresis = HYSTERESIS * thresholds.middle
    return {**thresholds._asdict(), "hysteresis": hysteresis, "chosen_by": chosen_by}


def fit_of(
    validated: CrossValidation, fitted: FittedScorecard, plan: ScorecardPlan, dates: list[str]
) -> dict[str, Any]:
    """How good it is, and on what it rests."""
    baselines = {
        name: {"auc": _interval(auc), "gain": _interval(gain)}
        for name, (auc, gain) in validated.baselines.items()
    }
    return {
        "dates": dates,
        "rows": len(validated.churned),
        "customers": validated.customers,
        "churned": int(validated.churned.sum()),
        "folds": plan.folds,
        "strength": fitted.strength,
        "monotone": plan.monotone,
        "held": fitted.held,
        "errors": {name: round(error, DIGITS) for name, error in fitted.errors.items()},
        "auc": _interval(validated.auc),
        "calibration_error": round(validated.calibration_error, DIGITS),
        "calibration_limit": round(validated.calibration_limit, DIGITS),
        "brier": round(brier_score(validated.risks, validated.churned), DIGITS),
        "baselines": baselines,
        "left_out": fitted.left_out,
    }


def _calibration(calibration: Calibration) -> dict[str, Any]:
    if isinstance(calibration, Isotonic):
        knots = zip(calibration.scores, calibration.risks, strict=True)
        return {"type": "isotonic", "knots": [{"log_odds": s, "risk": r} for s, r in knots]}
    if isinstance(calibration, Platt) and calibration != Platt():
        return {"type": "platt", "slope": calibration.slope, "shift": calibration.shift}
    return {"type": "none"}


def _interval(estimate: Estimate) -> dict[str, float]:
    named = {"value": estimate.value, "low": estimate.low, "high": estimate.high}
    return {name: round(figure, DIGITS) for name, figure in named.items()}


def reference_of(inputs: Floats, names: Sequence[str], risks: Floats) -> dict[str, Any]:
    """Make the section `reference` of a parameter file.

    Args:
        inputs: values of scorecard inputs at fit time, shape (n, k), n >= 1.
        names: of the inputs, k of them.
        risks: the scorecard's, shape (n,).

    Returns:
        The section's JSON value, whole numbers of rows and shares of them a bin.
    """
    columns = {**dict(zip(names, inputs.T, strict=True)), CHAMPION_SCORE: risks}
    return {
        "rows": len(risks),
        "distributions": {name: _deciles(deciles_of(column)) for name, column in columns.items()},
    }


def _deciles(deciles: Deciles) -> dict[str, Any]:
    return {"cuts": list(deciles.cuts), "counts": [int(count) for count in deciles.counts]}
