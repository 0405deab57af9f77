# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy.special import exprel

from scoring.arrays import Floats
from scoring.models._checks import column, require_above, require_fraction
from scoring.models._paretonbd_silence import LONGEST, FallingLife, FallingPurchases
from scoring.models._purchase_model import PurchaseModel
from scoring.models.numerics.bracketing import falling_root
from scoring.models.numerics.decay import decay_integral

_LEAST: Final = 1e-300  # an integral over nothing, kept above the zero that has no logarithm
_CLOSE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class ParetoNBD(PurchaseModel):
    """Pareto / NBD model: one may stop at any time, at a rate of one's own.

    Sources: Schmittlein, Morrison and Colombo 1987, "Counting Your Customers: Who Are They and What
    Will They Do Next?", Management Science 33(1); Fader and Hardie 2005, "A Note on Deriving the
    Pareto/NBD Model and Related Expressions". Their differences of 2F1 are one-dimensional
    integrals of positive functions, and are computed as such; see `decay_integral`.

    Args:
        r: Shape of the purchase rates between customers.
        alpha: Their scale, a time.
        s: Shape of the rates of stopping between customers.
        beta: Their scale, a time.

    Raises:
        ParameterError: A parameter is not a finite number above 0.

    Example:
        >>> model = ParetoNBD(0.553, 10.578, 0.606, 11.669)
        >>> model.p_alive([2, 0], [30.43, 0], 38.86).round(4)
        array([0.8692, 0.2953])
        >>> model.expected_purchases([2], [30.43], [38.86], 39.0).round(6)
        array([1.455123])
    """

    r: float
    alpha: float
    s: float
    beta: float

    def __post_init__(self) -> None:
        require_above(0.0, "paretonbd", r=self.r, alpha=self.alpha, s=self.s, beta=self.beta)

    def rescaled(self, factor: float) -> Self:
        """Return the same model for time in units ``factor`` times shorter (weeks to days: 7)."""
        return replace(self, alpha=self.alpha * factor, beta=self.beta * factor)

    def log_odds_gone(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the log of P(stopped in (t_x, T]) / P(alive at T), both given the purchases.

        The odds against P(alive) of equations (36) and (37) of Fader and Hardie 2005. Stopped:
        s times the integral of (alpha + y)^-(r + x) (beta + y)^-(s + 1) over t_x < y < T. Alive:
        (alpha + T)^-(r + x) (beta + T)^-s.
        """
        buying, living, silence = self.alpha + t_x, self.beta + t_x, T - t_x
        stopped = decay_integral(silence, buying, self.r + x, living, self.s + 1.0)
        log_odds: Floats = (
            (self.r + x) * np.log1p(silence / buying)
            + self.s * np.log1p(silence / living)
            + np.log(self.s * np.maximum(stopped / living, _LEAST))
        )
        return log_odds

    def p_quiet_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(no purchase in (T, T + horizon] | alive at T).

        It is the sum of living on without a purchase, and of stopping before one; both positive.
        """
        buying, living = self.alpha + T, self.beta + T
        stopping = decay_integral(horizon, buying, self.r + x, living, self.s + 1.0)
        quiet: Floats = self.p_quiet_and_alive(x, T, horizon) + self.s / living * stopping
        return quiet

    def p_quiet_and_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(no purchase in (T, T + horizon], alive at its end | alive at T)."""
        lasting = self.s * np.log1p(horizon / (self.beta + T))
        alive: Floats = np.exp(-(self.r + x) * np.log1p(horizon / (self.alpha + T)) - lasting)
        return alive

    def p_some_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(some purchase in (T, T + horizon] | alive at T), with all digits near 0."""
        buying, living, k = self.alpha + T, self.beta + T, self.r + x
        some: Floats = k / buying * decay_integral(horizon, buying, k + 1.0, living, self.s)
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
        per_time = (self.r + column(x)) / (self.alpha + T)
        ahead: Floats = per_time * self._life_ahead(self.beta + T, horizon, discount_rate)
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
        low = np.log(self.alpha + T_low)
        u = falling_root(falling, low, np.maximum(falling.latest(threshold), low))
        return np.maximum(np.exp(u) - self.alpha, T_low)

    def _life_ahead(self, living: Floats, horizon: Floats, rate: float) -> Floats:
        if rate > 0.0:
            return decay_integral(horizon, living, 0.0, living, self.s, rate)
        length = np.log1p(horizon / living)
        ahead: Floats = living * length * exprel((1.0 - self.s) * length)
        return ahead
