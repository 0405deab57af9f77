"""Which partition a key belongs to: by Kafka's own hash, by librdkafka's, or by a bank's own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Final
from zlib import crc32

import numpy as np

from scoring.arrays import Ints
from streams.broker.message import partition_of, partitions_of

GROUP: Final = "ebbwatch.partitioners"  # of entry points


class PartitionerError(ValueError):
    """There is no such partitioner, or it names a partition that there is not."""


@dataclass(frozen=True)
class Partitioner:
    """Tells a key's partition.

    Attributes:
        name: as EBBWATCH_PARTITIONER has it.
        one: partition of a key, given how many there are.
        many: the same of many keys, shape (len(keys),).
    """

    name: str
    one: Callable[[bytes, int], int]
    many: Callable[[Sequence[bytes], int], Ints]


def _crc32(key: bytes, partitions: int) -> int:
    return crc32(key) % partitions


def _crc32_of_many(keys: Sequence[bytes], partitions: int) -> Ints:
    hashed: Ints = np.fromiter(map(crc32, keys), np.int64, len(keys)) % partitions
    return hashed


MURMUR2: Final = Partitioner("murmur2", partition_of, partitions_of)
KNOWN: Final[Mapping[str, Partitioner]] = MappingProxyType(
    {"murmur2": MURMUR2, "crc32": Partitioner("crc32", _crc32, _crc32_of_many)}
)


def partitioner(name: str) -> Partitioner:
    """Find one by name: murmur2 (Kafka's Java client), crc32 (librdkafka), or a bank's own.

    A bank's own is an entry point of the group `ebbwatch.partitioners`: a function of the key and
    the number of partitions.

    Raises:
        PartitionerError: there is none.

    >>> partitioner("crc32").one(b"customer", 4), partitioner("murmur2").one(b"customer", 4)
    (1, 0)
    """
    if name in KNOWN:
        return KNOWN[name]
    found = [point for point in entry_points(group=GROUP) if point.name == name]
    if not found:
        others = f"an entry point of {GROUP}"
        raise PartitionerError(f"partitioner: expected {', '.join(KNOWN)} or {others}, got {name}")
    return _checked(name, found[0].load())


def _checked(name: str, of: Callable[[bytes, int], int]) -> Partitioner:
    def one(key: bytes, partitions: int) -> int:
        number = of(key, partitions)
        if not 0 <= number < partitions:
            wanted = f"a partition from 0 to {partitions - 1}"
            raise PartitionerError(f"partitioner {name}: expected {wanted}, got {number!r}")
        return int(number)

    def many(keys: Sequence[bytes], partitions: int) -> Ints:
        return np.array([one(key, partitions) for key in keys], np.int64)

    return Partitioner(name, one, many)
