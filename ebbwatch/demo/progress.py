"""How far the worker is: read from Redis, which holds the truth, and from nowhere else."""

import asyncio
from collections.abc import Mapping
from typing import NamedTuple

from streams.store import RedisStore


class Reading(NamedTuple):
    """One reading.

    Attributes:
        stepped: records behind the applied offsets, dead letters included.
        total: records written.
        customers: with a state.
        waiting: messages in the outbox, not yet published.
        clock: epoch seconds of the furthest partition, 0 before the first event.
    """

    stepped: int
    total: int
    customers: int
    waiting: int
    clock: float

    @property
    def lag(self) -> int:
        """Records not yet applied."""
        return self.total - self.stepped

    @property
    def is_done(self) -> bool:
        """Whether everything is applied and published."""
        return self.lag == 0 and self.waiting == 0


async def read(store: RedisStore, partitions: int, written: Mapping[str, int]) -> Reading:
    """Read all partitions at once.

    Args:
        store: The worker's store.
        partitions: How many there are.
        written: Records written by input topic.
    """
    numbers = range(partitions)
    # The outbox is read after the offsets: once all is applied, nothing more can enter it.
    claims = await asyncio.gather(*(store.peek(number) for number in numbers))
    counts = await asyncio.gather(*(store.counts(number, 0.0) for number in numbers))
    return Reading(
        stepped=sum(claim.offsets.get(topic, 0) for claim in claims for topic in written),
        total=sum(written.values()),
        customers=sum(customers for customers, _, _ in counts),
        waiting=sum(waiting for _, waiting, _ in counts),
        clock=max(claim.clock for claim in claims),
    )
