"""All partitions a worker owns: claims them at a rebalance, hands them records, lets them go."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

import structlog
from faust.types import TP

from streams.intake.inbox import SkippedError
from streams.intake.progress import End, Jump
from streams.intake.records import Records
from streams.outbox.relay import Relay
from streams.partition.owned import Owned, end_process
from streams.partition.sequencer import Sequencer
from streams.partition.services import Services
from streams.retry import passing, persist
from streams.store import Claim, Fenced, Lost

log = structlog.get_logger()

SAMPLE: Final = 2.0  # seconds between readings of what only Redis knows
GRACE: Final = 30.0  # seconds within which who was fenced must hear of the rebalance that did it


class ShrunkTopicError(ValueError):
    """A topic ends before what was read of it: it was made anew, or Kafka lost records."""

    def __init__(self, what: str, wanted: int, found: int) -> None:
        super().__init__(
            f"{what}: expected an offset of {wanted} or more at its end, got {found}; if it was "
            "made anew, stop the workers and run: ebbwatch topics adopt"
        )


class Ownership:
    """Implements the transport's `Progress` over the partitions owned now.

    Args:
        services: shared by all partitions.
        topics: input topics, co-partitioned.
        relay: makes the relay of a partition that was claimed.
        fail: told of an error that no retry mends; ends the process.
    """

    def __init__(
        self,
        services: Services,
        topics: tuple[str, ...],
        relay: Callable[[int, Claim], Relay],
        fail: Callable[[BaseException], None] | None = None,
    ) -> None:
        self._services, self._topics, self._relay = services, topics, relay
        self._fail = fail or end_process
        self.owned: dict[int, Owned] = {}
        self._claimed = asyncio.Event()

    @property
    def is_assigned(self) -> bool:
        """Whether all that is assigned, be it nothing, is owned."""
        return self._claimed.is_set()

    async def claimed(self) -> None:
        """Wait until all that is assigned is owned; what is fetched before would be lost."""
        await self._claimed.wait()

    async def release(self) -> None:
        """Let all partitions go: at a rebalance all are revoked first."""
        self._claimed.clear()
        owned, self.owned = self.owned, {}
        await asyncio.gather(*(each.release() for each in owned.values()))
        self._services.metrics.forget_partitions()
        if self._services.panel is not None:
            self._services.panel.forget()

    async def drain(self) -> None:
        """Apply nothing more, and wait until all that was applied is published."""
        store = self._services.store
        with passing():
            await asyncio.gather(*(each.drain(store) for each in self.owned.values()))

    async def claim(
        self, assigned: Iterable[TP], topic_ids: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Own the assigned partitions, fencing off who owned them before.

        Raises:
            ValueError: the input topics are not assigned together.
        """
        numbers = co_partitioned(assigned, self._topics)
        await self.release()
        await asyncio.gather(*(self._claim(number, topic_ids) for number in numbers))
        self._claimed.set()
        log.info("claimed", partitions=sorted(numbers))

    async def _claim(self, number: int, topic_ids: Mapping[str, str]) -> None:
        claim = await persist("claim", lambda: self._services.store.claim(number))
        relay = self._relay(number, claim)
        partition = Sequencer(number, claim, self._services, relay.wake, topic_ids)
        self.owned[number] = Owned(partition, relay, self._on_error)

    def _on_error(self, owned: Owned, error: BaseException) -> None:
        """End the process, but for who was fenced by a rebalance that is on its way."""
        if not isinstance(error, Fenced) or error.is_backward:
            self._fail(error)
            return
        log.info("fenced", error=str(error))
        owned.stop()
        loop = asyncio.get_running_loop()
        loop.call_later(GRACE, self._end_if_owned, owned, error)

    def _end_if_owned(self, owned: Owned, error: Fenced) -> None:
        if owned in self.owned.values():
            self._fail(error)

    def feed(self, records: Records) -> None:
        """Hand records of one topic-partition to its sequencer; ignored when it was revoked."""
        owned = self.owned.get(records[0].partition)
        if owned is None:
            return
        try:
            owned.partition.feed(records[0].topic, records)
        except SkippedError as error:
            self._fail(error)

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

    def on_jump(self, tp: TP, jump: Jump) -> None:
        """See `Progress.on_jump`: note what is gone; end where the topic is not what it was."""
        owned = self.owned.get(tp.partition)
        if owned is None:
            return
        wanted, found = jump
        if found < wanted:
            what = f"topic {tp.topic}, partition {tp.partition}"
            self._fail(ShrunkTopicError(what, wanted, found))
            return
        owned.partition.accounts.gone(tp.topic, jump)

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
            for number, owned in self.owned.items():
                self._show_lag(number, owned.partition)
            for number, owned in list(self.owned.items()):
                with passing():  # the next sample tries again; lag must show meanwhile
                    await self._check(number, owned)
                    await self._show_counts(number, owned)
            self._services.set_aside_log.tell()
            await asyncio.sleep(SAMPLE)

    async def _check(self, number: int, owned: Owned) -> None:
        """Find out also of an idle partition that Redis went back, or another owner came."""
        partition = owned.partition
        try:
            await self._services.store.check(number, partition.owner, partition.sequence)
        except (Fenced, Lost) as error:
            if self.owned.get(number) is owned:
                self._on_error(owned, error)

    def _show_lag(self, number: int, partition: Sequencer) -> None:
        metrics, label, wall = self._services.metrics, str(number), self._services.wall()
        for topic, inbox in partition.inboxes.items():
            metrics.lag.labels(topic, label).set(inbox.lag)
            metrics.lag_seconds.labels(topic, label).set(inbox.lag_seconds(wall))
            metrics.fetch_age.labels(topic, label).set(inbox.unheard)

    async def _show_counts(self, number: int, owned: Owned) -> None:
        metrics, store, label = self._services.metrics, self._services.store, str(number)
        customers, waiting, due = await store.counts(number, owned.partition.clock)
        brake = await store.brake(number)
        if self.owned.get(number) is owned:
            owned.partition.brake.see(brake)
            metrics.customers.labels(label).set(customers)
            metrics.outbox.labels(label).set(waiting)
            metrics.timers_due.labels(label).set(due)


def co_partitioned(assigned: Iterable[TP], topics: tuple[str, ...]) -> set[int]:
    """Partition numbers assigned, the same of every input topic.

    Raises:
        ValueError: they differ, so that a customer's events would go to different workers.

    >>> co_partitioned([TP("a", 3), TP("b", 3)], ("a", "b"))
    {3}
    """
    tps = list(assigned)
    by_topic = [{tp.partition for tp in tps if tp.topic == topic} for topic in topics]
    if any(numbers != by_topic[0] for numbers in by_topic):
        shown = {topic: sorted(n) for topic, n in zip(topics, by_topic, strict=True)}
        raise ValueError(f"assignment: expected the same partitions of every topic, got {shown}")
    return by_topic[0]
