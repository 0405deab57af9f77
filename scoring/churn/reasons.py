"""Which warning rule's words speak for which input, so that a risk's points become reasons."""

from types import MappingProxyType
from typing import Final

import numpy as np

from scoring.arrays import Floats
from scoring.churn.scorecard import ChurnScorecard
from scoring.rules import RULES

# Inputs without a row, such as tenure, describe the customer: their points are nobody's reason.
SPOKEN_FOR: Final = MappingProxyType(
    {
        "no_purchase": "silence",
        "gone": "silence",
        "silence_in_gaps": "silence",
        "silence": "silence",
        "spend_decline": "spend_decline",
        "spend_against_usual": "spend_decline",
        "use_decline": "card_use_decline",
        "use_against_usual": "card_use_decline",
        "visits_decline": "engagement_decline",
        "visits_against_usual": "engagement_decline",
        "overdue_rate": "overdue",
        "complaints": "dissatisfaction",
        "dissatisfaction": "dissatisfaction",
        "bad_survey": "dissatisfaction",
        "bad_nps": "dissatisfaction",
    }
)
_SLOT: Final = {rule.name: slot for slot, rule in enumerate(RULES)}


def by_rule(card: ChurnScorecard, contributions: Floats) -> Floats:
    """Add up the points of the terms each rule speaks for.

    Args:
        card: whose terms they are.
        contributions: points, shape (terms, n).

    Returns:
        Shape (n, rules). With the base points and those of terms no rule speaks for they add up to
        the score.
    """
    points = np.zeros((contributions.shape[1], len(RULES)))
    for term, given in zip(card.terms, contributions, strict=True):
        rule = SPOKEN_FOR.get(term.input.name)
        if rule is not None:
            points[:, _SLOT[rule]] += given
    return points
