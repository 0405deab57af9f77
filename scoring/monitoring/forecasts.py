"""What a model foretells of customers, and whom it flags."""

from typing import NamedTuple

import numpy as np

from scoring.arrays import Bools, Floats
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.rules import CHURN, SILENCE
from scoring.warning.lifecycle import rhythm_known


class Forecast(NamedTuple):
    """Of n customers.

    Attributes:
        risk: probability of leaving, nan where none was to be had, shape (n,).
        flagged: who would be warned about, shape (n,).
    """

    risk: Floats
    flagged: Bools

    @classmethod
    def none(cls, count: int) -> "Forecast":
        """No forecast of any of `count` customers."""
        return cls(np.full(count, np.nan), np.zeros(count, np.bool_))


def champion(matrix: Floats, model: ScoringModel) -> Forecast:
    """What the model in use foretells: the churn scorecard's risk, or P(no purchase) without one.

    Args:
        matrix: features, shape (features, n).
        model: which made them.
    """
    row = Feature.P_NO_PURCHASE if model.churn is None else Feature.CHURN_RISK
    risk = matrix[row].copy()
    return Forecast(risk, flags(risk, threshold(model), matrix, model))


def flags(risk: Floats, least: float, matrix: Floats, model: ScoringModel) -> Bools:
    """Whom a threshold flags: as in life, nobody before a rhythm is known. nan flags nobody."""
    flagged: Bools = (risk >= least) & rhythm_known(matrix, model)
    return flagged


def threshold(model: ScoringModel) -> float:
    """Risk at which band middle begins: the scorecard's, or that of the rule `silence`."""
    return float(model.middle[SILENCE if model.churn is None else CHURN])
