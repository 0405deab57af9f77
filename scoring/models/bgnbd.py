# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from scoring.models._checks import FloatArray, column, require_above, require_fraction
from scoring.models._quadrature import mean_growth
from scoring.models._silence import PurchaseCurve, crossing


@dataclass(frozen=True, slots=True)
class BGNBD:
    """Beta-geometric / NBD model of buying until one silently stops.

    Source: Fader, Hardie and Lee 2005, "Counting Your Customers the Easy Way", Marketing Science
    24(2). ``x`` is the frequency (repeat purchase days), ``t_x`` the recency, ``T`` the tenure.

    All times are in the unit of ``alpha``. Arguments are arrays (or numbers) of broadcastable
    shapes; results are float64 of the broadcast shape and, element by element, the same bytes in
    whatever batch the element comes.

    Args:
        r: Shape of the purchase rates between customers.
        alpha: Their scale, a time.
        a: First parameter of the beta distribution of the drop-out probability.
        b: Second one.

    Raises:
        ParameterError: A parameter is not a finite number above 0.
    """

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        require_above(0.0, "bgnbd", r=self.r, alpha=self.alpha, a=self.a, b=self.b)

    def rescaled(self, factor: float) -> Self:
        """Return the same model for time in units ``factor`` times shorter (weeks to days: 7)."""
        return type(self)(self.r, self.alpha * factor, self.a, self.b)

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> FloatArray:
        """Return P(still active | x, t_x, T), 1 where ``x`` is 0; Fader, Hardie and Lee 2008.

        Example:
            >>> BGNBD(0.243, 4.414, 0.793, 2.426).p_alive([2, 0], [30.43, 0], 38.86).round(4)
            array([0.7266, 1.    ])
        """
        alive: FloatArray = expit(-self._log_odds_gone(column(x), column(t_x), column(T)))
        return alive

    def p_no_purchase(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike, horizon: float
    ) -> FloatArray:
        """Return P(no purchase in (T, T + horizon] | x, t_x, T).

        1 - P(alive) (1 - ((alpha + T) / (alpha + T + horizon))^(r + x)), summed from positive
        parts: gone, or alive and quiet. It rises with T and falls with the horizon.
        """
        x, T = column(x), column(T)
        log_odds = self._log_odds_gone(x, column(t_x), T)
        quiet = np.exp(-(self.r + x) * np.log1p(horizon / (self.alpha + T)))
        # Rounding may lift the sum of two complements above one by a unit in the last place.
        total: FloatArray = np.minimum(expit(log_odds) + expit(-log_odds) * quiet, 1.0)
        return total

    def purchases_if_alive(
        self, x: npt.ArrayLike, T: npt.ArrayLike, horizon: float, discount_rate: float = 0.0
    ) -> FloatArray:
        """Return the discounted expected purchases in (T, T + horizon] of who is alive at T.

        Depends on ``x`` and ``T`` only. See `scoring.models._quadrature` for the formula.

        Args:
            x: Frequency, >= 0.
            T: Tenure, >= 0.
            horizon: Time ahead, > 0.
            discount_rate: Continuous rate per unit of time; 0 counts purchases.
        """
        x, age = column(x), self.alpha + column(T)
        mean = mean_growth(
            x, age, r=self.r, a=self.a, b=self.b, horizon=horizon, rate=discount_rate
        )
        ahead: FloatArray = (self.r + x) * np.log1p(horizon / age) * mean
        return ahead

    def expected_purchases(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike, horizon: float
    ) -> FloatArray:
        """Return E[purchases in (T, T + horizon] | x, t_x, T]; equation (10), regular at a = 1.

        Example:
            >>> model = BGNBD(0.243, 4.414, 0.793, 2.426)
            >>> model.expected_purchases([2], [30.43], [38.86], 39.0).round(6)
            array([1.226028])
        """
        return self.discounted_purchases(x, t_x, T, horizon, 0.0)

    def discounted_purchases(
        self,
        x: npt.ArrayLike,
        t_x: npt.ArrayLike,
        T: npt.ArrayLike,
        horizon: float,
        discount_rate: float,
    ) -> FloatArray:
        """Return the integral of exp(-discount_rate t) dE[X(t)] over (0, horizon].

        The discounted expected transactions of Fader, Hardie and Lee 2005 (JMR 42), cut at a
        finite horizon; ``discount_rate`` is continuous, per unit of time.
        """
        ahead = self.purchases_if_alive(x, T, horizon, discount_rate)
        purchases: FloatArray = self.p_alive(x, t_x, T) * ahead
        return purchases

    def silence_root_p_alive(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, theta: float
    ) -> FloatArray:
        """Return the tenure T* at which `p_alive` has fallen to ``theta`` if silence goes on.

        T* = (alpha + t_x) ((1/theta - 1) (b + x - 1) / a)^(1 / (r + x)) - alpha for x >= 1. It lies
        before ``t_x`` where the last purchase itself left less than ``theta``; it is inf where
        ``x`` is 0, since such a customer stays alive.

        Raises:
            ParameterError: ``theta`` is not between 0 and 1.
        """
        odds = logit(require_fraction("theta", theta))
        x, t_x = column(x), column(t_x)
        growth = -(odds + self._log_odds_at_purchase(x)) / (self.r + x)
        root: FloatArray = t_x + (self.alpha + t_x) * np.expm1(growth)
        return root

    def silence_root_p_no_purchase(
        self,
        x: npt.ArrayLike,
        t_x: npt.ArrayLike,
        *,
        threshold: npt.ArrayLike,
        horizon: float,
        T_low: npt.ArrayLike,
        T_max: npt.ArrayLike,
    ) -> FloatArray:
        """Return the first tenure in [T_low, T_max] at which `p_no_purchase` >= ``threshold``.

        Exact to a millisecond if the unit is days, on the late side, so that the risk computed at
        the root has crossed.

        Args:
            x: Frequency, >= 0.
            t_x: Recency, <= ``T_low``.
            threshold: Between 0 and 1; one, or one a customer.
            horizon: Time ahead, > 0.
            T_low: Returned where the threshold is crossed there already.
            T_max: inf is returned where it is not crossed by then.

        Raises:
            ParameterError: A threshold is not between 0 and 1.
        """
        threshold = require_fraction("threshold", threshold)
        x, t_x, T_low = column(x), column(t_x), column(T_low)
        last = np.log(self.alpha + t_x)
        odds = self._log_odds_at_purchase(x) - (self.r + x) * last
        u = crossing(PurchaseCurve(odds, self.r + x, math.log(horizon)), threshold, last)
        root = np.maximum(np.exp(u) - self.alpha, T_low)
        crossed = self.p_no_purchase(x, t_x, T_low, horizon) >= threshold
        due: FloatArray = np.where(crossed, T_low, np.where(root > column(T_max), np.inf, root))
        return due

    def _log_odds_gone(self, x: FloatArray, t_x: FloatArray, T: FloatArray) -> FloatArray:
        silence = np.log1p((T - t_x) / (self.alpha + t_x))
        log_odds: FloatArray = self._log_odds_at_purchase(x) + (self.r + x) * silence
        return log_odds

    def _log_odds_at_purchase(self, x: FloatArray) -> FloatArray:
        repeated = x > 0
        odds = self.a / np.where(repeated, self.b + x - 1.0, 1.0)
        log_odds: FloatArray = np.where(repeated, np.log(odds), -np.inf)
        return log_odds
