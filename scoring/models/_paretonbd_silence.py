# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
"""How P(alive) and P(some purchase) of Pareto/NBD fall while silence goes on."""

import math
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from scipy.special import expit, log_expit

from scoring.arrays import Floats
from scoring.models._checks import column
from scoring.models._silence import quiet_bound
from scoring.models.numerics.bracketing import Rows

LONGEST: Final = 1e7  # units of time; a silence beyond is never
_NEVER: Final = 600.0  # log of a growth that no customer lives to see, short of overflow


class Dying(Protocol):
    """What of the purchase process its crossings need: `ParetoNBD`."""

    @property
    def r(self) -> float: ...
    @property
    def alpha(self) -> float: ...
    @property
    def s(self) -> float: ...
    @property
    def beta(self) -> float: ...

    def log_odds_gone(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Log odds of being gone."""

    def p_some_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """P(some purchase in the horizon), of who is alive throughout."""

    def p_quiet_and_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """P(no purchase in the horizon, and alive at its end), of who is alive."""


@dataclass(frozen=True, slots=True)
class FallingLife:
    """log P(alive) less the log of a threshold, over u = log(c + T), c the lesser scale.

    Its slope is -(c + T) (s / (beta + T) + (r + x) / (alpha + T) P(gone)).

    Args:
        model: The purchase process.
        x: Frequency, shape (n,).
        t_x: Recency, shape (n,).
        target: Log of the threshold.
    """

    model: Dying
    x: Floats
    t_x: Floats
    target: Floats

    @property
    def scale(self) -> float:
        """The lesser of alpha and beta."""
        return min(self.model.alpha, self.model.beta)

    def latest(self) -> Floats:
        """Return a u not before the crossing: where customers with no chance to buy would cross."""
        power = np.minimum(-self.target / self.model.s, _NEVER)
        silence = np.minimum((self.model.beta + self.t_x) * np.expm1(power), LONGEST)
        bound: Floats = np.log(self.scale + self.t_x + silence)
        return bound

    def __call__(self, u: Floats, rows: Rows) -> tuple[Floats, Floats]:
        """Return value and slope at ``u`` of the customers ``rows``."""
        model, x, t_x = self.model, self.x[rows], self.t_x[rows]
        T = np.maximum(np.exp(u) - self.scale, t_x)
        log_odds = model.log_odds_gone(x, t_x, T)
        rate = model.s / (model.beta + T) + (model.r + x) / (model.alpha + T) * expit(log_odds)
        return log_expit(-log_odds) - self.target, -(self.scale + T) * rate


@dataclass(frozen=True, slots=True)
class FallingPurchases:
    """log P(some purchase in the horizon) less the log of a threshold, over u = log(alpha + T).

    With S that probability, dS/dT = -(1 - S) (h(T) - h(T + H)), h = P(alive) (r + x) / (alpha + T)
    being the rate of purchases of who has been silent; it falls, so S does.

    Args:
        model: The purchase process.
        x: Frequency, shape (n,).
        t_x: Recency, shape (n,).
        target: Log of the threshold of S, shape (n,).
        horizon: Time ahead.
    """

    model: Dying
    x: Floats
    t_x: Floats
    target: Floats
    horizon: float

    def latest(self, threshold: Floats) -> Floats:
        """Return a u not before the crossing: where customers who never stop would cross."""
        return quiet_bound(threshold, self.model.r + self.x, math.log(self.horizon))

    def __call__(self, u: Floats, rows: Rows) -> tuple[Floats, Floats]:
        """Return value and slope at ``u`` of the customers ``rows``."""
        model, x, t_x, H = self.model, self.x[rows], self.t_x[rows], column(self.horizon)
        buying = np.exp(u)
        T = np.maximum(buying - model.alpha, t_x)
        log_odds = model.log_odds_gone(x, t_x, T)
        some, lasting = model.p_some_if_alive(x, T, H), model.p_quiet_and_alive(x, T, H)
        none = expit(log_odds) + expit(-log_odds) * np.maximum(1.0 - some, lasting)
        slope = -(model.r + x) * (none - lasting * buying / (buying + H)) / some
        return log_expit(-log_odds) + np.log(some) - self.target[rows], slope
