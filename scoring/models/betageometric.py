# ruff: noqa: N803 - T is the field's own name for the time since the first purchase.
"""What BG/NBD and MBG/NBD share: buying until one silently stops after a purchase."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from scoring.arrays import Floats
from scoring.models._checks import column, require_above, require_fraction
from scoring.models._purchase_model import PurchaseModel
from scoring.models._silence import PurchaseCurve, newton_crossing
from scoring.models.numerics.quadrature import growth
from scoring.models.purchase_table import PurchaseTable

_NEVER: Final = 600.0  # log of a growth that no customer lives to see, short of overflow


@dataclass(frozen=True, slots=True)
class BetaGeometric(PurchaseModel):
    """Beta-geometric / NBD: after a purchase, one stops with a probability of one's own.

    Given life, the posterior of that probability is Beta(a, b + n), n being the opportunities to
    stop so far; so the odds of having stopped at the last of them are a / (b + n - 1). The members
    differ in n only: x, or x + 1 where one may stop after the first purchase too.

    Args:
        r: Shape of the purchase rates between customers.
        alpha: Their scale, a time.
        a: First parameter of the beta distribution of the drop-out probability.
        b: Second one.

    Raises:
        ParameterError: A parameter is not a finite number above 0.
    """

    name: ClassVar[str]
    first_opportunities: ClassVar[int]

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        require_above(0.0, self.name, r=self.r, alpha=self.alpha, a=self.a, b=self.b)

    def rescaled(self, factor: float) -> Self:
        """Return the same model for time in units ``factor`` times shorter (weeks to days: 7)."""
        return replace(self, alpha=self.alpha * factor)

    def log_odds_gone(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return log(a / (b + n - 1)) + (r + x) log((alpha + T) / (alpha + t_x))."""
        silence = np.log1p((T - t_x) / (self.alpha + t_x))
        log_odds: Floats = self._log_odds_at_purchase(x) + (self.r + x) * silence
        return log_odds

    def p_quiet_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return ((alpha + T) / (alpha + T + horizon))^(r + x)."""
        quiet: Floats = np.exp(-(self.r + x) * np.log1p(horizon / (self.alpha + T)))
        return quiet

    def growth(self, x: Floats, T: Floats, horizon: Floats, discount_rate: float) -> Floats:
        """Return `purchases_if_alive` divided by r + x, smooth in log1p(horizon / (alpha + T))."""
        b = self.b + self.first_opportunities
        age = self.alpha + T
        return growth(x, age, horizon, r=self.r, a=self.a, b=b, rate=discount_rate)

    def purchases_if_alive(
        self,
        x: npt.ArrayLike,
        T: npt.ArrayLike,
        horizon: npt.ArrayLike,
        discount_rate: float = 0.0,
    ) -> Floats:
        """Return the discounted expected purchases in (T, T + horizon] of who is alive at T.

        Equation (10) of Fader, Hardie and Lee 2005 without its P(alive), by quadrature; see
        `scoring.models.numerics.quadrature`. Depends on ``x`` and ``T`` only.

        Args:
            x: Frequency, >= 0.
            T: Tenure, >= 0.
            horizon: Time ahead, > 0; inf only with a ``discount_rate`` above 0.
            discount_rate: Continuous rate per unit of time; 0 counts purchases.
        """
        x = column(x)
        ahead: Floats = (self.r + x) * self.growth(x, column(T), column(horizon), discount_rate)
        return ahead

    def table(self, horizon: float, discount_rate: float = 0.0) -> PurchaseTable:
        """Return `purchases_if_alive` over one horizon, interpolated: ten times as fast."""
        return PurchaseTable(self, horizon, discount_rate)

    def silence_root_p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, theta: float) -> Floats:
        """Return the tenure T* at which `p_alive` has fallen to ``theta`` if silence goes on.

        T* = (alpha + t_x) ((1/theta - 1) (b + n - 1) / a)^(1 / (r + x)) - alpha. It lies before
        ``t_x`` where the last purchase itself left less than ``theta``; it is inf where there was
        no opportunity to stop, since such a customer stays alive.

        Raises:
            ParameterError: ``theta`` is not between 0 and 1.
        """
        odds = logit(require_fraction("theta", theta))
        x, t_x = column(x), column(t_x)
        power = -(odds + self._log_odds_at_purchase(x)) / (self.r + x)
        grown = np.expm1(np.minimum(power, _NEVER))
        root: Floats = np.where(power < _NEVER, t_x + (self.alpha + t_x) * grown, np.inf)
        return root

    def crossing(
        self,
        x: Floats,
        t_x: Floats,
        T_low: Floats,
        threshold: Floats,
        horizon: float,
    ) -> Floats:
        """Return the tenure at which `p_no_purchase` reaches a threshold, by Newton's method."""
        last = np.log(self.alpha + t_x)
        odds = self._log_odds_at_purchase(x) - (self.r + x) * last
        u = newton_crossing(PurchaseCurve(odds, self.r + x, math.log(horizon)), threshold, last)
        return np.maximum(np.exp(u) - self.alpha, T_low)

    def _log_odds_at_purchase(self, x: Floats) -> Floats:
        opportunities = x + self.first_opportunities
        offered = opportunities > 0
        odds = self.a / np.where(offered, self.b + opportunities - 1.0, 1.0)
        log_odds: Floats = np.where(offered, np.log(odds), -np.inf)
        return log_odds
