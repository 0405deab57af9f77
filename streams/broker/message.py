"""A record to write, and the partition it belongs to."""

from collections.abc import Sequence
from typing import NamedTuple

from aiokafka.partitioner import murmur2

from streams.broker.headers import Header


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
