"""The churn scorecard as it runs: points a customer, and the calibrated risk they add up to."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, compress
from typing import Final

import numpy as np

from scoring.arrays import Bools, Floats
from scoring.churn.calibration import UNCALIBRATED, Calibration
from scoring.churn.input import Input
from scoring.churn.inputs import values
from scoring.feature import Feature, InSilence
from scoring.models import PurchaseModel

DIRECTION: Final = {InSilence.RISES: 1, InSilence.FALLS: -1, InSilence.HELD: 0}


@dataclass(frozen=True)
class Term:
    """One input's part.

    Attributes:
        input: row of the registry.
        weight: log odds it adds per unit; with a curve, from one end of it to the other.
        centre: value at which it adds none; with a curve, the share of its rise.
        curve: values of the input, rising, and the shares of the whole rise, from 0 to 1 and not
            falling, that are reached there; straight between them and flat beyond. Without one the
            input counts as it is.
    """

    input: Input
    weight: float
    centre: float
    curve: tuple[tuple[float, float], ...] = ()

    def log_odds(self, value: Floats) -> Floats:
        """What it adds at values of the input, shape as given."""
        return self.weight * (self._bent(value) - self.centre)

    @cached_property
    def _bends(self) -> tuple[Floats, Floats]:
        at, share = zip(*self.curve, strict=True)
        return np.array(at), np.array(share)

    def _bent(self, value: Floats) -> Floats:
        if not self.curve:
            return value
        at, share = self._bends
        reached = share[np.minimum(np.searchsorted(at, value, side="right"), len(at) - 1)]
        # Rounding may lift a line's end above its point by a unit in the last place.
        bent: Floats = np.minimum(np.interp(value, at, share), reached)
        return bent


@dataclass(frozen=True)
class ChurnScorecard:
    """P(lost within the horizon) as a sum of points.

    A term gives weight * (input - centre) * points_to_double / ln 2 points. Base points and the
    terms' points add up to the score, `points_to_double` points double the raw odds, odds of 1 are
    at score 0, and the calibration makes the raw odds a probability. Everything is computed element
    by element: a customer's points and risk are the same bytes in any batch.

    Attributes:
        terms: what is weighed.
        intercept: raw log odds of a customer of whom every input is at its centre.
        points_to_double: points that double the raw odds, > 0.
        calibration: raw log odds to calibrated ones.
        horizon_days: N, within which the customer is lost.
        middle: risk at which band middle begins.
        high: risk at which band high begins.
        hysteresis: how far below its threshold a band is kept.
    """

    terms: tuple[Term, ...]
    intercept: float
    points_to_double: float
    calibration: Calibration = UNCALIBRATED
    horizon_days: float = 28.0
    middle: float = 0.5
    high: float = 0.8
    hysteresis: float = 0.05

    @property
    def base_points(self) -> float:
        """Points of a customer of whom every input is at its centre."""
        return self.intercept * self._points_a_unit

    @cached_property
    def rising(self) -> Bools:
        """Which terms' points rise in silence, shape (terms,)."""
        return self._directions > 0

    @cached_property
    def falling(self) -> Bools:
        """Which terms' points fall in silence, shape (terms,): troubles', if signs were held."""
        return self._directions < 0

    def contributions(self, matrix: Floats, purchases: PurchaseModel) -> Floats:
        """Points of each term, shape (terms, n).

        Args:
            matrix: features, shape (features, n).
            purchases: the purchase model they are of.
        """
        points = values(matrix, purchases, self._inputs)
        for row, term in enumerate(self.terms):
            points[row] = term.log_odds(points[row])
        points *= self._points_a_unit
        return points

    def reads(self, purchases: PurchaseModel) -> frozenset[Feature]:
        """Which features its terms are made of."""
        return frozenset(chain.from_iterable(one.reads(purchases) for one in self._inputs))

    def score(self, contributions: Floats) -> Floats:
        """Base points and all terms' points (terms, n) together, shape (n,).

        Added term by term: NumPy's sum over rows rounds differently for one customer and for many.
        """
        total = np.full(contributions.shape[1], self.base_points)
        for points in contributions:
            total += points
        return total

    def risk_of(self, contributions: Floats) -> Floats:
        """Calibrated probability, strictly between 0 and 1, of points (terms, n), shape (n,)."""
        return self.calibration.risk(self.score(contributions) / self._points_a_unit)

    @cached_property
    def rising_part(self) -> "ChurnScorecard":
        """The same with the rising terms only; base points stay."""
        return self._part(self.rising)

    @cached_property
    def falling_part(self) -> "ChurnScorecard":
        """The same with the falling terms only; base points stay."""
        return self._part(self.falling)

    def _part(self, kept: Bools) -> "ChurnScorecard":
        return replace(self, terms=tuple(compress(self.terms, kept.tolist())))

    def score_of(self, matrix: Floats, purchases: PurchaseModel) -> Floats:
        """Score of a feature matrix (features, n), shape (n,)."""
        return self.score(self.contributions(matrix, purchases))

    def log_odds_at(self, score: Floats) -> Floats:
        """Calibrated log odds of scores, not clipped, shape as given."""
        return self.calibration.log_odds(score / self._points_a_unit)

    def risk(self, matrix: Floats, purchases: PurchaseModel) -> Floats:
        """Calibrated probability of being lost within the horizon, shape (n,).

        Args:
            matrix: features, shape (features, n).
            purchases: the purchase model they are of.
        """
        return self.risk_of(self.contributions(matrix, purchases))

    def highest(self, now: Floats, later: Floats) -> Floats:
        """Points of the highest risk there may be in a silence between two instants.

        Rising terms are taken as they are at its end, falling ones as at its beginning. Where no
        term falls, it is the risk at the end.

        Args:
            now: points at the beginning, shape (terms, n).
            later: points of the rising terms of the same customers at the end, nothing having
                happened, shape (rising terms, n).

        Returns:
            Shape (terms, n).
        """
        bound = now.copy()
        bound[self.rising] = later
        return bound

    @cached_property
    def _inputs(self) -> tuple[Input, ...]:
        return tuple(term.input for term in self.terms)

    @cached_property
    def _points_a_unit(self) -> float:
        """Points a unit of log odds."""
        return self.points_to_double / math.log(2.0)

    @property
    def _directions(self) -> Floats:
        return np.array([t.weight * DIRECTION[t.input.in_silence] for t in self.terms], np.float64)
