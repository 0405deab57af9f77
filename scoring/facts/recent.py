"""The event ids a customer's state remembers, by which an event that comes again is known.

The last `RECENT_IDS` applied ids are kept as fingerprints of `BITS` bits each, in a ring. An event
that is new is taken for a duplicate where its fingerprint equals one of the n = 40 remembered: with
fingerprints spread evenly that is 1 - (1 - 2^-40)^40, about 40 / 2^40 = 3.6e-11 an event, one in 27
billion. Fingerprints of 32 bits would make it one in 107 million.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import Bools
from scoring.facts.events import Events, Hashes
from scoring.facts.state import RECENT_IDS, Count, States

BITS: Final = 40
FALSE_MATCH: Final = RECENT_IDS / 2**BITS  # chance that a new event is taken for a duplicate

_LOW: Final = np.uint64(32)
_SHIFT: Final = np.uint64(33)
_FIRST: Final = np.uint64(0xFF51AFD7ED558CCD)
_SECOND: Final = np.uint64(0xC4CEB9FE1A85EC53)


def fingerprints(ids: Hashes) -> Hashes:
    """Fingerprints of hashed ids, never 0, shape as given.

    Mixed by MurmurHash3's finaliser (A. Appleby), so that ids which differ in their last characters
    alone differ in all bits.

    >>> bool((fingerprints(np.arange(1, 1_000, dtype=np.uint64)) < 2**BITS).all())
    True
    """
    mixed = (ids ^ (ids >> _SHIFT)) * _FIRST
    mixed = (mixed ^ (mixed >> _SHIFT)) * _SECOND
    prints: Hashes = np.maximum(mixed >> np.uint64(64 - BITS), np.uint64(1))
    return prints


def is_remembered(states: States, events: Events) -> Bools:
    """Which customers' events are among those that their states remember, shape (n,)."""
    prints = fingerprints(events["id"])
    low, high = split(prints)
    seen: Bools = (states["recent_low"] == low[:, None]).any(axis=1)
    rows = np.flatnonzero(seen)  # few: compared in full
    alike = states["recent_low"][rows] == low[rows, None]
    seen[rows] = (alike & (states["recent_high"][rows] == high[rows, None])).any(axis=1)
    return seen


def remember(states: States, events: Events) -> None:
    """Keep the ids of events about to be counted, in place of the ones longest kept."""
    rows = np.arange(len(states))
    place = states["counts"][:, Count.EVENTS] % RECENT_IDS
    low, high = split(fingerprints(events["id"]))
    states["recent_low"][rows, place], states["recent_high"][rows, place] = low, high


def split(prints: Hashes) -> "tuple[NDArray[np.uint32], NDArray[np.uint8]]":
    """Fingerprints as states hold them: the low 32 bits, and the others."""
    return prints.astype(np.uint32), (prints >> _LOW).astype(np.uint8)
