"""A Faust transport that moves record batches: one message is all a fetch brought of a partition.

Faust spends about 85 us on moving one message from the consumer to an agent. Moving a batch costs
the same, so agents that take batches are faster by the batch's length. All else stays Faust's: the
app, agents, topics, assignor and rebalance listeners. Broker URLs start with `ebbwatch://`.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import aiokafka
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.intake.records import Records

FETCH_WAIT_MS = 250  # Faust fixes 1500, which is how long a drained partition would idle
HELD_POLL = 0.02  # seconds until a held partition is looked at again


class Batch(Records):
    """Records a fetch brought of one partition, in offset order.

    Attributes:
        number: of the batch since the partition was last sought, from 0; None before that. A gap
            between offsets is no sign of loss, as transactions leave gaps; one between numbers is.
    """

    number: int | None = None


class End(NamedTuple):
    """How far a partition was read, and how far it can be: both next offsets."""

    position: int
    end: int | None


class Progress(Protocol):
    """Who knows what was applied: asked instead of Kafka's committed offsets."""

    def applied_offset(self, topic: str, partition: int) -> int | None:
        """Next offset to apply, or None where the partition is not owned."""

    def on_fetch(self, fetched: Mapping[TP, int], ends: Mapping[TP, End]) -> None:
        """Hear what a fetch brought (next offsets) and where the partitions end."""

    def held(self) -> frozenset[TP]:
        """Partitions that must not be fetched for now, their inbox being full."""


class _BatchScheduler:
    """Yield each partition's records whole instead of one by one."""

    def iterate(self, records: Mapping[TP, Records]) -> Iterator[tuple[TP, Records]]:
        return iter(list(records.items()))


class _Fetched(dict[TP, Batch]):
    """Records, and where their partitions ended at the same moment."""

    ends: Mapping[TP, End]


class _ConsumerThread(driver.AIOKafkaConsumerThread):
    def __post_init__(self) -> None:
        super().__post_init__()
        self._numbers: dict[TP, int] = {}

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # Faust reads aborted transactions unless it writes its own; its settings cannot say so.
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        return consumer

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> _Fetched:  # noqa: ANN401
        drained = await super()._fetch_records(*args, **kwargs)
        fetched = _Fetched({tp: self._numbered(tp, records) for tp, records in drained.items()})
        fetched.ends = self._ends()
        return fetched

    def _numbered(self, tp: TP, records: Records) -> Batch:
        batch = Batch(records)
        batch.number = self._numbers.get(tp)
        if batch.number is not None:
            self._numbers[tp] = batch.number + 1
        return batch

    async def _seek_wait(
        self, consumer: aiokafka.AIOKafkaConsumer, partitions: Mapping[TP, int]
    ) -> None:
        self._numbers.update(dict.fromkeys(partitions, 0))
        await super()._seek_wait(consumer, partitions)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        self._numbers.clear()
        await super().on_partitions_revoked(revoked)

    def _ends(self) -> dict[TP, End]:
        subscription = self._ensure_consumer()._subscription.subscription  # noqa: SLF001
        assignment = subscription.assignment if subscription else None
        if assignment is None:
            return {}
        states = {TP(tp.topic, tp.partition): assignment.state_value(tp) for tp in assignment.tps}
        return {
            tp: End(state.position, state.lso if state.lso is not None else state.highwater)
            for tp, state in states.items()
            if state.has_valid_position
        }


class Consumer(driver.Consumer):
    """Faust's consumer, in batches, reading and committing where `app.progress` says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.scheduler = _BatchScheduler()

    @property
    def progress(self) -> Progress:
        """The app's record of what was applied."""
        progress: Progress = self.app.progress
        return progress

    def _new_consumer_thread(self) -> _ConsumerThread:
        return _ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    def _to_message(self, tp: TP, record: Records) -> ConsumerMessage:
        last = record[-1]
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000.0,
            last.timestamp_type,
            (),
            None,
            record,
            None,
            tp=tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ANN401, ASYNC109
        held = self.progress.held()
        wanted = (active_partitions or set()) - held
        if not wanted:
            await asyncio.sleep(HELD_POLL)
            return {}
        # What a held partition has ready does not end the wait, so the wait must be short.
        fetched = await super()._getmany(wanted, HELD_POLL if held else timeout)
        if isinstance(fetched, _Fetched):
            nexts = {tp: records[-1].offset + 1 for tp, records in fetched.items()}
            self.progress.on_fetch(nexts, fetched.ends)
        return fetched

    async def perform_seek(self) -> None:
        """Seek every owned partition to the first offset its state has not seen."""
        known = {
            tp: self.progress.applied_offset(tp.topic, tp.partition) for tp in self.assignment()
        }
        offsets = {tp: offset for tp, offset in known.items() if offset is not None}
        for tp in offsets:
            self._committed_offset[tp] = None
        if offsets:
            await self._thread.seek_wait(offsets)

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:  # noqa: ANN401
        tps: Iterable[TP] = self.assignment()
        return (tp for tp in tps if topics is None or tp in topics or tp.topic in topics)

    def _new_offset(self, tp: TP) -> int | None:
        """Mirror the applied offset to Kafka; acks say only that an agent took the batch."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        return self.progress.applied_offset(tp.topic, tp.partition)


class Transport(driver.Transport):
    """The entry point `faust.transports`: ebbwatch."""

    Consumer = Consumer
