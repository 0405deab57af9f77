"""Ways of leaving in a limit's log-likelihood: nobody, at once, by coins and by rates."""

from abc import ABC, abstractmethod
from typing import ClassVar, Final, Protocol

import numpy as np
from scipy.special import expit

from modelling.fit.likelihood.cells import Cells
from modelling.fit.likelihood.counts import kept, survivors
from modelling.fit.likelihood.death import Paths, integrals
from modelling.fit.likelihood.limits.buying import FAR, Buying, LogTerms
from modelling.fit.likelihood.sums import Tenures, dot
from scoring.arrays import Floats

SURE: Final = 40.0  # log odds of what is certain
_TINY: Final = 1e-300


class Leaving(Protocol):
    """What of the likelihood hangs on leaving."""

    names: ClassVar[tuple[str, ...]]
    starts: ClassVar[tuple[tuple[float, ...], ...]]

    def staying(self, theta: Floats) -> tuple[float, Floats]:
        """Log-likelihood of everybody's staying, and its slopes."""

    def log_odds(self, theta: Floats, buying: Buying, of_buying: Floats, cells: Cells) -> LogTerms:
        """Log odds of having left; slopes in the parameters of buying first."""


class Nobody:
    """Nobody leaves."""

    names: ClassVar[tuple[str, ...]] = ()
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((),)

    def __init__(self, cells: Cells, first_opportunities: int) -> None:
        pass

    def staying(self, theta: Floats) -> tuple[float, Floats]:
        """Certain."""
        return 0.0, np.zeros_like(theta)

    def log_odds(self, theta: Floats, buying: Buying, of_buying: Floats, cells: Cells) -> LogTerms:  # noqa: ARG002
        """None."""
        return LogTerms(np.full(len(cells), -np.inf), tuple(np.zeros((len(of_buying), len(cells)))))


class _Coin(ABC):
    """Leaving after a purchase."""

    def __init__(self, cells: Cells, first_opportunities: int) -> None:
        self._first = first_opportunities
        self._tossed = survivors(cells.x + first_opportunities, cells.weight)

    def log_odds(self, theta: Floats, buying: Buying, of_buying: Floats, cells: Cells) -> LogTerms:
        """Those at the last purchase, and how much likelier its silence is who left."""
        silence = buying.depth(of_buying, cells)
        own = self.at_purchase(theta, cells.x + self._first)
        return LogTerms(own.value + silence.value, (*silence.slopes, *own.slopes))

    @abstractmethod
    def at_purchase(self, theta: Floats, tosses: Floats) -> LogTerms:
        """Return the log odds of having left with the last purchase, and their slopes."""


class OwnCoins(_Coin):
    """Beta distributed probabilities."""

    names: ClassVar[tuple[str, ...]] = ("a", "b")
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((-0.2, 0.9), (-2.3, 0.0), (0.4, 3.0))

    def staying(self, theta: Floats) -> tuple[float, Floats]:
        """Sum of log B(a, b + m) / B(a, b)."""
        a, b = np.exp(theta).tolist()
        held, by_a, by_b = kept(self._tossed, a, b)
        return held, np.array([by_a, by_b])

    def at_purchase(self, theta: Floats, tosses: Floats) -> LogTerms:
        """log(a / (b + m - 1))."""
        a, b = np.exp(theta).tolist()
        tossed = tosses > 0.0
        coin = np.where(tossed, b + tosses - 1.0, 1.0)
        odds = np.where(tossed, np.log(a / coin), -np.inf)
        return LogTerms(odds, (np.ones(len(tosses)), -b / coin))


class OneCoinForAll(_Coin):
    """One probability for all; its parameter is the log odds."""

    names: ClassVar[tuple[str, ...]] = ("leave_probability",)
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((-2.0,), (-5.0,))

    def staying(self, theta: Floats) -> tuple[float, Floats]:
        """Sum of m log(1 - p)."""
        tosses = float(self._tossed.sum())
        held = -float(np.logaddexp(0.0, theta[0]))
        return tosses * held, np.array([-tosses * float(expit(theta[0]))])

    def at_purchase(self, theta: Floats, tosses: Floats) -> LogTerms:
        """log(p / (1 - p))."""
        odds = np.where(tosses > 0.0, theta[0], -np.inf)
        return LogTerms(odds, (np.ones(len(tosses)),))


class SomeAtOnce(_Coin):
    """Some leave at their first opportunity, the others never; its parameter is the log odds."""

    names: ClassVar[tuple[str, ...]] = ("leave_share",)
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((-2.0,), (0.0,))

    def staying(self, theta: Floats) -> tuple[float, Floats]:
        """Sum of log(1 - share) over who had an opportunity."""
        offered = float(self._tossed[0]) if len(self._tossed) else 0.0
        held = -float(np.logaddexp(0.0, theta[0]))
        return offered * held, np.array([-offered * float(expit(theta[0]))])

    def at_purchase(self, theta: Floats, tosses: Floats) -> LogTerms:
        """log(share / (1 - share)) of who had one."""
        once = tosses == 1.0
        return LogTerms(np.where(once, theta[0], -np.inf), (once.astype(np.float64),))


class AllAtOnce(SomeAtOnce):
    """Everybody leaves at the first opportunity."""

    names: ClassVar[tuple[str, ...]] = ()
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((),)

    def staying(self, theta: Floats) -> tuple[float, Floats]:
        """As good as impossible."""
        return super().staying(np.array([SURE]))[0], np.zeros_like(theta)

    def at_purchase(self, theta: Floats, tosses: Floats) -> LogTerms:  # noqa: ARG002
        """As good as certain."""
        return LogTerms(super().at_purchase(np.array([SURE]), tosses).value, ())


class _Death(ABC):
    """Leaving at any time."""

    def __init__(self, cells: Cells, first_opportunities: int) -> None:  # noqa: ARG002
        self._time = dot(cells.weight, cells.T)
        self._tenures = Tenures.of(cells)

    def log_odds(self, theta: Floats, buying: Buying, of_buying: Floats, cells: Cells) -> LogTerms:
        """As `modelling.fit.likelihood.paretonbd` has them."""
        power, age = buying.path(of_buying, cells)
        leaving, life = self.path(theta, cells)
        silence = cells.T - cells.t_x
        whole, aged, lived, by_age, by_life = integrals(Paths(power, leaving, age, life, silence))
        depth = buying.depth(of_buying, cells)
        bent = buying.bent(of_buying, cells, aged, by_age)
        of_depth = tuple(one + other for one, other in zip(depth.slopes, bent, strict=True))
        own = self.death(theta, cells, lived, by_life)
        value = depth.value + own.value + np.log(np.maximum(whole, _TINY))
        return LogTerms(value, (*of_depth, *own.slopes))

    @abstractmethod
    def path(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """Return power and scale of the decay of P(not left) since t_x."""

    @abstractmethod
    def death(self, theta: Floats, cells: Cells, lived: Floats, by_life: Floats) -> LogTerms:
        """Return the log of the rate of leaving at t_x over P(not left by T), and its slopes."""


class OwnDeaths(_Death):
    """Gamma distributed rates of leaving: of shape s and scale beta."""

    names: ClassVar[tuple[str, ...]] = ("s", "beta")
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((-0.5, -0.9), (-1.2, 1.1), (0.7, 0.0))

    def staying(self, theta: Floats) -> tuple[float, Floats]:
        """Sum of s log(beta / (beta + T))."""
        lasting, by_beta = self._tenures.lasting(*np.exp(theta).tolist())
        return lasting, np.array([lasting, by_beta])

    def path(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """Power s + 1 and scales beta + t_x."""
        s, beta = np.exp(theta).tolist()
        return np.full(len(cells), s + 1.0), beta + cells.t_x

    def death(self, theta: Floats, cells: Cells, lived: Floats, by_life: Floats) -> LogTerms:
        """log(s / (beta + t_x)) + s log((beta + T) / (beta + t_x))."""
        s, beta = np.exp(theta).tolist()
        life, silence = beta + cells.t_x, cells.T - cells.t_x
        living = np.log1p(silence / life)
        turn = (s + 1.0) * by_life - s * silence / (life + silence) - 1.0
        return LogTerms(
            np.log(s / life) + s * living, (1.0 + s * (living - lived), turn * beta / life)
        )


class OneDeathForAll(_Death):
    """One rate of leaving for all."""

    names: ClassVar[tuple[str, ...]] = ("leave_rate",)
    starts: ClassVar[tuple[tuple[float, ...], ...]] = ((0.0,), (-3.0,))

    def staying(self, theta: Floats) -> tuple[float, Floats]:
        """Sum of -rate T."""
        lasting = -float(np.exp(theta[0])) * self._time
        return lasting, np.array([lasting])

    def path(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """As good as a decay by the exponential function."""
        return np.full(len(cells), FAR * np.exp(theta[0])), np.full(len(cells), FAR)

    def death(self, theta: Floats, cells: Cells, lived: Floats, by_life: Floats) -> LogTerms:  # noqa: ARG002
        """log(rate) + rate (T - t_x)."""
        rate = float(np.exp(theta[0]))
        silence = cells.T - cells.t_x
        return LogTerms(theta[0] + rate * silence, (1.0 + rate * (silence - FAR * lived),))
