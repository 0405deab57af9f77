"""When rises are held, as data for the step: which streams are quiet at an instant."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import NEVER, Floats, Ints
from scoring.warning.gate.arrivals import HOUR
from scoring.warning.gate.sketch import REGISTERS, Sketches, estimated
from scoring.warning.gate.state import DAY

RETRY: Final = 3_600.0  # seconds: what is held is tried again at whole hours of the clock
FEED: Final = 4  # figures of a feed


class KeptHours(NamedTuple):
    """Hours, of which the last 24 before an instant are what a warning tells of its feed.

    Attributes:
        numbers: of each, since 1970, ascending; those that are not here were mute.
        came: events in each, the first 24 of before the stretch, shape (24 + n,).
        usual: that were usual, NaN where not learnt, shape (24 + n,).
        heard: when the last event up to its end came, epoch seconds, shape (24 + n,).
        sketches: of their customers, shape (24 + n, REGISTERS).
    """

    numbers: Ints
    came: Floats
    usual: Floats
    heard: Floats
    sketches: Sketches

    def feed_at(self, instants: Floats) -> Floats:
        """As `Holds.feed_at`."""
        feeds = np.full((len(instants), FEED), np.nan)
        ended = np.searchsorted(self.numbers, np.floor(instants / HOUR), side="left")
        places, of = np.unique(np.maximum(ended, DAY), return_inverse=True)
        for place, end in enumerate(places.tolist()):
            day = slice(end - DAY, end)
            told = self.heard[end - 1], self.came[day].sum(), self.usual[day].sum()
            feeds[of == place] = *told, estimated(self.sketches[day].max(axis=0))
        return feeds


class Hours:
    """Hours under way, see `KeptHours`: at first the last 24 that a gate knows of.

    Args:
        learnt: dtype `LEARNT`.
    """

    def __init__(self, learnt: NDArray[np.void]) -> None:
        last = learnt["hour"].item()
        self._numbers = list(range(last - DAY + 1, last + 1))
        self._came, self._usual = learnt["came"].tolist(), learnt["usual"].tolist()
        self._heard, self._sketches = [learnt["heard"].item()] * DAY, list(learnt["sketches"])

    @property
    def are_more(self) -> bool:
        """Whether any came behind them."""
        return len(self._came) > DAY

    @property
    def is_anything_heard(self) -> bool:
        """Whether any event came in the last 24."""
        return any(self._came[-DAY:])

    def add(self, number: int, came: float, usual: float, heard: float, by: Sketches) -> None:
        """Add an hour."""
        self._numbers.append(number)
        self._came.append(came)
        self._usual.append(usual)
        self._heard.append(heard)
        self._sketches.append(by)

    def add_empty(self, numbers: Ints, usual: Floats, heard: float) -> None:
        """Add hours without any event."""
        count = len(numbers)
        self._numbers += numbers.tolist()
        self._came += [0.0] * count
        self._usual += usual.tolist()
        self._heard += [heard] * count
        self._sketches += list(np.zeros((count, REGISTERS), np.uint8))

    def keep(self, learnt: NDArray[np.void]) -> None:
        """Write the last 24 down, in place."""
        learnt["came"], learnt["usual"] = self._came[-DAY:], self._usual[-DAY:]
        learnt["heard"], learnt["sketches"] = self._heard[-1], self._sketches[-DAY:]
        learnt["hour"] = self._numbers[-1]

    def kept(self) -> KeptHours:
        """As arrays."""
        columns = self._came, self._usual, self._heard
        came, usual, heard = map(np.array, columns)
        return KeptHours(np.array(self._numbers), came, usual, heard, np.array(self._sketches))


class Holds(NamedTuple):
    """A stretch of a partition's time.

    Attributes:
        instants: from which on each mask holds, epoch seconds, ascending, the first -inf.
        masks: bit s is set while stream s is quiet, shape as `instants`.
        hours: what the feed brought.
    """

    instants: Floats
    masks: NDArray[np.uint8]
    hours: KeptHours | None = None

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
        """What is known of the feed at instants, of the last 24 whole hours, shape (n, FEED).

        When an event last came (epoch seconds), how many, how many are usual (NaN: not learnt yet),
        and of about how many customers.
        """
        if self.hours is None:
            return np.full((len(instants), FEED), np.nan)
        return self.hours.feed_at(instants)


OPEN: Final = Holds(np.array([-NEVER]), np.zeros(1, np.uint8))


class Holding(NamedTuple):
    """Holds of customers who may be of several partitions.

    Attributes:
        parts: of each partition.
        of: place of each customer's in them, shape (customers,); None where there is but one.
    """

    parts: tuple[Holds, ...] = (OPEN,)
    of: Ints | None = None

    @property
    def any(self) -> bool:
        """Whether anything of anybody is held at any time."""
        return any(part.any for part in self.parts)

    def take(self, rows: Ints) -> "Holding":
        """Of some of the customers."""
        return self if self.of is None else Holding(self.parts, self.of[rows])

    def at(self, rows: Ints, instants: Floats) -> NDArray[np.uint8]:
        """Masks of customers at instants, epoch seconds, shape (n,)."""
        if self.of is None:
            return self.parts[0].at(instants)
        masks = np.zeros(len(rows), np.uint8)
        for place, own in self._by_part(rows):
            masks[own] = self.parts[place].at(instants[own])
        return masks

    def feed_at(self, rows: Ints, instants: Floats) -> Floats:
        """What is known of customers' feeds at instants, shape (n, FEED)."""
        if self.of is None:
            return self.parts[0].feed_at(instants)
        feeds = np.empty((len(rows), FEED))
        for place, own in self._by_part(rows):
            feeds[own] = self.parts[place].feed_at(instants[own])
        return feeds

    def _by_part(self, rows: Ints) -> Iterator[tuple[int, Ints]]:
        assert self.of is not None  # noqa: S101 - or there is but one
        places = self.of[rows]
        for place in np.unique(places).tolist():
            yield place, np.flatnonzero(places == place)


ALL_OPEN: Final = Holding()


def next_try(now: Floats) -> Floats:
    """When what is held at `now` is tried again, epoch seconds."""
    return (np.floor(now / RETRY) + 1.0) * RETRY
