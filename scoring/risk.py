"""From features and rule values to points and a churn risk."""

from typing import TYPE_CHECKING

import numpy as np

from scoring.churn.reasons import by_rule
from scoring.state import Floats

if TYPE_CHECKING:
    from scoring.model import Model


def risks(matrix: Floats, table: Floats, model: "Model") -> tuple[Floats, Floats]:
    """Points by rule, shape (n, rules), and the churn risk they go with, shape (n,).

    The fitted scorecard's where the parameter file holds one, otherwise the rules' own.
    """
    if model.churn is None:
        contributions = points(table, model)
        return contributions, churn_risk(contributions, model)
    terms = model.churn.contributions(matrix, model)
    return by_rule(model.churn, terms), model.churn.risk_of(terms)


def points(table: Floats, model: "Model") -> Floats:
    """Points each rule contributes, shape (n, rules): none at its floor, all at threshold high."""
    share = (table - model.floor) / (model.high - model.floor)
    return model.points * np.clip(share, 0.0, 1.0)


def churn_risk(contributions: Floats, model: "Model") -> Floats:
    """Risk from points: each `points_to_double` points double the odds of the base rate.

    Args:
        contributions: points per rule, shape (n, rules).
        model: base rate and scale.

    Returns:
        Probability, shape (n,).
    """
    doublings = contributions.sum(axis=1) / model.parameters.scorecard.points_to_double
    odds = model.base_odds * np.exp2(doublings)
    risk: Floats = odds / (1.0 + odds)
    return risk
