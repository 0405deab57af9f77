# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
"""How P(alive) and P(some purchase) of who may stop at any time fall while silence goes on."""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from scipy.special import expit, log_expit

from scoring.arrays import Floats
from scoring.models._checks import column
from scoring.models.numerics.bracketing import Rows
from scoring.models.parts.rates import Rates

LONGEST: Final = 1e7  # units of time; a silence beyond is never
_FAR: Final = 1e250  # beyond all lives, short of overflow
_NONE: Final = np.zeros(())  # times that a living customer has died


class Dying(Protocol):
    """What of the purchase process its crossings need: a `DeathModel`."""

    @property
    def buying(self) -> Rates:
        """Rates of buying."""

    @property
    def dying(self) -> Rates:
        """Rates of stopping."""

    def log_odds_gone(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Log odds of being gone."""

    def p_some_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """P(some purchase in the horizon), of who is alive throughout."""

    def p_quiet_and_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """P(no purchase in the horizon, and alive at its end), of who is alive."""


@dataclass(frozen=True, slots=True)
class FallingLife:
    """log P(alive) less the log of a threshold, over u = log(c + T), c the lesser scale.

    Its slope is -(c + T) (rate of dying + rate of buying P(gone)), the rates being those to expect
    of the living at T.

    Args:
        model: The purchase process.
        x: Frequency, shape (n,).
        t_x: Recency, shape (n,).
        target: Log of the threshold, of shape () or (n,).
    """

    model: Dying
    x: Floats
    t_x: Floats
    target: Floats

    @property
    def scale(self) -> float:
        """The lesser of the times on which rates change."""
        return min(self.model.buying.time, self.model.dying.time)

    def latest(self) -> Floats:
        """Return a u not before the crossing: where customers with no chance to buy would cross."""
        silence = np.minimum(self.model.dying.reach(_NONE, self.t_x, -self.target), LONGEST)
        bound: Floats = np.log(self.scale + self.t_x + silence)
        return bound

    def __call__(self, u: Floats, rows: Rows) -> tuple[Floats, Floats]:
        """Return value and slope at ``u`` of the customers ``rows``."""
        model, x, t_x = self.model, self.x[rows], self.t_x[rows]
        T = np.maximum(np.exp(u) - self.scale, t_x)
        log_odds = model.log_odds_gone(x, t_x, T)
        rate = model.dying.mean(_NONE, T) + model.buying.mean(x, T) * expit(log_odds)
        return log_expit(-log_odds) - self.target, -(self.scale + T) * rate


@dataclass(frozen=True, slots=True)
class FallingPurchases:
    """log P(some purchase in the horizon) less the log of a threshold, over u = log(c + T).

    With S that probability, dS/dT = -(1 - S) (h(T) - h(T + H)), h = P(alive) E[rate of buying]
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

    @property
    def scale(self) -> float:
        """The time on which rates of buying change."""
        return self.model.buying.time

    def latest(self, threshold: Floats) -> Floats:
        """Return a u not before the crossing.

        There customers who never stop would cross, or customers with no chance to buy be gone.
        """
        quiet = self.model.buying.none_by(self.x, threshold, self.horizon)
        gone = self.t_x + self.model.dying.reach(_NONE, self.t_x, -self.target)
        bound: Floats = np.log(self.scale + np.minimum(np.minimum(quiet, gone), _FAR))
        return bound

    def __call__(self, u: Floats, rows: Rows) -> tuple[Floats, Floats]:
        """Return value and slope at ``u`` of the customers ``rows``."""
        model, x, t_x, H = self.model, self.x[rows], self.t_x[rows], column(self.horizon)
        T = np.maximum(np.exp(u) - self.scale, t_x)
        log_odds = model.log_odds_gone(x, t_x, T)
        some, quiet = model.p_some_if_alive(x, T, H), model.p_quiet_and_alive(x, T, H)
        none = expit(log_odds) + expit(-log_odds) * np.maximum(1.0 - some, quiet)
        slower = none * model.buying.mean(x, T) - quiet * model.buying.mean(x, T + H)
        slope = -(self.scale + T) * slower / some
        return log_expit(-log_odds) + np.log(some) - self.target[rows], slope
