"""When rises are held, as data for the step: which streams are quiet at an instant."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import NEVER, Floats

RETRY: Final = 3_600.0  # seconds: what is held is tried again at whole hours of the clock
FEED: Final = 4  # columns of `Holds.feeds`


class Holds(NamedTuple):
    """A stretch of a partition's time.

    Attributes:
        instants: from which on each mask holds, epoch seconds, ascending, the first -inf.
        masks: bit s is set while stream s is quiet, shape as `instants`.
        hours: from which on each row of `feeds` is the newest known, the first -inf.
        feeds: of the last 24 whole hours: when an event last came (epoch seconds), how many, how
            many are usual (NaN: not learnt yet), and of about how many customers.
    """

    instants: Floats
    masks: NDArray[np.uint8]
    hours: Floats
    feeds: Floats

    @property
    def any(self) -> bool:
        """Whether anything is held at any time."""
        return bool(self.masks.any())

    def at(self, instants: Floats) -> NDArray[np.uint8]:
        """Masks at instants, epoch seconds, shape as given."""
        found: NDArray[np.uint8] = self.masks[
            np.searchsorted(self.instants, instants, side="right") - 1
        ]
        return found

    def feed_at(self, instants: Floats) -> Floats:
        """What is known of the feed at instants, shape (n, FEED)."""
        found: Floats = self.feeds[np.searchsorted(self.hours, instants, side="right") - 1]
        return found


OPEN: Final = Holds(
    np.array([-NEVER]), np.zeros(1, np.uint8), np.array([-NEVER]), np.full((1, FEED), np.nan)
)


def next_try(now: Floats) -> Floats:
    """When what is held at `now` is tried again, epoch seconds."""
    return (np.floor(now / RETRY) + 1.0) * RETRY
