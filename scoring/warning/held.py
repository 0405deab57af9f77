"""Which rises are held while streams are quiet."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import Bools
from scoring.feature import Feature
from scoring.rules import RuleSet
from scoring.warning.gate import Stream

BRAKE: Final = 1 << 7  # of a mask: more rises than anybody could want
_INTERACTIONS: Final = 1 << Stream.INTERACTIONS
_PURCHASES: Final = sum(1 << stream for stream in Stream) - _INTERACTIONS
_OF_VISITS: Final = (Feature.DAYS_SINCE_VISIT, Feature.CHURN_RISK, Feature.NEWCOMER_DAYS)


def held_rises(masks: NDArray[np.uint8], rules: RuleSet) -> Bools:
    """Which rules may not rise by a level, by masks of quiet streams.

    A rule moves in silence where its value rises without events, be it in part. Quiet interactions
    hold those that look at visits; the topic of transactions, or a channel of it, all of them: who
    used which channel is not remembered, so that everybody waits, and nobody is warned of for the
    silence of a feed. The brake holds every rule.

    Args:
        masks: shape (n,).
        rules: in force.

    Returns:
        Shape (n, slots).
    """
    silent, visits = np.zeros((2, rules.width), np.bool_)
    for rule in rules.rules:
        silent[rule.slot] = rule.rises_in_silence
        visits[rule.slot] = silent[rule.slot] and rule.value in _OF_VISITS
    held = ((masks & _PURCHASES) != 0)[:, None] & silent
    held |= ((masks & _INTERACTIONS) != 0)[:, None] & visits
    held |= ((masks & BRAKE) != 0)[:, None]
    rises: Bools = held
    return rises
