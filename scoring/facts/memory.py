"""How fast what a customer did is forgotten: the decay of the sums in the state."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scoring.arrays import Floats, Horizon


@dataclass(frozen=True)
class Memory:
    """Exponential forgetting over three horizons.

    Attributes:
        half_lives_days: short, middle and long, in `Horizon`'s order.

    >>> Memory((1.0, 2.0, 4.0)).decay(np.array([4.0])).ravel().round(6).tolist()
    [0.0625, 0.25, 0.5]
    """

    half_lives_days: tuple[float, float, float]

    @cached_property
    def rates(self) -> Floats:
        """Decay per day over the three horizons, shape (3,)."""
        rates: Floats = np.log(2.0) / np.array(self.half_lives_days)
        return rates

    def decay(self, ages: Floats) -> Floats:
        """Factor by which a decayed sum of each horizon shrinks over `ages` days, shape (3, n)."""
        factors: Floats = np.exp(-self.rates[:, None] * ages[None, :])
        return factors

    def windows(self, observed: Floats, horizon: Horizon) -> Floats:
        """Days of activity a decayed sum stands for after `observed` days of observation."""
        return _window(self.rates[horizon], observed)

    def squared_window(self, observed: Floats) -> Floats:
        """The same for the squares of a short sum's weights (Campbell's theorem's variance)."""
        return _window(2.0 * self.rates[Horizon.SHORT], observed)


def _window(rate: float, observed: Floats) -> Floats:
    grown = -np.expm1(-rate * observed) / rate
    return np.maximum(grown, 1e-9)
