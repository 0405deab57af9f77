"""From a bank's history to a parameter file in one go, and whether it is worth it.

Here the other packages' steps are put in a row: what leaving is, purchase model, scorecard,
thresholds and backtest. None of their mathematics belongs here.
"""

from modelling.calibrate.leaving import parse_leaving, proposed
from modelling.calibrate.outcome import Calibrated, CalibrationRequest
from modelling.calibrate.run import calibrate

__all__ = ["Calibrated", "CalibrationRequest", "calibrate", "parse_leaving", "proposed"]
