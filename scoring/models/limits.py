# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
"""What purchase models become where a fit ran to the edge of their parameters: models too.

Rates of buying, coins and rates of leaving are `scoring.models.parts`; where customers do not
differ, one for all stands in the place of a distribution.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, Self, TypeVar

import numpy.typing as npt

from scoring.arrays import Floats
from scoring.models._checks import ParameterError, column
from scoring.models._purchase_model import PurchaseModel
from scoring.models.parts.coin_model import CoinModel
from scoring.models.parts.coins import Ahead, AtFirst, BetaCoin, Coin, Never, OneCoin, require_coin
from scoring.models.parts.death_model import DeathModel
from scoring.models.parts.rates import GammaRates, OneRate, Rates, require_rates

BUYING_ALIKE: Final = "one rate of buying for all"
ALL_LEAVE: Final = "all leave as soon as they may"
LEAVING_ALIKE: Final[Mapping[type, str]] = MappingProxyType(
    {
        Never: "nobody leaves",
        OneCoin: "one probability of leaving for all",
        OneRate: "one rate of leaving for all",
        AtFirst: "some leave at once, the others never",
    }
)
Part = TypeVar("Part")
ORDER: Final = (
    *("r", "alpha", "rate", "a", "b", "s", "beta"),
    *("leave_probability", "leave_rate", "leave_share"),
)
BUYING: Final[Mapping[frozenset[str], Callable[..., Rates]]] = MappingProxyType(
    {frozenset(["r", "alpha"]): GammaRates, frozenset(["rate"]): OneRate}
)
SHARED: Final[Mapping[frozenset[str], Callable[..., Coin]]] = MappingProxyType(
    {frozenset(): Never, frozenset(["leave_share"]): AtFirst}
)
COINS: Final[Mapping[frozenset[str], Callable[..., Coin]]] = MappingProxyType(
    {frozenset(["a", "b"]): BetaCoin, frozenset(["leave_probability"]): OneCoin}
)
DYING: Final[Mapping[frozenset[str], Callable[..., Rates]]] = MappingProxyType(
    {frozenset(["s", "beta"]): GammaRates, frozenset(["leave_rate"]): OneRate}
)


@dataclass(frozen=True, slots=True)
class CoinLimit(CoinModel):
    """A limit of BG/NBD or MBG/NBD, or one of Pareto/NBD that it shares with them.

    Where nobody leaves it is the NBD of Ehrenberg 1959, "The Pattern of Consumer Purchases",
    Applied Statistics 8(1).

    Args:
        buying: Rates of buying.
        coin: Probabilities of stopping at an opportunity.
        first_opportunities: 1 where one may stop after the first purchase too, else 0.

    Raises:
        ParameterError: A parameter cannot be, or nothing is a limit.

    Example:
        >>> nbd = CoinLimit(GammaRates(0.5, 10.0), Never())
        >>> nbd.p_alive([2, 0], [30.43, 0], 38.86)
        array([1., 1.])
        >>> nbd.expected_purchases([2], [30.43], [38.86], 39.0).round(6)
        array([1.995497])
    """

    buying: Rates
    coin: Coin
    first_opportunities: int = 0

    def __post_init__(self) -> None:
        require_rates("buying", self.buying)
        require_coin("leaving", self.coin)
        _require_a_limit(self.buying, self.coin)

    def rescaled(self, factor: float) -> Self:
        """Return the same model for time in units ``factor`` times shorter (weeks to days: 7)."""
        return replace(self, buying=self.buying.rescaled(factor))

    def purchases_if_alive(
        self,
        x: npt.ArrayLike,
        T: npt.ArrayLike,
        horizon: npt.ArrayLike,
        discount_rate: float = 0.0,
    ) -> Floats:
        """Return the discounted expected purchases in (T, T + horizon] of who is alive at T.

        The mean rate of buying times the time until one stops; see `PurchaseModel`.
        """
        x, T = column(x), column(T)
        ahead = Ahead(self.buying, x, T, column(horizon), discount_rate)
        bought: Floats = self.buying.mean(x, T) * self.coin.life(
            x + self.first_opportunities, ahead
        )
        return bought


@dataclass(frozen=True, slots=True)
class DeathLimit(DeathModel):
    """A limit of Pareto/NBD in which one may stop at any time.

    Args:
        buying: Rates of buying.
        dying: Rates of stopping.

    Raises:
        ParameterError: A parameter cannot be, or nothing is a limit.

    Example:
        >>> alike = DeathLimit(OneRate(0.1), OneRate(0.02))
        >>> alike.p_alive([2, 0], [30.0, 0], 40.0).round(4)
        array([0.7211, 0.0474])
    """

    buying: Rates
    dying: Rates

    def __post_init__(self) -> None:
        require_rates("buying", self.buying)
        require_rates("leaving", self.dying)
        _require_a_limit(self.buying, self.dying)

    def rescaled(self, factor: float) -> Self:
        """Return the same model for time in units ``factor`` times shorter (weeks to days: 7)."""
        buying, dying = self.buying.rescaled(factor), self.dying.rescaled(factor)
        return replace(self, buying=buying, dying=dying)


def limit_model(kind: str, parameters: Mapping[str, float]) -> "CoinLimit | DeathLimit":
    """Put a limit together of named parameters.

    Buying: `r` and `alpha`, or one `rate`. Leaving: of BG/NBD and MBG/NBD `a` and `b`, or one
    `leave_probability`; of Pareto/NBD `s` and `beta`, or one `leave_rate`; a `leave_share` of those
    who leave at once; or nothing, where nobody leaves.

    Args:
        kind: `bgnbd`, `mbgnbd` or `paretonbd`, whose limit it is.
        parameters: Times in any unit, rates per that unit.

    Raises:
        ParameterError: Such names make no limit, or a value cannot be.

    >>> limit_model("bgnbd", {"rate": 0.1}).buying
    OneRate(rate=0.1)
    """
    names = frozenset(parameters)
    by_leaving = names - {"r", "alpha", "rate"}
    buying = _part(BUYING, names - by_leaving, parameters)
    if kind == "paretonbd" and by_leaving in DYING:
        return DeathLimit(buying, _part(DYING, by_leaving, parameters))
    coins = SHARED if kind == "paretonbd" else {**SHARED, **COINS}
    return CoinLimit(buying, _part(coins, by_leaving, parameters), int(kind != "bgnbd"))


def _part(
    kinds: Mapping[frozenset[str], Callable[..., Part]],
    names: frozenset[str],
    parameters: Mapping[str, float],
) -> Part:
    if names not in kinds:
        ways = " | ".join(" ".join(sorted(way)) or "none" for way in kinds)
        got = " ".join(sorted(names)) or "none"
        raise ParameterError(where="limit", expected=f"parameters {ways}", got=got)
    return kinds[names](*(parameters[name] for name in ORDER if name in names))


def limit_of(model: PurchaseModel) -> str | None:
    """What a limit is called; None of a model whose customers differ in all.

    >>> limit_of(CoinLimit(GammaRates(0.5, 10.0), Never()))
    'nobody leaves'
    >>> limit_of(DeathLimit(OneRate(0.1), OneRate(0.02)))
    'one rate of leaving for all, one rate of buying for all'
    """
    if not isinstance(model, CoinLimit | DeathLimit):
        return None
    leaving = model.coin if isinstance(model, CoinLimit) else model.dying
    return limit_name(model.buying, leaving)


def limit_name(buying: Rates, leaving: Coin | Rates) -> str:
    """What a limit of such parts is called; empty where neither is a limit."""
    how = ALL_LEAVE if leaving == AtFirst(1.0) else LEAVING_ALIKE.get(type(leaving))
    alike = BUYING_ALIKE if isinstance(buying, OneRate) else ""
    return ", ".join(filter(None, (how, alike)))


def _require_a_limit(buying: Rates, leaving: Coin | Rates) -> None:
    if not limit_name(buying, leaving):
        expected = "customers alike in buying or in leaving"
        raise ParameterError(where="limit", expected=expected, got=(buying, leaving))
