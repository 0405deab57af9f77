"""Drawing customers anew: how much a figure would differ by chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import Floats

COUNT: Final = 400
LEVELS: Final = (0.025, 0.975)
CHUNK: Final = 32_768  # customers multiplied at once, which bounds the memory


@dataclass(frozen=True)
class Bounds:
    """A figure with its 95% interval; an end is None where too few draws have the figure."""

    value: float
    low: float | None
    high: float | None


class Resamples:
    """Customers drawn with replacement, as many as there are, again and again.

    Args:
        customers: how many there are, all of whose silences are drawn together.
        count: how many times.
        seed: of the draws.
    """

    def __init__(self, customers: int, count: int = COUNT, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self._times: NDArray[np.uint8] = np.zeros((count, customers), np.uint8)
        for draw in self._times if customers else ():
            chosen = np.bincount(rng.integers(customers, size=customers), minlength=customers)
            draw[:] = np.minimum(chosen, np.iinfo(np.uint8).max)

    @property
    def count(self) -> int:
        """How many times customers are drawn."""
        return len(self._times)

    def sums(self, by_customer: Floats) -> Floats:
        """Sum figures over the customers of each draw.

        Args:
            by_customer: shape (customers, figures).

        Returns:
            Shape (draws, figures).
        """
        found = np.zeros((self.count, by_customer.shape[1]))
        for at in self._chunks():
            found += self._times[:, at].astype(np.float64) @ by_customer[at]
        return found

    def _chunks(self) -> Iterator[slice]:
        customers = self._times.shape[1]
        return (slice(at, at + CHUNK) for at in range(0, customers, CHUNK))


def bounds(value: float, draws: Floats) -> Bounds:
    """A figure and the middle 95% of its draws, those that are no number left out.

    >>> bounds(2.0, np.array([1.0, 2.0, 3.0, np.nan]))
    Bounds(value=2.0, low=1.05, high=2.95)
    """
    kept = draws[np.isfinite(draws)]
    if not len(kept):
        return Bounds(value, None, None)
    low, high = np.quantile(kept, LEVELS).tolist()
    return Bounds(value, low, high)
