"""Newton's method for the instant at which P(no purchase) reaches a threshold."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import logit

from scoring.arrays import Floats

STEPS: Final = 64
TOLERANCE: Final = 1e-12  # in log(alpha + T): 1 ms after 30 years
_LN2: Final = float(np.log(2.0))
_DEEP: Final = 700.0  # where expm1 is about to overflow and its inverse is nothing beside one


@dataclass(frozen=True, slots=True)
class PurchaseCurve:
    """log P(some purchase in the horizon) of silent customers over u = log(alpha + T).

    log P = -log(1 + e^(odds_slope u + odds)) + log(1 - e^(-odds_slope log(1 + e^(log H - u)))).
    Both parts are falling and concave in u.

    Args:
        odds: Log odds of being gone, extended to u = 0; -inf at frequency 0.
        odds_slope: Their rise per unit of u, r + x.
        log_horizon: log H.
    """

    odds: Floats
    odds_slope: Floats
    log_horizon: float

    def upper_bound(self, threshold: Floats) -> Floats:
        """Return a u not before the crossing: where either part alone would cross."""
        quiet = quiet_bound(threshold, self.odds_slope, self.log_horizon)
        gone = (logit(threshold) - self.odds) / self.odds_slope
        bound: Floats = np.minimum(quiet, gone)
        return bound

    def newton_step(self, u: Floats, target: Floats) -> Floats:
        """Return how far u, `upper_bound` or less, lies behind the crossing, to first order."""
        gone = np.exp(self.odds_slope * u + self.odds)
        reach = np.exp(self.log_horizon - u)
        silent = self.odds_slope * np.log1p(reach)
        value = -np.log1p(gone) + _log1mexp(silent)
        falls = gone / (1.0 + gone) + reach / (1.0 + reach) / np.expm1(np.minimum(silent, _DEEP))
        step: Floats = (target - value) / (self.odds_slope * falls)
        return step


def newton_crossing(curve: PurchaseCurve, threshold: Floats, floor: Floats) -> Floats:
    """Return the u at which P(no purchase) reaches ``threshold``, late by 1e-12 at most.

    On a falling concave curve Newton's steps from beyond the root come down to it monotonically, so
    no bracket is needed. A converged element rests, whatever its neighbours still do.

    Args:
        curve: One element a customer.
        threshold: P(no purchase), between 0 and 1, far enough from 1 to leave 1 - p its digits.
        floor: u of the last purchase, which is returned where the crossing lies before it.
    """
    target = np.log1p(-threshold)
    u = np.maximum(curve.upper_bound(threshold), floor)
    moving = np.ones(u.shape, dtype=np.bool_)
    steps = 0
    while moving.any() and steps < STEPS:
        lower = np.maximum(u - curve.newton_step(u, target), floor)
        following = np.where(moving, lower, u)
        moving = np.abs(following - u) > TOLERANCE
        u, steps = following, steps + 1
    return u + TOLERANCE


def quiet_bound(threshold: Floats, slope: Floats, log_horizon: float) -> Floats:
    """Return the u at which who never stops is quiet with probability ``threshold``.

    (1 + e^(log_horizon - u))^-slope = threshold, slope being r + x.
    """
    silent = -np.log(threshold) / slope
    bound: Floats = log_horizon - (silent + _log1mexp(silent))
    return bound


def _log1mexp(depth: Floats) -> Floats:
    """Return log(1 - exp(-depth)), depth > 0, with all digits at both ends."""
    shallow = np.log(-np.expm1(-np.minimum(depth, _LN2)))
    deep = np.log1p(-np.exp(-np.maximum(depth, _LN2)))
    value: Floats = np.where(depth < _LN2, shallow, deep)
    return value
