from typing import Final

import numpy as np
from scipy.special import hyp1f1, hyp2f1

from scoring.arrays import Floats
from scoring.models.numerics.decay import DEPTH

# The integrand is analytic in the strip |Im y| < pi around the integration path of length
# log1p(horizon / A), of which discounting leaves half. Measured against 250 nodes: below 1e-13 for
# alpha of half a day to 300 days, horizons to a century, and discounting for ever.
NODES: Final = 48
_WHOLE: Final = 1e-9
_ASIDE: Final = 2e-7  # its square is the mean's error
_ABSCISSAE, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)
_OF_ONE_RATE: Final = 80  # nodes, of a strip of half-width pi / 2; below 1e-12 to a horizon of 1e6
_PLACES, _SHARES = np.polynomial.legendre.leggauss(_OF_ONE_RATE)


def growth(
    x: Floats,
    age: Floats,
    horizon: Floats,
    *,
    r: float,
    a: float,
    b: float,
    rate: float,
) -> Floats:
    """Return the discounted purchases of a living customer, divided by r + x.

    Given life at T and A = alpha + T, the purchase rate lambda is Gamma(r + x, A), the drop-out
    probability p Beta(a, b + x), and dE[X(t)]/dt = E[lambda exp(-lambda p t)]. With
    t = A (e^y - 1) and Pfaff's transformation of the hypergeometric function this is

        (r + x) e^((1 - a) y) 2F1(a, a + b - r - 1; a + b + x; 1 - e^-y) dy,

    which, times exp(-rate t), is integrated over 0 < y < log1p(horizon / A). Nothing cancels, and
    a = 1, where equation (10) of Fader, Hardie and Lee 2005 is 0 / 0, is no special case.

    Args:
        x: Frequency; all shapes broadcast.
        age: alpha + T, > 0.
        horizon: Time ahead, > 0, unit of ``age``; inf only with a ``rate`` above 0.
        r: As in `BetaGeometric`; so is ``a``.
        a: See ``r``.
        b: Second parameter of the drop-out probability's distribution at frequency 0.
        rate: Continuous discount rate per that unit, >= 0.
    """
    counted = np.minimum(horizon, DEPTH / rate) if rate > 0.0 else horizon
    length = np.log1p(counted / age)
    total = np.zeros(np.broadcast_shapes(x.shape, length.shape))
    # Node by node, because the order of a sum over an axis may depend on the batch's shape.
    for abscissa, weight in zip(_ABSCISSAE.tolist(), _WEIGHTS.tolist(), strict=True):
        y = length * (0.5 * (1.0 + abscissa))
        ratio = _hypergeometric(a, a + b - r - 1.0, a + b + x, -np.expm1(-y), excess=r - a)
        total += (0.5 * weight) * np.exp((1.0 - a) * y - rate * age * np.expm1(y)) * ratio
    grown: Floats = length * total
    return grown


def one_rate_growth(a: float, c: Floats, horizon: Floats, *, buying: float, rate: float) -> Floats:
    """Return the discounted time in which a living customer still buys, of one rate of buying.

    The limit of `growth` as r and alpha run to infinity: E[exp(-buying p t)], p being
    Beta(a, c - a), is Kummer's 1F1(a; c; -buying t), integrated with exp(-rate t) over
    0 < t < horizon.

    Args:
        a: As in `BetaGeometric`.
        c: a + b at so many opportunities to stop; shapes broadcast.
        horizon: Time ahead, > 0; inf only with a ``rate`` above 0.
        buying: The rate, per unit of time.
        rate: Continuous discount rate per that unit, >= 0.
    """
    counted = np.minimum(horizon, DEPTH / rate) if rate > 0.0 else horizon
    length = np.log1p(counted * buying)
    total = np.zeros(np.broadcast_shapes(c.shape, length.shape))
    for place, share in zip(_PLACES.tolist(), _SHARES.tolist(), strict=True):
        y = length * (0.5 * (1.0 + place))
        bought = np.expm1(y)
        total += (0.5 * share) * np.exp(y - rate / buying * bought) * hyp1f1(a, c, -bought)
    life: Floats = length / buying * total
    return life


def _hypergeometric(a: float, b: float, c: Floats, z: Floats, *, excess: float) -> Floats:
    """Return 2F1(a, b; c; z), 0 <= z < 1, where c - a - b is a whole number above ``excess``.

    Where c - a - b is itself whole, SciPy 1.17 switches beyond z = 0.9 to an expansion that gives
    nan or inf at large c. The function is smooth in b, so its neighbours' mean stands in there.
    Relative error below 1e-12 up to z = 0.997, that is to a horizon of 330 alpha; beyond, where
    c - a - b is whole or close to it, 1e-5.
    """
    if abs(excess - round(excess)) > _WHOLE:
        return np.asarray(hyp2f1(a, b, c, z), np.float64)
    below, above = hyp2f1(a, b - _ASIDE, c, z), hyp2f1(a, b + _ASIDE, c, z)
    return np.asarray(0.5 * (below + above), np.float64)
