"""Events as columns: what `step` needs of each, one row an event."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

ID_BYTES: Final = 64


EVENT: Final = np.dtype(
    [
        ("kind", "u1"),
        ("category", "u1"),  # group of merchant categories, of a purchase
        ("channel", "u1"),  # of a card transaction, 0 where none is known
        ("score", "u1"),  # survey 1 to 5, NPS 0 to 10; of an answer its reason, and one
        # Of a change of consent as `consent.word` says it.
        ("sentiment", "<f4"),  # -1 to 1, 0 where none was scored
        ("time", "<f8"),  # epoch seconds
        ("amount", "<i8"),  # minor units of the book currency; of an answer the episode or case
        ("id", "<u8"),  # hash of the event id, within its source where one is named
        ("reverses", "<u8"),  # hash of the id of the event this one reverses, or 0; of the rule
        ("reversed_time", "<f8"),  # when that event happened, or `time`; until when it is snoozed
        ("card", "<u4"),  # `short` hash of the card's token, or 0
        # Likewise of the merchant, of a purchase without the card at hand; of an interaction
        # of its touchpoint's head; of an answer of the offer's code.
        ("merchant", "<u4"),
    ]
)
Events = NDArray[np.void]
Hashes = NDArray[np.uint64]
ShortHashes = NDArray[np.uint32]

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(29)


def hash_ids(ids: Sequence[str] | Sequence[bytes]) -> Hashes:
    """Hash ids of at most 64 ASCII characters to 64 bits, the same on every machine; never 0.

    Returns:
        Shape (len(ids),), dtype uint64.

    >>> len(set(hash_ids(["a", "b", "a"]).tolist()))
    2
    """
    words = np.array(ids, dtype=f"S{ID_BYTES}").view("<u8").reshape(len(ids), ID_BYTES // 8)
    mixed = np.full(len(ids), _MULTIPLIER)
    for column in range(words.shape[1]):
        mixed = (mixed ^ words[:, column]) * _MULTIPLIER
        mixed ^= mixed >> _SHIFT
    return np.maximum(mixed, np.uint64(1))


def short(hashes: Hashes) -> ShortHashes:
    """Hashes of 32 bits, enough to tell the few things of one customer apart; 0 of 0 alone.

    >>> short(np.array([0, 1 << 32, 5], np.uint64)).tolist()
    [0, 1, 5]
    """
    folded = (hashes ^ (hashes >> np.uint64(32))).astype(np.uint32)
    return np.where(hashes != 0, np.maximum(folded, np.uint32(1)), np.uint32(0))


def within_sources(ids: Hashes, sources: Sequence[str]) -> Hashes:
    """Hashes of ids that are unique per source: of two sources, one id is two.

    Args:
        ids: as `hash_ids` makes them, shape (n,).
        sources: who numbered each, "" where that is not named, which leaves the hash as it is.

    Returns:
        Shape (n,), never 0.

    >>> one = np.concatenate([hash_ids(["7"])] * 3)
    >>> len(set(within_sources(one, ["", "cards", "branch"]).tolist()))
    3
    """
    mixed = (ids * _MULTIPLIER) ^ hash_ids(sources)
    mixed = (mixed ^ (mixed >> _SHIFT)) * _MULTIPLIER
    mixed ^= mixed >> _SHIFT
    named = np.array([bool(source) for source in sources])
    return np.where(named, np.maximum(mixed, np.uint64(1)), ids)
