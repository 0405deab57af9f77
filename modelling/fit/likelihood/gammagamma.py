"""The log-likelihood of the Gamma-Gamma model of spend, with its gradient."""

from typing import ClassVar, Final, Self

import numpy as np
from scipy.special import digamma, gammaln

from modelling.fit.likelihood.sums import dot
from scoring.arrays import Floats

_LARGE: Final = 10.0
_NEAR: Final = -0.5  # where 1 + excess has begun to lose digits
_HALF_LOG_2PI: Final = 0.5 * float(np.log(2.0 * np.pi))
# Stirling's series of log Gamma in 1 / z; the next term is below 1e-13 from z = 10 on.
_SERIES: Final = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)


class GammaGammaLikelihood:
    """Log-likelihood of mean spends; equation (1a) of Fader and Hardie 2013.

    With f = x z / (v + x z), z being a customer's mean spend over x purchases, the density of z is
    f^(p x) (1 - f)^q / (z B(p x, q)). Stirling's formula is taken out of B(p x, q), so that it and
    the powers of f, each of which may be huge, are one small difference.

    Args:
        x: Purchases averaged, shape (n,), >= 1.
        spend: Their mean, > 0, shape (n,).
        weight: Customers of that kind, shape (n,).
    """

    names: ClassVar[tuple[str, ...]] = ("p", "q", "v")

    def __init__(self, x: Floats, spend: Floats, weight: Floats) -> None:
        self._x, self._spend, self._weight = x, spend, weight
        self.customers = float(weight.sum())
        self._counts, kinds = np.unique(x, return_inverse=True)
        self._present = np.bincount(kinds, weights=weight).astype(np.float64)
        self._total = x * spend
        self._unit = -dot(weight, np.log(spend)) - self.customers * _HALF_LOG_2PI

    def __len__(self) -> int:
        return len(self._x)

    def thinned(self, customers: int) -> Self:
        """Return the likelihood of a systematic sample, ordered by x and spend."""
        rows = np.lexsort((self._spend, self._x))
        ends = np.cumsum(self._weight[rows])
        marks = (np.arange(customers) + 0.5) * (ends[-1] / customers)
        chosen = rows[np.searchsorted(ends, marks)]
        return type(self)(self._x[chosen], self._spend[chosen], np.ones(customers))

    def __call__(self, theta: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood per customer and its gradient at log parameters."""
        p, q, v = np.exp(theta).tolist()
        value, by_p, by_q = self._beta(p, q)
        shape, total, mass = p * self._x, self._total, v + self._total
        excess = (q * total - v * shape) / mass
        up = _log_ratio(excess / shape, total * (shape + q) / (mass * shape))
        down = _log_ratio(-excess / q, v * (shape + q) / (mass * q))
        drawn, kept = dot(self._weight, shape * up), q * dot(self._weight, down)
        slopes = np.array([by_p + drawn, by_q + kept, dot(self._weight, excess)])
        return (self._unit + value + drawn + kept) / self.customers, slopes / self.customers

    def _beta(self, p: float, q: float) -> tuple[float, float, float]:
        """Sum of what Stirling's formula leaves of -log B(p x, q), and slopes in log p, log q."""
        shape = p * self._counts
        own, own_slope = _remainder(shape)
        other, other_slope = _remainder(np.array([q]))
        both, both_slope = _remainder(shape + q)
        seen = self._present
        value = dot(seen, 0.5 * np.log(q * (shape / (shape + q))) + both - own - other)
        by_p = dot(seen, 0.5 - 0.5 * shape / (shape + q) + shape * (both_slope - own_slope))
        by_q = dot(seen, 0.5 - 0.5 * q / (shape + q) + q * (both_slope - other_slope))
        return value, by_p, by_q


def _log_ratio(excess: Floats, ratio: Floats) -> Floats:
    """Return log(ratio) where ratio = 1 + excess, of which the near and the far end is exact."""
    return np.where(excess > _NEAR, np.log1p(np.maximum(excess, _NEAR)), np.log(ratio))


def _remainder(z: Floats) -> tuple[Floats, Floats]:
    """Return log Gamma(z) less (z - 1/2) log z - z + log(2 pi) / 2, and its derivative."""
    small, inverse = np.minimum(z, _LARGE), 1.0 / np.maximum(z, _LARGE)
    value, slope = np.zeros_like(z), np.zeros_like(z)
    for order, term in reversed(list(enumerate(_SERIES))):
        value = value * inverse * inverse + term
        slope = slope * inverse * inverse - (2 * order + 1) * term
    near = gammaln(small) - ((small - 0.5) * np.log(small) - small + _HALF_LOG_2PI)
    near_slope = digamma(small) - np.log(small) + 0.5 / small
    far, slope = z >= _LARGE, slope * inverse * inverse
    return np.where(far, value * inverse, near), np.where(far, slope, near_slope)
