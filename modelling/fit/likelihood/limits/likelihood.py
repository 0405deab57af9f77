"""The log-likelihood of a limit, with its gradient."""

from collections.abc import Callable, Mapping
from typing import Final, Self

import numpy as np

from modelling.fit.likelihood.bgnbd import BLOCK, softplus
from modelling.fit.likelihood.cells import Cells
from modelling.fit.likelihood.limits.buying import AllAlike, Buying, OwnRates
from modelling.fit.likelihood.limits.leaving import (
    AllAtOnce,
    Leaving,
    Nobody,
    OneCoinForAll,
    OneDeathForAll,
    OwnCoins,
    OwnDeaths,
    SomeAtOnce,
)
from modelling.fit.likelihood.search.starts import PurchaseModelName
from modelling.fit.likelihood.sums import dot
from scoring.arrays import Floats

BuyingKind = Callable[[Cells], Buying]
LeavingKind = Callable[[Cells, int], Leaving]
_COINS: Final[tuple[LeavingKind, ...]] = (Nobody, SomeAtOnce, OneCoinForAll, OwnCoins)
_WAYS: Final[dict[PurchaseModelName, tuple[LeavingKind, ...]]] = {
    "bgnbd": (AllAtOnce, *_COINS),
    "mbgnbd": _COINS,
    "paretonbd": (Nobody, SomeAtOnce, OneDeathForAll, OwnDeaths),
}


class LimitLikelihood:
    """Log-likelihood of a limit of BG/NBD, MBG/NBD or Pareto/NBD.

    As theirs: that of a life of buying, times 1 + the odds of having left, of a part for buying and
    one for leaving. Constants are the same, so that both may be compared.

    Args:
        cells: The customers.
        buying: Part for rates of buying.
        leaving: Part for leaving.
        first_opportunities: 1 where one may leave after the first purchase too, else 0.
    """

    def __init__(
        self, cells: Cells, buying: BuyingKind, leaving: LeavingKind, first_opportunities: int
    ) -> None:
        self.cells = cells
        self.customers = float(cells.weight.sum())
        self._kinds = buying, leaving, first_opportunities
        self._buying, self._leaving = buying(cells), leaving(cells, first_opportunities)
        self._cut = len(self._buying.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Of the parameters."""
        return (*self._buying.names, *self._leaving.names)

    @property
    def fixed(self) -> dict[str, float]:
        """Parameters that are not searched for."""
        return {"leave_share": 1.0} if self._kinds[1] is AllAtOnce else {}

    def has(self, parameters: Mapping[str, float]) -> bool:
        """Whether these are its parameters."""
        same = parameters.keys() == {*self.names, *self.fixed}
        return same and all(parameters[name] == value for name, value in self.fixed.items())

    def __len__(self) -> int:
        return len(self.cells)

    def thinned(self, customers: int) -> Self:
        """Return the likelihood of a sample."""
        return type(self)(self.cells.thinned(customers), *self._kinds)

    def starts(self) -> list[Floats]:
        """Where searches begin."""
        return [
            np.array([*rates, *leaving])
            for rates, leaving in zip(
                self._buying.starts() * len(self._leaving.starts),
                [each for each in self._leaving.starts for _ in range(2)],
                strict=True,
            )
        ]

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood per customer and its gradient at log parameters."""
        of_buying, of_leaving = theta[: self._cut], theta[self._cut :]
        living, by_buying = self._buying.living(of_buying)
        staying, by_leaving = self._leaving.staying(of_leaving)
        value, slopes = living + staying, np.concatenate([by_buying, by_leaving])
        for start in range(0, len(self.cells), BLOCK):
            rows = slice(start, start + BLOCK)
            part = Cells(*(column[rows] for column in self.cells.columns))
            odds = self._leaving.log_odds(of_leaving, self._buying, of_buying, part)
            left, gone = softplus(odds.value, part.weight)
            value += left
            slopes += np.array([dot(gone, each) for each in odds.slopes])
        return value / self.customers, slopes / self.customers


def limit_likelihoods(model: PurchaseModelName, cells: Cells) -> list[LimitLikelihood]:
    """Every limit that a model has, those of fewer parameters first."""
    first = int(model != "bgnbd")
    ways = _WAYS[model]
    found = [
        LimitLikelihood(cells, buying, leaving, first)
        for buying in (AllAlike, OwnRates)
        for leaving in ways
        if not (buying is OwnRates and leaving is ways[-1])
    ]
    return sorted(found, key=lambda limit: len(limit.names))
