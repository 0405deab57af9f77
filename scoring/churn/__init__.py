"""Churn: a scorecard of points over the features, its fit, calibration and thresholds."""

from scoring.churn.calibration import UNCALIBRATED, Calibration, Isotonic, Platt
from scoring.churn.errors import ChurnFitError
from scoring.churn.fit import Fitted, Labelled, Plan, cross_validated_risks, fit_scorecard
from scoring.churn.inputs import INPUTS, Input
from scoring.churn.scorecard import ChurnScorecard, Term
from scoring.churn.thresholds import Thresholds, by_budget, by_rate

__all__ = [
    "INPUTS",
    "UNCALIBRATED",
    "Calibration",
    "ChurnFitError",
    "ChurnScorecard",
    "Fitted",
    "Input",
    "Isotonic",
    "Labelled",
    "Plan",
    "Platt",
    "Term",
    "Thresholds",
    "by_budget",
    "by_rate",
    "cross_validated_risks",
    "fit_scorecard",
]
