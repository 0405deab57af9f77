"""Streams of outcomes by the hundred, and the week in which each is first called broken.

Written as a recursion over weeks, which the module that is tested does not have.
"""

import math
from typing import NamedTuple

import numpy as np

from scoring.monitoring.promise import BETS

PROMISED = 0.4


class Calls(NamedTuple):
    """First week, from 0, at whose end the limit was reached, inf for never; shape (streams,)."""

    detector: np.ndarray
    martingale: np.ndarray


def drawn(seed, streams, weeks, a_week, precision):
    """How many of a week's outcomes churned, shape (weeks, streams); precision by week."""
    random = np.random.default_rng(seed)
    share = np.broadcast_to(precision, weeks)[:, None]
    return random.binomial(a_week, share, (weeks, streams))


def calls(churned, a_week, alpha, promised=PROMISED):
    """When each stream's evidence first is 1 / alpha."""
    weeks, streams = churned.shape
    owned = np.full((streams, len(BETS)), -np.inf)
    wealth = np.zeros((streams, len(BETS)))
    first = Calls(np.full(streams, np.inf), np.full(streams, np.inf))
    for week in range(weeks):
        right = churned[week][:, None]
        won = right * np.log1p(-BETS)
        won = won + (a_week - right) * np.log1p(BETS * promised / (1.0 - promised))
        owned, wealth = np.logaddexp(owned, 0.0) + won, wealth + won
        for called, logs in zip(first, (owned, wealth), strict=True):
            mean = np.logaddexp.reduce(logs, axis=1) - math.log(len(BETS))
            called[(mean >= -math.log(alpha)) & np.isinf(called)] = week
    return first


def counts_of(churned, a_week):
    """One stream's counts as the module takes them, shape (weeks, 2)."""
    return np.stack([a_week - churned, churned], axis=1)
