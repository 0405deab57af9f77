# ruff: noqa: N803 - T is the field's own name for the time since the first purchase.
"""What BG/NBD and MBG/NBD share: buying until one silently stops after a purchase."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, Self

import numpy.typing as npt

from scoring.arrays import Floats
from scoring.models._checks import column, require_above
from scoring.models.numerics.quadrature import growth
from scoring.models.parts.coin_model import CoinModel
from scoring.models.parts.coins import BetaCoin
from scoring.models.parts.purchase_table import PurchaseTable
from scoring.models.parts.rates import GammaRates


@dataclass(frozen=True, slots=True)
class BetaGeometric(CoinModel):
    """Beta-geometric / NBD: after a purchase, one stops with a probability of one's own.

    Args:
        r: Shape of the purchase rates between customers.
        alpha: Their scale, a time.
        a: First parameter of the beta distribution of the drop-out probability.
        b: Second one.

    Raises:
        ParameterError: A parameter is not a finite number above 0.
    """

    name: ClassVar[str]

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        require_above(0.0, self.name, r=self.r, alpha=self.alpha, a=self.a, b=self.b)

    @property
    def buying(self) -> GammaRates:
        """Rates of buying, of shape r and scale alpha."""
        return GammaRates(self.r, self.alpha)

    @property
    def coin(self) -> BetaCoin:
        """Probabilities of stopping, of a and b."""
        return BetaCoin(self.a, self.b)

    def rescaled(self, factor: float) -> Self:
        """Return the same model for time in units ``factor`` times shorter (weeks to days: 7)."""
        return replace(self, alpha=self.alpha * factor)

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
        return _table(self, horizon, discount_rate)


@lru_cache(16)  # parameter files differ in thresholds more often than in the models they stand on
def _table(model: BetaGeometric, horizon: float, discount_rate: float) -> PurchaseTable:
    return PurchaseTable(model, horizon, discount_rate)
