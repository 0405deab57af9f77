# ruff: noqa: N803 - T is the field's own name for the time since the first purchase.
from abc import abstractmethod

import numpy as np
import numpy.typing as npt
from scipy.special import logit

from scoring.arrays import Floats
from scoring.models._checks import column, require_fraction
from scoring.models._purchase_model import PurchaseModel
from scoring.models.parts.coins import Coin


class CoinModel(PurchaseModel):
    """Buying until one silently stops after a purchase, as a coin falls: BG/NBD, MBG/NBD, limits.

    The members differ in their rates, in the coin, and in the opportunities to stop so far: x, or
    x + 1 where one may stop after the first purchase too.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def first_opportunities(self) -> int:
        """1 where one may stop after the first purchase too, else 0."""

    @property
    @abstractmethod
    def coin(self) -> Coin:
        """Probabilities of stopping at an opportunity."""

    def log_odds_gone(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return those at the last purchase and how much less likely its silence is in life."""
        log_odds: Floats = self.log_odds_at_purchase(x) + self.buying.depth(x, t_x, T - t_x)
        return log_odds

    def log_odds_at_purchase(self, x: Floats) -> Floats:
        """Return the log odds of having stopped with the last purchase, as soon as it is made."""
        return self.coin.log_odds(x + self.first_opportunities)

    def p_quiet_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(no purchase in (T, T + horizon] | alive at T)."""
        quiet: Floats = np.exp(-self.buying.depth(x, T, horizon))
        return quiet

    def silence_root_p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, theta: float) -> Floats:
        """Return the tenure T* at which `p_alive` has fallen to ``theta`` if silence goes on.

        T* = (alpha + t_x) ((1/theta - 1) / odds at the last purchase)^(1 / (r + x)) - alpha, or
        T* = t_x + log((1/theta - 1) / odds) / rate where all buy at one. It lies before ``t_x``
        where the last purchase itself left less than ``theta``; it is inf where there was no
        opportunity to stop, since such a customer stays alive.

        Raises:
            ParameterError: ``theta`` is not between 0 and 1.
        """
        odds = logit(require_fraction("theta", theta))
        x, t_x = column(x), column(t_x)
        depth = -(odds + self.log_odds_at_purchase(x))
        root: Floats = t_x + self.buying.reach(x, t_x, depth)
        return root

    def crossing(
        self,
        x: Floats,
        t_x: Floats,
        T_low: Floats,
        threshold: Floats,
        horizon: float,
    ) -> Floats:
        """Return the tenure at which `p_no_purchase` reaches a threshold, T_low at the earliest."""
        log_odds = self.log_odds_at_purchase(x)
        return np.maximum(self.buying.crossing(log_odds, x, t_x, threshold, horizon), T_low)
