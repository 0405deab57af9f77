"""From a scorecard's log odds to probabilities that mean what they say."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit, logit

from scoring.arrays import Floats

FURTHEST: Final = 30.0  # log odds beyond which a probability is not told from 0 or 1


class Calibration(ABC):
    """A never falling map of log odds to log odds."""

    __slots__ = ()

    @abstractmethod
    def log_odds(self, score: Floats) -> Floats:
        """Return the calibrated log odds of raw ones, shape as given."""

    def risk(self, score: Floats) -> Floats:
        """Return the probability, strictly between 0 and 1, of raw log odds."""
        odds = np.clip(self.log_odds(score), -FURTHEST, FURTHEST)
        risk: Floats = expit(odds)
        return risk


@dataclass(frozen=True, slots=True)
class Platt(Calibration):
    """A straight line; Platt 1999, "Probabilistic outputs for support vector machines".

    Attributes:
        slope: >= 0.
        shift: added, log odds.

    >>> Platt(slope=2.0, shift=-1.0).risk(np.array([0.5, 30.0])).round(6).tolist()
    [0.5, 1.0]
    """

    slope: float = 1.0
    shift: float = 0.0

    def log_odds(self, score: Floats) -> Floats:
        """Return slope * score + shift."""
        return self.slope * score + self.shift


@dataclass(frozen=True, slots=True)
class Isotonic(Calibration):
    """Straight lines between knots, and with slope 1 beyond the outermost.

    Attributes:
        scores: raw log odds, rising, shape (knots,), two at least.
        risks: calibrated probabilities there, not falling, strictly between 0 and 1.

    >>> Isotonic((-1.0, 1.0), (0.2, 0.8)).risk(np.array([-1.0, 0.0, 1.0])).round(6).tolist()
    [0.2, 0.5, 0.8]
    """

    scores: tuple[float, ...]
    risks: tuple[float, ...]

    def log_odds(self, score: Floats) -> Floats:
        """Return the calibrated log odds; lines are straight in log odds."""
        x, y = np.array(self.scores), logit(np.array(self.risks))
        left = np.clip(np.searchsorted(x, score, side="right") - 1, 0, len(x) - 2)
        share = (score - x[left]) / (x[left + 1] - x[left])
        # Rounding may lift a line's end above the knot by a unit in the last place.
        inner = np.minimum(y[left] + share * (y[left + 1] - y[left]), y[left + 1])
        below, above = y[0] + (score - x[0]), y[-1] + (score - x[-1])
        outer: Floats = np.where(score > x[-1], above, inner)
        return np.where(score < x[0], below, outer)


UNCALIBRATED: Final = Platt()
