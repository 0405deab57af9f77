"""The churn scorecard as it runs: points over the features, and the calibrated risk.

Here belongs what a worker needs of it. How it is fitted, judged and written down is
`modelling.churn`; where its levels become warnings is `scoring.warning`.
"""

from scoring.churn.calibration import UNCALIBRATED, Calibration, Isotonic, Platt
from scoring.churn.input import Input
from scoring.churn.inputs import INPUTS
from scoring.churn.scorecard import ChurnScorecard, Term

__all__ = [
    "INPUTS",
    "UNCALIBRATED",
    "Calibration",
    "ChurnScorecard",
    "Input",
    "Isotonic",
    "Platt",
    "Term",
]
