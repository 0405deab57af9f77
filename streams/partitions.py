"""All partitions a worker owns: claims them at a rebalance, hands them records, lets them go."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Final

import structlog
from faust.types import TP

from streams.partition import Partition, Services
from streams.relay import Relay
from streams.retry import persist
from streams.store import Fenced
from streams.transport import End, Records

log = structlog.get_logger()

SAMPLE: Final = 2.0  # seconds between readings of what only Redis knows
CRASHED: Final = 70  # exit status after an error that no retry mends


class Owned:
    """A partition, its relay and their tasks."""

    def __init__(
        self, partition: Partition, relay: Relay, fail: Callable[[BaseException], None]
    ) -> None:
        self.partition, self.relay, self._fail = partition, relay, fail
        self._tasks = [self._start(partition.run()), self._start(relay.run())]

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        task.add_done_callback(ended_by(self._fail))
        return task

    async def release(self) -> None:
        """Stop both; what a cancelled commit did or did not, the next claim finds out."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Partitions:
    """Implements the transport's `Progress` over the partitions owned now.

    Args:
        services: shared by all partitions.
        topics: input topics, co-partitioned.
        relay: makes a partition's relay.
        fail: told of an error that no retry mends; ends the process.
    """

    def __init__(
        self,
        services: Services,
        topics: tuple[str, ...],
        relay: Callable[[int], Relay],
        fail: Callable[[BaseException], None] | None = None,
    ) -> None:
        self._services, self._topics, self._relay = services, topics, relay
        self._fail = fail or end_process
        self.owned: dict[int, Owned] = {}
        self.is_assigned = False

    async def release(self) -> None:
        """Let all partitions go: at a rebalance all are revoked first."""
        owned, self.owned, self.is_assigned = self.owned, {}, False
        await asyncio.gather(*(each.release() for each in owned.values()))

    async def claim(self, assigned: Iterable[TP]) -> None:
        """Own the assigned partitions, fencing off who owned them before.

        Raises:
            ValueError: the input topics are not assigned together.
        """
        numbers = co_partitioned(assigned, self._topics)
        await self.release()
        await asyncio.gather(*(self._claim(number) for number in numbers))
        self.is_assigned = True
        log.info("claimed", partitions=sorted(numbers))

    async def _claim(self, number: int) -> None:
        claim = await persist("claim", lambda: self._services.store.claim(number))
        relay = self._relay(number)
        partition = Partition(number, claim, self._services, relay.wake)
        self.owned[number] = Owned(partition, relay, self._on_error)

    def _on_error(self, error: BaseException) -> None:
        if isinstance(error, Fenced):
            log.info("fenced", error=str(error))  # the rebalance that did it is on its way
            return
        self._fail(error)

    def feed(self, records: Records) -> None:
        """Hand records of one topic-partition to its sequencer; ignored when it was revoked."""
        owned = self.owned.get(records[0].partition)
        if owned is not None:
            owned.partition.feed(records[0].topic, records)

    def applied_offset(self, topic: str, partition: int) -> int | None:
        """See `Progress.applied_offset`."""
        owned = self.owned.get(partition)
        return owned.partition.offsets.get(topic) if owned else None

    def on_fetch(self, fetched: Mapping[TP, int], ends: Mapping[TP, End]) -> None:
        """See `Progress.on_fetch`."""
        for tp, end in ends.items():
            owned = self.owned.get(tp.partition)
            if owned is not None:
                owned.partition.reach(tp.topic, fetched.get(tp), end)

    def held(self) -> frozenset[TP]:
        """See `Progress.held`."""
        return frozenset(
            TP(topic, number)
            for number, owned in self.owned.items()
            for topic in self._topics
            if owned.partition.is_full(topic)
        )

    async def sample(self) -> None:
        """Keep the gauges that describe the partitions up to date until cancelled."""
        while True:
            for number, owned in list(self.owned.items()):
                await self._sample(number, owned)
            await asyncio.sleep(SAMPLE)

    async def _sample(self, number: int, owned: Owned) -> None:
        metrics, store, label = self._services.metrics, self._services.store, str(number)
        customers, waiting, due = await persist(
            "counts", lambda: store.counts(number, owned.partition.clock)
        )
        metrics.customers.labels(label).set(customers)
        metrics.outbox.labels(label).set(waiting)
        metrics.reviews_due.labels(label).set(due)
        for topic, inbox in owned.partition.inboxes.items():
            metrics.lag.labels(topic, label).set(inbox.lag)
            metrics.lag_seconds.labels(topic, label).set(inbox.lag_seconds(self._services.wall()))


def co_partitioned(assigned: Iterable[TP], topics: tuple[str, ...]) -> set[int]:
    """Partition numbers assigned, the same of every input topic.

    Raises:
        ValueError: they differ, so that a customer's events would go to different workers.
    """
    tps = list(assigned)
    by_topic = [{tp.partition for tp in tps if tp.topic == topic} for topic in topics]
    if any(numbers != by_topic[0] for numbers in by_topic):
        shown = {topic: sorted(n) for topic, n in zip(topics, by_topic, strict=True)}
        raise ValueError(f"assignment: expected the same partitions of every topic, got {shown}")
    return by_topic[0]


def ended_by(fail: Callable[[BaseException], None]) -> "Callable[[asyncio.Task[None]], None]":
    """Make the callback of a task that should only ever end by being cancelled."""

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            fail(error)

    return ended


def end_process(error: BaseException) -> None:
    """End at once and leave the restart to the supervisor: nothing half-done can be committed."""
    log.critical("ending", error=repr(error), exc_info=error)
    os._exit(CRASHED)
