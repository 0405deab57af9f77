"""A record to write, and the partition it belongs to."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from aiokafka.partitioner import murmur2
from numpy.typing import NDArray

from scoring.arrays import Ints
from streams.broker.headers import Header

_SEED: Final = 0x9747B28C
_MULTIPLIER: Final = np.uint32(0x5BD1E995)
_WORD: Final = 4  # bytes
_POSITIVE: Final = np.uint32(0x7FFFFFFF)


class Message(NamedTuple):
    """A record to write; `timestamp_ms` None takes the time of writing."""

    key: bytes
    value: bytes
    timestamp_ms: int | None = None
    headers: Sequence[Header] = ()


def partition_of(key: bytes, partitions: int) -> int:
    """Partition of a key, as Kafka's own default partitioner has it.

    >>> partition_of(b"customer", 4)
    0
    """
    hashed: int = murmur2(key) & 0x7FFFFFFF
    return hashed % partitions


def partitions_of(keys: Sequence[bytes], partitions: int) -> Ints:
    """`partition_of` each of many keys that end in no NUL, shape (len(keys),).

    MurmurHash2 (A. Appleby), as Kafka's Java client has it, a word of all keys at once.

    >>> partitions_of([b"customer", b"c-1"], 4).tolist() == [0, partition_of(b"c-1", 4)]
    True
    """
    if not keys:
        return np.empty(0, np.int64)
    lengths = np.fromiter(map(len, keys), np.int64, len(keys))
    width = _WORD * (int(lengths.max()) // _WORD + 1)
    words = np.array(keys, f"S{width}").view("<u4").reshape(len(keys), width // _WORD)
    hashed = np.uint32(_SEED) ^ lengths.astype(np.uint32)
    for place in range(words.shape[1]):
        whole, rest = lengths >= _WORD * (place + 1), lengths % _WORD
        part = (lengths // _WORD == place) & (rest > 0)
        mixed = (hashed * _MULTIPLIER) ^ _scrambled(words[:, place])
        last = (hashed ^ words[:, place]) * _MULTIPLIER
        hashed = np.where(whole, mixed, np.where(part, last, hashed))
    hashed = (hashed ^ (hashed >> np.uint32(13))) * _MULTIPLIER
    hashed ^= hashed >> np.uint32(15)
    return ((hashed & _POSITIVE) % np.uint32(partitions)).astype(np.int64)


def _scrambled(words: "NDArray[np.uint32]") -> "NDArray[np.uint32]":
    scrambled = words * _MULTIPLIER
    mixed: NDArray[np.uint32] = (scrambled ^ (scrambled >> np.uint32(24))) * _MULTIPLIER
    return mixed
