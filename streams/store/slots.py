"""Hash tags: a partition's keys in one Redis Cluster slot, partitions spread over all slots."""

from binascii import crc_hqx
from functools import cache
from itertools import count
from typing import Final

SLOTS: Final = 16_384


@cache
def tag(partition: int, partitions: int) -> str:
    """Hash tag of a partition, its salt searched so that the slot falls in the partition's share.

    Partition p of n gets a slot in [p, p + 1) * SLOTS / n, so that any node holding a range of
    slots holds its fair share of partitions.

    >>> [slot(tag(number, 4)) * 4 // SLOTS for number in range(4)]
    [0, 1, 2, 3]
    """
    low, high = partition * SLOTS // partitions, (partition + 1) * SLOTS // partitions
    salted = (f"{partition}.{salt}" for salt in count())
    return next(name for name in salted if low <= slot(name) < high)


def slot(name: str) -> int:
    """Redis Cluster's slot of a hash tag: CRC16 (XMODEM) modulo the number of slots."""
    return crc_hqx(name.encode(), 0) % SLOTS
