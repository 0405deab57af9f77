# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
from abc import abstractmethod
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats
from scoring.models._checks import column, require_fraction
from scoring.models._purchase_model import PurchaseModel
from scoring.models.numerics.bracketing import falling_root
from scoring.models.parts.decays import lasting
from scoring.models.parts.falling import LONGEST, FallingLife, FallingPurchases
from scoring.models.parts.rates import Rates

_NONE: Final = np.zeros(())  # times that a living customer has died
_LEAST: Final = 1e-300  # an integral over nothing, kept above the zero that has no logarithm
_CLOSE: Final = 1e-9


class DeathModel(PurchaseModel):
    """Buying until one silently stops at any time: Pareto/NBD and its limits."""

    __slots__ = ()

    @property
    @abstractmethod
    def dying(self) -> Rates:
        """Rates of stopping between customers."""

    def log_odds_gone(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the log of P(stopped in (t_x, T]) / P(alive at T), both given the purchases.

        The odds against P(alive) of equations (36) and (37) of Fader and Hardie 2005. Stopped:
        s times the integral of (alpha + y)^-(r + x) (beta + y)^-(s + 1) over t_x < y < T. Alive:
        (alpha + T)^-(r + x) (beta + T)^-s.
        """
        silence = T - t_x
        buying, dying = self.buying.none(x, t_x), self.dying.next(_NONE, t_x)
        stopped = self.dying.mean(_NONE, t_x) * lasting(silence, buying, dying)
        log_odds: Floats = (
            self.buying.depth(x, t_x, silence)
            + self.dying.depth(_NONE, t_x, silence)
            + np.log(np.maximum(stopped, _LEAST))
        )
        return log_odds

    def p_quiet_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(no purchase in (T, T + horizon] | alive at T).

        It is the sum of living on without a purchase, and of stopping before one; both positive.
        """
        stopping = lasting(horizon, self.buying.none(x, T), self.dying.next(_NONE, T))
        stopped = self.dying.mean(_NONE, T) * stopping
        quiet: Floats = self.p_quiet_and_alive(x, T, horizon) + stopped
        return quiet

    def p_quiet_and_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(no purchase in (T, T + horizon], alive at its end | alive at T)."""
        living = self.dying.depth(_NONE, T, horizon)
        alive: Floats = np.exp(-self.buying.depth(x, T, horizon) - living)
        return alive

    def p_some_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(some purchase in (T, T + horizon] | alive at T), with all digits near 0."""
        until = lasting(horizon, self.buying.next(x, T), self.dying.none(_NONE, T))
        some: Floats = self.buying.mean(x, T) * until
        return some

    def purchases_if_alive(
        self,
        x: npt.ArrayLike,
        T: npt.ArrayLike,
        horizon: npt.ArrayLike,
        discount_rate: float = 0.0,
    ) -> Floats:
        """Return the discounted expected purchases in (T, T + horizon] of who is alive at T.

        (r + x) / (alpha + T) times the integral of ((beta + T) / (beta + T + t))^s exp(-rate t).
        Undiscounted that is equation (41) of Fader and Hardie 2005 without its P(alive), written so
        that s = 1 is no special case. Discounted for ever it holds the confluent hypergeometric
        function of Fader, Hardie and Lee 2005, "RFM and CLV": U(1, 2 - s, rate (beta + T)).

        Args:
            x: Frequency, >= 0.
            T: Tenure, >= 0.
            horizon: Time ahead, > 0; inf only with a ``discount_rate`` above 0.
            discount_rate: Continuous rate per unit of time; 0 counts purchases.
        """
        T, horizon = column(T), column(horizon)
        life = self.dying.wait(_NONE, T, horizon, discount_rate)
        ahead: Floats = self.buying.mean(column(x), T) * life
        return ahead

    def silence_root_p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, theta: float) -> Floats:
        """Return the tenure at which `p_alive` has fallen to ``theta`` if silence goes on.

        By bracketing; inf where that takes more than ten million units of time.

        Raises:
            ParameterError: ``theta`` is not between 0 and 1.
        """
        log_theta = np.log(require_fraction("theta", theta))
        together = np.broadcast_arrays(column(x), column(t_x))
        x, t_x = (part.flatten() for part in together)
        falling = FallingLife(self, x, t_x, log_theta)
        u = falling_root(falling, np.log(falling.scale + t_x), falling.latest())
        root = np.exp(u) - falling.scale
        never = root - t_x > LONGEST * (1.0 - _CLOSE)
        return np.where(never, np.inf, root).reshape(together[0].shape)

    def crossing(
        self,
        x: Floats,
        t_x: Floats,
        T_low: Floats,
        threshold: Floats,
        horizon: float,
    ) -> Floats:
        """Return the tenure at which `p_no_purchase` reaches a threshold, by bracketing."""
        falling = FallingPurchases(self, x, t_x, np.log1p(-threshold), horizon)
        low = np.log(falling.scale + T_low)
        u = falling_root(falling, low, np.maximum(falling.latest(threshold), low))
        return np.maximum(np.exp(u) - falling.scale, T_low)
