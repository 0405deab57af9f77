"""Rates of events, such as purchases or leaving: each customer's own, or one for all."""

import math
from dataclasses import dataclass
from typing import Final, Protocol, Self

import numpy as np
from scipy.special import betainc, exprel, gammaincc

from scoring.arrays import Floats
from scoring.models._checks import require_above
from scoring.models.numerics.decay import decay_integral
from scoring.models.parts.decays import Decay, annuity, exponential
from scoring.models.parts.quiet_curve import PurchaseCurve, newton_crossing, quiet_bound

NEVER: Final = 600.0  # log of a growth that no customer lives to see, short of overflow
_LEAST: Final = 1e-300  # a chance, kept above the zero that has no logarithm
_LATE: Final = 1e-12  # of a log of odds, by which a crossing is late


class Rates(Protocol):
    """Rates between customers, given n events in a time t; arrays of shapes that broadcast."""

    @property
    def time(self) -> float:
        """A time on whose scale what is known of a customer changes."""

    def rescaled(self, factor: float) -> Self:
        """Return the same for time in units ``factor`` times shorter."""

    def mean(self, n: Floats, t: Floats) -> Floats:
        """Return the expected rate."""

    def gap(self, n: Floats, t: Floats) -> Floats:
        """Return the time between events to expect, 1 / `mean`."""

    def depth(self, n: Floats, t: Floats, more: Floats) -> Floats:
        """Return -log P(no event in (t, t + more])."""

    def reach(self, n: Floats, t: Floats, depth: Floats) -> Floats:
        """Return the time after which `depth` is reached; inf beyond all lives."""

    def none_by(self, n: Floats, chance: Floats, horizon: float) -> Floats:
        """Return the t from which on P(no event in (t, t + horizon]) is ``chance`` or more."""

    def crossing(
        self, log_odds: Floats, n: Floats, t: Floats, chance: Floats, horizon: float
    ) -> Floats:
        """Return when a silence since t takes P(no event in the horizon) to ``chance``.

        Of who is gone, by so many ``log_odds`` at t which grow by `depth`, or has no event. Late by
        a rounding error, so that it has been reached.
        """

    def none(self, n: Floats, t: Floats) -> Decay:
        """Return P(no event in (t, t + u]) over u."""

    def next(self, n: Floats, t: Floats, thinned: float = 1.0) -> Decay:
        """Return E[rate exp(-thinned rate u)] / E[rate] over u.

        Thinned by 1 and times `mean` it is the density of the next event.
        """

    def wait(self, n: Floats, t: Floats, horizon: Floats, discount_rate: float) -> Floats:
        """Return the discounted time within (t, t + horizon] until the next event."""

    def fewer(self, n: int, t: Floats) -> Floats:
        """Return P(fewer than n events in a time t), of a customer drawn at random."""


@dataclass(frozen=True, slots=True)
class GammaRates:
    """Rates that are gamma distributed between customers.

    Args:
        shape: The less, the more they differ.
        scale: A time; the mean rate is shape / scale.
    """

    shape: float
    scale: float

    @property
    def time(self) -> float:
        """The scale."""
        return self.scale

    def rescaled(self, factor: float) -> Self:
        """Return the same for time in units ``factor`` times shorter."""
        return type(self)(self.shape, self.scale * factor)

    def mean(self, n: Floats, t: Floats) -> Floats:
        """Return (shape + n) / (scale + t)."""
        mean: Floats = (self.shape + n) / (self.scale + t)
        return mean

    def gap(self, n: Floats, t: Floats) -> Floats:
        """Return (scale + t) / (shape + n)."""
        gap: Floats = (self.scale + t) / (self.shape + n)
        return gap

    def depth(self, n: Floats, t: Floats, more: Floats) -> Floats:
        """Return (shape + n) log(1 + more / (scale + t))."""
        depth: Floats = (self.shape + n) * np.log1p(more / (self.scale + t))
        return depth

    def reach(self, n: Floats, t: Floats, depth: Floats) -> Floats:
        """Return (scale + t) (exp(depth / (shape + n)) - 1)."""
        power = depth / (self.shape + n)
        grown = (self.scale + t) * np.expm1(np.minimum(power, NEVER))
        return np.where(power < NEVER, grown, np.inf)

    def none_by(self, n: Floats, chance: Floats, horizon: float) -> Floats:
        """Return the t at which ((scale + t) / (scale + t + horizon))^(shape + n) is ``chance``."""
        ends: Floats = np.exp(quiet_bound(chance, self.shape + n, np.log(horizon))) - self.scale
        return ends

    def crossing(
        self, log_odds: Floats, n: Floats, t: Floats, chance: Floats, horizon: float
    ) -> Floats:
        """Return it by Newton's method, over log(scale + t)."""
        last, slope = np.log(self.scale + t), self.shape + n
        curve = PurchaseCurve(log_odds - slope * last, slope, math.log(horizon))
        crossed: Floats = np.exp(newton_crossing(curve, chance, last)) - self.scale
        return crossed

    def none(self, n: Floats, t: Floats) -> Decay:
        """Return (1 + u / (scale + t))^-(shape + n)."""
        return Decay(self.scale + t, self.shape + n, 0.0)

    def next(self, n: Floats, t: Floats, thinned: float = 1.0) -> Decay:
        """Return (1 + thinned u / (scale + t))^-(shape + n + 1)."""
        return Decay((self.scale + t) / thinned, self.shape + n + 1.0, 0.0)

    def wait(self, n: Floats, t: Floats, horizon: Floats, discount_rate: float) -> Floats:
        """Return the integral of `none` and the discount."""
        scale, power = self.scale + t, self.shape + n
        if discount_rate > 0.0:
            return decay_integral(horizon, scale, 0.0, scale, power, discount_rate)
        length = np.log1p(horizon / scale)
        waited: Floats = scale * length * exprel((1.0 - power) * length)
        return waited

    def fewer(self, n: int, t: Floats) -> Floats:
        """Return the negative binomial distribution at n - 1."""
        if n == 0:
            return np.zeros(t.shape)
        fewer: Floats = betainc(self.shape, n, self.scale / (self.scale + t))
        return fewer


@dataclass(frozen=True, slots=True)
class OneRate:
    """One rate for all: `GammaRates` as the shape runs to infinity and the mean stays.

    Args:
        rate: Events per unit of time.
    """

    rate: float

    @property
    def time(self) -> float:
        """Mean time between two events."""
        return 1.0 / self.rate

    def rescaled(self, factor: float) -> Self:
        """Return the same for time in units ``factor`` times shorter."""
        return type(self)(self.rate / factor)

    def mean(self, n: Floats, t: Floats) -> Floats:
        """Return the rate: nothing is learnt of a customer."""
        return np.full(np.broadcast_shapes(n.shape, t.shape), self.rate)

    def gap(self, n: Floats, t: Floats) -> Floats:
        """Return 1 / rate."""
        return np.full(np.broadcast_shapes(n.shape, t.shape), self.time)

    def depth(self, n: Floats, t: Floats, more: Floats) -> Floats:
        """Return rate more."""
        depth: Floats = self.rate * more + 0.0 * (n + t)
        return depth

    def reach(self, n: Floats, t: Floats, depth: Floats) -> Floats:
        """Return depth / rate."""
        reach: Floats = depth / self.rate + 0.0 * (n + t)
        return reach

    def none_by(self, n: Floats, chance: Floats, horizon: float) -> Floats:  # noqa: ARG002
        """Return inf: the chance is the same at any t, and not reached by then."""
        return np.full(np.broadcast_shapes(n.shape, chance.shape), np.inf)

    def crossing(
        self, log_odds: Floats, n: Floats, t: Floats, chance: Floats, horizon: float
    ) -> Floats:
        """Return t + (log((chance - q) / (1 - chance)) - log_odds) / rate, q = exp(-rate horizon).

        inf where nobody can be gone: then nothing is learnt from silence.
        """
        quiet = math.exp(-self.rate * horizon)
        deep = np.log(np.maximum(chance - quiet, _LEAST) / (1.0 - chance)) - log_odds
        return self.reach(n, t, deep + _LATE * (1.0 + np.abs(deep))) + t

    def none(self, n: Floats, t: Floats) -> Decay:
        """Return exp(-rate u)."""
        return exponential(self.rate, n, t)

    def next(self, n: Floats, t: Floats, thinned: float = 1.0) -> Decay:
        """Return exp(-thinned rate u)."""
        return exponential(self.rate * thinned, n, t)

    def wait(self, n: Floats, t: Floats, horizon: Floats, discount_rate: float) -> Floats:
        """Return (1 - exp(-(rate + discount) horizon)) / (rate + discount)."""
        return annuity(horizon, self.rate + discount_rate) + 0.0 * (n + t)

    def fewer(self, n: int, t: Floats) -> Floats:
        """Return the Poisson distribution at n - 1."""
        fewer: Floats = gammaincc(n, self.rate * t) if n else np.zeros(t.shape)
        return fewer


def require_rates(where: str, rates: Rates) -> None:
    """Refuse rates that cannot be.

    Raises:
        ParameterError: A parameter is not a finite number above 0.
    """
    if isinstance(rates, GammaRates):
        require_above(0.0, where, shape=rates.shape, scale=rates.scale)
    if isinstance(rates, OneRate):
        require_above(0.0, where, rate=rates.rate)
