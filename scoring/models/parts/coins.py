"""Coins that are tossed after purchases, of stopping: each customer's own, or one for all."""

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from scipy.special import betaln

from scoring.arrays import Floats
from scoring.models._checks import ParameterError, require_above
from scoring.models.numerics.quadrature import one_rate_growth
from scoring.models.parts.decays import NO_DECAY, annuity, lasting
from scoring.models.parts.rates import OneRate, Rates


class Ahead(NamedTuple):
    """The time to look ahead, of customers who are alive.

    Attributes:
        buying: rates of buying.
        x: frequency.
        T: tenure.
        horizon: time ahead, > 0; inf only with a discount.
        discount_rate: continuous, per unit of time, >= 0.
    """

    buying: Rates
    x: Floats
    T: Floats
    horizon: Floats
    discount_rate: float

    def until(self, thinned: float) -> Floats:
        """Time until one stops who does so with a probability of ``thinned`` at each purchase."""
        of_coin = self.buying.next(self.x, self.T, thinned)
        return lasting(self.horizon, of_coin, NO_DECAY, self.discount_rate)

    def for_ever(self) -> Floats:
        """Time ahead of who never stops."""
        return annuity(self.horizon, self.discount_rate) + 0.0 * (self.x + self.T)


class Coin(Protocol):
    """Probabilities of stopping after a purchase, of customers who have had n opportunities."""

    def log_odds(self, n: Floats) -> Floats:
        """Return the log odds of having stopped at the n-th opportunity, and at none before.

        -inf where that cannot be, as at n = 0.
        """

    def life(self, n: Floats, ahead: Ahead) -> Floats:
        """Return the integral of E[rate exp(-p rate t)] / E[rate] and the discount.

        Times the mean rate it is the purchases still to come of who has not stopped.
        """

    def stayed(self, n: int) -> float:
        """Return P(not stopped at any of n opportunities)."""


@dataclass(frozen=True, slots=True)
class BetaCoin:
    """Probabilities of stopping that are beta distributed between customers.

    Given no stop so far they are Beta(a, b + n); so the odds of having stopped at the last
    opportunity are a / (b + n - 1).

    Args:
        a: First parameter.
        b: Second one.
    """

    a: float
    b: float

    def log_odds(self, n: Floats) -> Floats:
        """Return log(a / (b + n - 1)), -inf at n = 0."""
        offered = n > 0
        odds = self.a / np.where(offered, self.b + n - 1.0, 1.0)
        log_odds: Floats = np.where(offered, np.log(odds), -np.inf)
        return log_odds

    def life(self, n: Floats, ahead: Ahead) -> Floats:
        """Return it of one rate of buying for all; else it is `BetaGeometric`'s own growth.

        It depends on n and the horizon alone, so that each pair of them is worked out once.
        """
        if not isinstance(ahead.buying, OneRate):
            raise TypeError(f"expected one rate of buying, got {ahead.buying}")
        together = np.broadcast_arrays(n + (self.a + self.b), ahead.horizon, ahead.T)
        pairs, places = np.unique(
            np.stack([part.ravel() for part in together[:2]]), axis=1, return_inverse=True
        )
        c, horizon = np.ascontiguousarray(pairs)
        rates = {"buying": ahead.buying.rate, "rate": ahead.discount_rate}
        life: Floats = one_rate_growth(self.a, c, horizon, **rates)[places.ravel()]
        return life.reshape(together[0].shape)

    def stayed(self, n: int) -> float:
        """Return B(a, b + n) / B(a, b)."""
        return float(np.exp(betaln(self.a, self.b + n) - betaln(self.a, self.b)))


@dataclass(frozen=True, slots=True)
class OneCoin:
    """One probability of stopping for all: `BetaCoin` as a and b run to infinity together.

    Args:
        p: Of stopping at an opportunity, above 0 and below 1.
    """

    p: float

    def log_odds(self, n: Floats) -> Floats:
        """Return log(p / (1 - p)), -inf at n = 0."""
        return np.where(n > 0, math.log(self.p) - math.log1p(-self.p), -np.inf)

    def life(self, n: Floats, ahead: Ahead) -> Floats:  # noqa: ARG002 - as the other coins
        """Return the time to a purchase after which one stops."""
        return ahead.until(self.p)

    def stayed(self, n: int) -> float:
        """Return (1 - p)^n."""
        return math.exp(n * math.log1p(-self.p))


@dataclass(frozen=True, slots=True)
class AtFirst:
    """Some stop at their first opportunity, the others never: `BetaCoin` as a and b run to 0.

    Args:
        share: Of those who stop, above 0 and at most 1.
    """

    share: float

    def log_odds(self, n: Floats) -> Floats:
        """Return log(share / (1 - share)) at n = 1, -inf elsewhere."""
        odds = math.log(self.share) - math.log1p(-self.share) if self.share < 1.0 else np.inf
        return np.where(n == 1, odds, -np.inf)

    def life(self, n: Floats, ahead: Ahead) -> Floats:
        """Return the time ahead; at n = 0 that to the next purchase for those who then stop."""
        for_ever = ahead.for_ever()
        mixed = self.share * ahead.until(1.0) + (1.0 - self.share) * for_ever
        return np.where(n == 0, mixed, for_ever)

    def stayed(self, n: int) -> float:
        """Return 1 - share, 1 at n = 0."""
        return 1.0 - self.share if n else 1.0


@dataclass(frozen=True, slots=True)
class Never:
    """Nobody stops: `BetaCoin` as a runs to 0 or b to infinity."""

    def log_odds(self, n: Floats) -> Floats:
        """Return -inf."""
        return np.full(np.shape(n), -np.inf)

    def life(self, n: Floats, ahead: Ahead) -> Floats:  # noqa: ARG002 - as the other coins
        """Return the time ahead."""
        return ahead.for_ever()

    def stayed(self, n: int) -> float:  # noqa: ARG002 - as the other coins
        """Return 1."""
        return 1.0


def require_coin(where: str, coin: Coin) -> None:
    """Refuse a coin that cannot be.

    Raises:
        ParameterError: A parameter is out of range.
    """
    if isinstance(coin, BetaCoin):
        require_above(0.0, where, a=coin.a, b=coin.b)
    if isinstance(coin, OneCoin):
        require_above(0.0, where, p=coin.p, complement=1.0 - coin.p)
    if isinstance(coin, AtFirst) and not 0.0 < coin.share <= 1.0:
        expected = "above 0 and at most 1"
        raise ParameterError(where=f"{where}.share", expected=expected, got=coin.share)
