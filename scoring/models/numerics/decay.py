from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats
from scoring.models._checks import column

# Over log1p(t / shortest) the integrand is analytic in a strip of half-width pi, of which falls by
# exponentials leave half. Measured against 300 nodes over 200 000 draws (scales of 0.01 to 100 000
# days, powers to 10 000, reaches to 30 years): 2e-11 at worst, 6e-14 for 999 of 1000.
NODES: Final = 40
DEPTH: Final = 40.0  # e^-40 of the integral lies beyond the cut
_STEEP: Final = 600.0  # where expm1 nears overflow
_VAST: Final = 1e40  # beyond all lives, and e^_STEEP times it is a number
BLOCK: Final = 1024  # customers whose nodes stay in the cache
_ABSCISSAE, _DOUBLED = np.polynomial.legendre.leggauss(NODES)
_PLACES, _WEIGHTS = 0.5 * (1.0 + _ABSCISSAE)[:, None], 0.5 * _DOUBLED


def decay_integral(
    reach: npt.ArrayLike,
    scale_1: npt.ArrayLike,
    power_1: npt.ArrayLike,
    scale_2: npt.ArrayLike,
    power_2: npt.ArrayLike,
    rate: float = 0.0,
) -> Floats:
    """Return the integral of (1 + t / A)^-k (1 + t / B)^-l exp(-rate t) over 0 < t < reach.

    All of Pareto/NBD is made of it. The usual differences of two 2F1 lose their digits where the
    scales differ or the powers are large; here a smooth positive function is summed, and nothing
    cancels, overflows or depends on which scale is the larger. At k = 0 and an infinite reach it is
    B U(1, 2 - l, rate B), U being the confluent hypergeometric function of the second kind.

    Args:
        reach: Upper end, >= 0; inf only with a ``rate`` above 0. All shapes broadcast.
        scale_1: A > 0, same unit.
        power_1: k >= 0.
        scale_2: B > 0, same unit.
        power_2: l >= 0.
        rate: Continuous discount rate per that unit, >= 0.

    Returns:
        Same unit; relative error below 2e-11.
    """
    columns = (column(part) for part in (reach, scale_1, power_1, scale_2, power_2))
    together = np.broadcast_arrays(*columns)
    flat = [part.flatten() for part in together]
    integral = np.empty(together[0].size)
    for start in range(0, len(integral), BLOCK):
        part = slice(start, start + BLOCK)
        integral[part] = _block(rate, *(values[part] for values in flat))
    return integral.reshape(together[0].shape)


def _block(
    rate: float,
    reach: Floats,
    a: Floats,
    k: Floats,
    b: Floats,
    l: Floats,  # noqa: E741
) -> Floats:
    shortest = np.minimum(a / np.maximum(k, 1.0), b / np.maximum(l, 1.0))
    end = np.minimum(reach, np.minimum(_cut(a, k), _cut(b, l)))
    if rate > 0.0:
        shortest, end = np.minimum(shortest, 1.0 / rate), np.minimum(end, DEPTH / rate)
    length = np.log1p(end / shortest)
    y = length * _PLACES
    t = shortest * np.expm1(y)
    values = np.exp(y - k * np.log1p(t / a) - l * np.log1p(t / b) - rate * t)
    return shortest * length * _weighted_sum(values)


def _weighted_sum(values: Floats) -> Floats:
    """Add up node by node: the order of a sum over an axis may depend on the batch's shape."""
    total = np.zeros(values.shape[1])
    for row, weight in zip(values, _WEIGHTS.tolist(), strict=True):
        total += weight * row
    return total


def _cut(scale: Floats, power: Floats) -> Floats:
    """Return a time beyond which (1 + t / scale)^-power leaves nothing that counts."""
    steepness = DEPTH / np.maximum(power - 1.0, DEPTH / _STEEP)
    cut: Floats = np.minimum(scale, _VAST) * np.expm1(steepness)
    return cut
