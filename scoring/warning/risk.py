"""From features and rule values to points and a churn risk.

The fitted scorecard's where the parameter file holds one, otherwise the rules' own.
"""

from typing import NamedTuple

import numpy as np

from scoring.arrays import Floats
from scoring.churn.reasons import by_rule
from scoring.feature import Feature
from scoring.model import ScoringModel


class Risks(NamedTuple):
    """Points and the churn risk that they go with.

    Attributes:
        points: by rule, shape (n, slots).
        score: base points, the rules' points and those that no rule speaks for, shape (n,).
        risk: churn risk, shape (n,).
    """

    points: Floats
    score: Floats
    risk: Floats


def risks(matrix: Floats, contributions: Floats, table: Floats, model: ScoringModel) -> Risks:
    """Points by rule, and what they add up to.

    Args:
        matrix: features, shape (features, n).
        contributions: points of the scorecard's terms, shape (terms, n).
        table: rule values, shape (n, slots).
        model: limits, and the scorecard where there is one.
    """
    if model.churn is None:
        points = _points(table, model)
        score = _added_up(points)
        return Risks(points, score, _provisional(score, model))
    by_rules = by_rule(model.churn, contributions, model.rules)
    return Risks(by_rules, model.churn.score(contributions), matrix[Feature.CHURN_RISK])


def churn_risk(matrix: Floats, table: Floats, model: ScoringModel) -> Floats:
    """The churn risk alone, shape (n,); arguments as of `risks`."""
    if model.churn is None:
        return _provisional(_added_up(_points(table, model)), model)
    risk: Floats = matrix[Feature.CHURN_RISK]
    return risk


def _points(table: Floats, model: ScoringModel) -> Floats:
    """Points each rule contributes, shape (n, slots): none at its floor, all at threshold high."""
    points, floor = model.thresholds.points, model.thresholds.floor
    span = model.high - floor
    share = (table - floor) / np.where(span > 0.0, span, 1.0)
    return points * np.clip(share, 0.0, 1.0)


def _added_up(contributions: Floats) -> Floats:
    """Points of all rules together, shape (n,)."""
    # One by one: NumPy adds up eight and more in another order.
    total: Floats = contributions[:, 0].copy()
    for points in contributions.T[1:]:
        total += points
    return total


def _provisional(score: Floats, model: ScoringModel) -> Floats:
    """Risk from points: each `points_to_double` points double the odds of the base rate."""
    doublings = score / model.parameters.scorecard.points_to_double
    odds = model.base_odds * np.exp2(doublings)
    risk: Floats = odds / (1.0 + odds)
    return risk
