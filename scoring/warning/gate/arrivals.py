"""What came, counted by look: five minutes of the clock, the same however the log was cut."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Floats, Ints
from scoring.facts.events import Events, Hashes
from scoring.warning.gate.sketch import REGISTERS, Sketches, marked
from scoring.warning.gate.streams import NO_TOPIC, STREAMS, channels, topics

LOOK: Final = 300  # seconds
HOUR: Final = 3_600
LOOKS: Final = HOUR // LOOK  # in an hour
LATE: Final = 3_600.0  # seconds after which an event tells nothing of the feed's present


class Arrivals(NamedTuple):
    """Events of a stretch of a partition's log.

    Attributes:
        looks: numbers of the looks with any, since 1970, ascending, shape (k,).
        prompt: of each stream, those that came within `LATE` of their own time, shape (k, streams).
        late: the others, shape (k, streams).
        spoke: the last one's clock, epoch seconds, shape (k,).
        hours: numbers of the hours with any, ascending, shape (h,).
        sketches: of their customers, shape (h, REGISTERS).
    """

    looks: Ints
    prompt: Ints
    late: Ints
    spoke: Floats
    hours: Ints
    sketches: Sketches

    def by(self, until: float) -> "Arrivals":
        """Of looks that ended by an instant, epoch seconds: all that is known of the feed then."""
        kept = self.looks < until // LOOK
        known = self.hours <= until // HOUR
        return Arrivals(
            self.looks[kept],
            self.prompt[kept],
            self.late[kept],
            self.spoke[kept],
            self.hours[known],
            self.sketches[known],
        )


NOTHING: Final = Arrivals(
    np.empty(0, np.int64),
    np.empty((0, STREAMS), np.int64),
    np.empty((0, STREAMS), np.int64),
    np.empty(0),
    np.empty(0, np.int64),
    np.empty((0, REGISTERS), np.uint8),
)


def arrivals(clocks: Floats, events: Events, customers: Hashes) -> Arrivals:
    """Count events.

    Args:
        clocks: the partition's clock at each, epoch seconds, non-decreasing, shape (n,).
        events: dtype `EVENT`, shape (n,).
        customers: hash of each one's customer, shape (n,).
    """
    if not len(clocks):
        return NOTHING
    at, place = _numbered(clocks, LOOK)
    late = clocks - events["time"] >= LATE
    counts = np.zeros((2, len(at), STREAMS + 1), np.int64)
    for streams in (topics(events), channels(events)):
        cell = (late * len(at) + place) * (STREAMS + 1) + streams
        counts += np.bincount(cell, minlength=counts.size).reshape(counts.shape)
    prompt, later = counts[:, :, :NO_TOPIC]
    ends = np.append(np.flatnonzero(np.diff(place)), len(place) - 1)
    hours, hour = _numbered(clocks, HOUR)
    return Arrivals(at, prompt, later, clocks[ends], hours, marked(customers, hour, len(hours)))


def merged(parts: Sequence[Arrivals]) -> Arrivals:
    """Of customers counted apart, what came of all of them; only where nothing came late."""
    if not parts:
        return NOTHING
    looks, place = np.unique(np.concatenate([p.looks for p in parts]), return_inverse=True)
    hours, hour = np.unique(np.concatenate([p.hours for p in parts]), return_inverse=True)
    prompt, late = np.zeros((2, len(looks), STREAMS), np.int64)
    spoke, sketches = np.zeros(len(looks)), np.zeros((len(hours), REGISTERS), np.uint8)
    np.add.at(prompt, place, np.concatenate([p.prompt for p in parts]))
    np.add.at(late, place, np.concatenate([p.late for p in parts]))
    np.maximum.at(spoke, place, np.concatenate([p.spoke for p in parts]))
    np.maximum.at(sketches, hour, np.concatenate([p.sketches for p in parts]))
    return Arrivals(looks, prompt, late, spoke, hours, sketches)


def _numbered(clocks: Floats, length: int) -> tuple[Ints, Ints]:
    """Distinct numbers of the spans that clocks lie in, ascending, and each one's place in them."""
    numbers = np.floor(clocks / length).astype(np.int64)
    begins = np.diff(numbers, prepend=numbers[0] - 1) != 0
    return numbers[begins], np.cumsum(begins) - 1
