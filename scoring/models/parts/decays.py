"""What of a probability is left over time, and the time that such a decay leaves."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import exprel

from scoring.arrays import Floats
from scoring.models._checks import column
from scoring.models.numerics.decay import decay_integral


class Decay(NamedTuple):
    """(1 + t / scale)^-power exp(-rate t), one of both factors being 1.

    Attributes:
        scale: a time; inf where there is no power.
        power: >= 0.
        rate: per unit of time, >= 0.
    """

    scale: Floats
    power: Floats
    rate: float


NO_DECAY: Final = Decay(np.full((), np.inf), np.zeros(()), 0.0)


def exponential(rate: float, n: Floats, t: Floats) -> Decay:
    """Return exp(-rate u), of the shape that n and t have together."""
    shape = np.broadcast_shapes(n.shape, t.shape)
    return Decay(np.full(shape, np.inf), np.zeros(shape), rate)


def annuity(horizon: npt.ArrayLike, rate: float) -> Floats:
    """Return the integral of exp(-rate t) over (0, horizon].

    Args:
        horizon: > 0; inf only with a rate above 0.
        rate: >= 0.

    >>> annuity([2.0, np.inf], 0.5).round(4).tolist()
    [1.2642, 2.0]
    """
    reach = column(horizon)
    for_ever = np.isinf(reach)
    near = np.where(for_ever, 1.0, reach)
    worth = near * exprel(-rate * near)
    return np.where(for_ever, 1.0 / rate if rate > 0.0 else np.inf, worth)


def lasting(horizon: Floats, one: Decay, other: Decay, discount_rate: float = 0.0) -> Floats:
    """Return the integral of two decays and a discount over (0, horizon]."""
    rate = one.rate + other.rate + discount_rate
    if not (one.power.any() or other.power.any()):
        shape = np.broadcast_shapes(one.power.shape, other.power.shape)
        return annuity(horizon, rate) + np.zeros(shape)
    return decay_integral(horizon, one.scale, one.power, other.scale, other.power, rate)
