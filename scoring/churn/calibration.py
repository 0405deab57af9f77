"""From a scorecard's log odds to probabilities that mean what they say."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import expit, logit

from scoring.churn.logistic import fit_logistic
from scoring.state import Bools, Floats

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
    """

    slope: float = 1.0
    shift: float = 0.0

    def log_odds(self, score: Floats) -> Floats:
        """Return slope * score + shift."""
        return self.slope * score + self.shift

    @classmethod
    def fitted(cls, score: Floats, churned: Bools) -> Self:
        """Fit the line by maximum likelihood, one part in a thousand pulled to a flat one.

        Args:
            score: raw log odds, best of rows the scorecard was not fitted to, shape (n,).
            churned: outcomes of both kinds, shape (n,).

        Raises:
            ChurnFitError: none churned, or none stayed.
        """
        line = fit_logistic(score[:, None], churned, strength=1e-3, signs=np.ones(1))
        slope = float(line.weights[0])
        return cls(slope, line.intercept - slope * float(line.centres[0]))


@dataclass(frozen=True, slots=True)
class Isotonic(Calibration):
    """Straight lines between knots, and with slope 1 beyond the outermost.

    Attributes:
        scores: raw log odds, rising, shape (knots,), two at least.
        risks: calibrated probabilities there, not falling, strictly between 0 and 1.
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

    @classmethod
    def fitted(cls, score: Floats, churned: Bools) -> Calibration:
        """Fit by isotonic regression, each level block put at its mean score.

        Pooled blocks as in Zadrozny and Elkan 2002; knots at the blocks' centres, so that the risk
        rises between them too, as in Oron and Flournoy 2017, "Centered isotonic regression". Each
        block's share is pulled to the overall one by one row, so that none is 0 or 1.

        Args:
            score: raw log odds, best of rows the scorecard was not fitted to, shape (n,).
            churned: outcomes of both kinds, shape (n,).

        Returns:
            The knots, or, where nothing rises, a flat line at the overall share.
        """
        at, place, rows = np.unique(score, return_inverse=True, return_counts=True)
        lost = np.bincount(place, churned)
        starts = isotonic_regression(lost / rows, weights=rows).blocks[:-1]
        count, overall = np.add.reduceat(rows, starts), float(churned.mean())
        if len(starts) < 2:  # noqa: PLR2004 - a line needs two points
            return Platt(0.0, float(logit(overall)))
        centres = np.add.reduceat(at * rows, starts) / count
        shares = (np.add.reduceat(lost, starts) + overall) / (count + 1.0)
        return cls(tuple(centres.tolist()), tuple(np.maximum.accumulate(shares).tolist()))


UNCALIBRATED: Final = Platt()
