# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from scoring.arrays import Floats
from scoring.models._checks import column, require_above, require_fraction
from scoring.models.parts.rates import Rates


class PurchasesAhead(Protocol):
    """Expected purchases of living customers over a horizon fixed beforehand."""

    def expected(self, x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return `PurchaseModel.purchases_if_alive` without discount."""

    def discounted(self, x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return `PurchaseModel.purchases_if_alive` at the discount rate fixed beforehand."""


class PurchaseModel(ABC):
    """A model of buying at one's own rate until one silently stops.

    ``x`` is the frequency (repeat purchase days), ``t_x`` the recency, ``T`` the tenure. All times
    are in the unit of ``alpha``. Arguments are arrays (or numbers) of broadcastable shapes; results
    are float64 of the broadcast shape and, element by element, the same bytes in whatever batch the
    element comes.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def buying(self) -> Rates:
        """Rates of buying between customers."""

    @abstractmethod
    def rescaled(self, factor: float) -> Self:
        """Return the same model for time in units ``factor`` times shorter (weeks to days: 7)."""

    @abstractmethod
    def log_odds_gone(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the log odds of having stopped by T; -inf where that cannot be."""

    @abstractmethod
    def p_quiet_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(no purchase in (T, T + horizon] | alive at T)."""

    @abstractmethod
    def purchases_if_alive(
        self,
        x: npt.ArrayLike,
        T: npt.ArrayLike,
        horizon: npt.ArrayLike,
        discount_rate: float = 0.0,
    ) -> Floats:
        """Return the discounted expected purchases in (T, T + horizon] of who is alive at T.

        Args:
            x: Frequency, >= 0.
            T: Tenure, >= 0.
            horizon: Time ahead, > 0; inf only with a ``discount_rate`` above 0.
            discount_rate: Continuous rate per unit of time; 0 counts purchases.
        """

    @abstractmethod
    def silence_root_p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, theta: float) -> Floats:
        """Return the tenure at which `p_alive` has fallen to ``theta`` if silence goes on.

        It is ``t_x`` or earlier where the last purchase itself left no more than ``theta``, and inf
        where the model lets the customer live for ever.

        Raises:
            ParameterError: ``theta`` is not between 0 and 1.
        """

    @abstractmethod
    def crossing(
        self,
        x: Floats,
        t_x: Floats,
        T_low: Floats,
        threshold: Floats,
        horizon: float,
    ) -> Floats:
        """Return the tenure at which `p_no_purchase` reaches a threshold not reached by T_low yet.

        All of shape (n,).
        """

    def table(self, horizon: float, discount_rate: float = 0.0) -> PurchasesAhead:
        """Return `purchases_if_alive` made ready for many customers at one horizon."""
        return _Direct(self, horizon, discount_rate)

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        """Return P(still active | x, t_x, T).

        Args:
            x: Frequency, >= 0.
            t_x: Recency, <= ``T``.
            T: Tenure, >= 0.
        """
        alive: Floats = expit(-self.log_odds_gone(column(x), column(t_x), column(T)))
        return alive

    def p_no_purchase(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike, horizon: npt.ArrayLike
    ) -> Floats:
        """Return P(no purchase in (T, T + horizon] | x, t_x, T).

        Summed from positive parts: gone, or alive and quiet. It rises with T, because a silence is
        a mixture of exponentials and so log-convex, and falls with the horizon.
        """
        x, T = column(x), column(T)
        return self.p_quiet(self.log_odds_gone(x, column(t_x), T), x, T, column(horizon))

    def p_quiet(self, log_odds_gone: Floats, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return `p_no_purchase` of whom `log_odds_gone` is known, over one horizon or each's own.

        All of shape (n,): what a customer has to do with several horizons is worked out once.
        """
        quiet = self.p_quiet_if_alive(x, T, horizon)
        # Rounding may lift the sum of two complements above one by a unit in the last place.
        total: Floats = np.minimum(expit(log_odds_gone) + expit(-log_odds_gone) * quiet, 1.0)
        return total

    def expected_purchases(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike, horizon: npt.ArrayLike
    ) -> Floats:
        """Return E[purchases in (T, T + horizon] | x, t_x, T]."""
        return self.discounted_purchases(x, t_x, T, horizon, 0.0)

    def expected_repeat_purchases(self, t: npt.ArrayLike) -> Floats:
        """Return E[X(t)], the repeat purchases of a customer drawn at random.

        Args:
            t: Time since the first purchase, >= 0; any shape.
        """
        t = column(t)
        later = t > 0.0
        counted = self.expected_purchases(0.0, 0.0, 0.0, np.where(later, t, 1.0))
        return np.where(later, counted, 0.0)

    def discounted_purchases(
        self,
        x: npt.ArrayLike,
        t_x: npt.ArrayLike,
        T: npt.ArrayLike,
        horizon: npt.ArrayLike,
        discount_rate: float,
    ) -> Floats:
        """Return the integral of exp(-discount_rate t) dE[X(t)] over (0, horizon].

        The discounted expected transactions of Fader, Hardie and Lee 2005 (JMR 42), cut at a
        finite horizon; ``discount_rate`` is continuous, per unit of time.
        """
        ahead = self.purchases_if_alive(x, T, horizon, discount_rate)
        purchases: Floats = self.p_alive(x, t_x, T) * ahead
        return purchases

    def discounted_expected_residual_transactions(
        self, x: npt.ArrayLike, t_x: npt.ArrayLike, T: npt.ArrayLike, discount_rate: float
    ) -> Floats:
        """Return DERT, all purchases that a customer is still expected to make, discounted.

        Fader, Hardie and Lee 2005, "RFM and CLV", JMR 42(4).

        Args:
            x: Frequency, >= 0.
            t_x: Recency, <= ``T``.
            T: Tenure, >= 0.
            discount_rate: Continuous, per unit of time, > 0.

        Raises:
            ParameterError: The rate is not above 0, so that the sum need not be finite.
        """
        require_above(0.0, "dert", discount_rate=discount_rate)
        return self.discounted_purchases(x, t_x, T, math.inf, discount_rate)

    def silence_root_p_no_purchase(
        self,
        x: npt.ArrayLike,
        t_x: npt.ArrayLike,
        *,
        threshold: npt.ArrayLike,
        horizon: float,
        T_low: npt.ArrayLike,
        T_max: npt.ArrayLike,
    ) -> Floats:
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
        columns = column(x), column(t_x), column(T_low), require_fraction("threshold", threshold)
        together = np.broadcast_arrays(*columns, column(T_max))
        x, t_x, root, threshold, latest = (part.flatten() for part in together)
        ahead = self.p_no_purchase(x, t_x, root, horizon) < threshold
        waiting = x[ahead], t_x[ahead], root[ahead], threshold[ahead]
        found = self.crossing(*waiting, horizon)
        root[ahead] = np.where(found <= latest[ahead], found, np.inf)
        return root.reshape(together[0].shape)


@dataclass(frozen=True, slots=True)
class _Direct:
    """`PurchasesAhead` where nothing is gained by a table."""

    model: PurchaseModel
    horizon: float
    discount_rate: float

    def expected(self, x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        return self.model.purchases_if_alive(x, T, self.horizon)

    def discounted(self, x: npt.ArrayLike, T: npt.ArrayLike) -> Floats:
        return self.model.purchases_if_alive(x, T, self.horizon, self.discount_rate)
