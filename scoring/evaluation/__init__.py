"""Judging scores against what happened: ranking, calibration, gains, drift, concentration.

Pure NumPy, for whole populations: nothing here is called for single customers.
"""

from scoring.evaluation._checks import EvaluationError
from scoring.evaluation.accuracy import correlation, mean_absolute_error
from scoring.evaluation.calibration import (
    CalibrationBin,
    brier_score,
    calibrated_limit,
    calibration_curve,
    expected_calibration_error,
    log_loss,
)
from scoring.evaluation.concentration import gini, lorenz_curve, top_share
from scoring.evaluation.drift import population_stability, population_stability_of
from scoring.evaluation.gains import Decile, Flagged, deciles, flagged
from scoring.evaluation.proportions import Bounded, newcombe, wilson
from scoring.evaluation.ranking import Estimate, area_gained, area_under_curve
from scoring.evaluation.separation import Separation, Wanted, least_right, separate
from scoring.evaluation.uplift import QiniCurve, qini, qini_curve

__all__ = [
    "Bounded",
    "CalibrationBin",
    "Decile",
    "Estimate",
    "EvaluationError",
    "Flagged",
    "QiniCurve",
    "Separation",
    "Wanted",
    "area_gained",
    "area_under_curve",
    "brier_score",
    "calibrated_limit",
    "calibration_curve",
    "correlation",
    "deciles",
    "expected_calibration_error",
    "flagged",
    "gini",
    "least_right",
    "log_loss",
    "lorenz_curve",
    "mean_absolute_error",
    "newcombe",
    "population_stability",
    "population_stability_of",
    "qini",
    "qini_curve",
    "separate",
    "top_share",
    "wilson",
]
