"""The distributions a model was fitted to, against which drift is told."""

from typing import Final

from scoring.churn.inputs import INPUTS

CHAMPION_SCORE, CHALLENGER_SCORE = "churn_risk", "challenger_risk"
SCORES: Final = (*(one.name for one in INPUTS), CHAMPION_SCORE, CHALLENGER_SCORE)
