"""A risk's points by the warning rules whose words speak for them, so that they become reasons."""

import numpy as np

from scoring.arrays import Floats
from scoring.churn.scorecard import ChurnScorecard
from scoring.rules import RuleSet


def by_rule(card: ChurnScorecard, contributions: Floats, rules: RuleSet) -> Floats:
    """Add up the points of the terms each rule speaks for.

    Args:
        card: whose terms they are.
        contributions: points, shape (terms, n).
        rules: in whose slots.

    Returns:
        Shape (n, slots). With the base points and those of terms no rule speaks for they add up to
        the score.
    """
    points = np.zeros((contributions.shape[1], rules.width))
    for term, given in zip(card.terms, contributions, strict=True):
        if term.input.rule is not None:
            points[:, rules.slots[term.input.rule]] += given
    return points
