"""A Faust transport that moves record batches: one message is all a fetch brought of a partition.

Faust spends about 85 us on moving one message from the consumer to an agent. Moving a batch costs
the same, so agents that take batches are faster by the batch's length. All else stays Faust's: the
app, agents, topics, assignor and rebalance listeners. Broker URLs start with `ebbwatch://`.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import aiokafka
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from aiokafka.structs import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from streams.broker.any_headers import read_any_headers
from streams.intake.progress import Batch, End, Jump, Progress
from streams.intake.records import Records

LOGGER = logging.getLogger("faust.ebbwatch")  # quiet as a library is, not as this module
FETCH_WAIT_MS = 250  # Faust fixes 1500, which is how long a drained partition would idle
HELD_POLL = 0.02  # seconds until a held partition is looked at again


class _BatchScheduler:
    """Yield each partition's records whole instead of one by one."""

    def iterate(self, records: Mapping[TP, Records]) -> Iterator[tuple[TP, Records]]:
        return iter(list(records.items()))


class _Fetched(dict[TP, Batch]):
    """Records, where their partitions ended at the same moment, and what is gone of them."""

    ends: Mapping[TP, End]
    jumps: Mapping[TP, Jump]


class _ConsumerThread(driver.AIOKafkaConsumerThread):
    logger = LOGGER

    def __post_init__(self) -> None:
        super().__post_init__()
        self._numbers: dict[TP, int] = {}
        self._sought: dict[TP, int] = {}
        self._answers: dict[TP, tuple[int | None, float]] = {}

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        read_any_headers()
        consumer = super()._create_worker_consumer(transport)
        # Faust reads aborted transactions unless it writes its own; its settings cannot say so.
        consumer._isolation_level = "read_committed"  # noqa: SLF001
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001
        return consumer

    async def _fetch_records(self, *args: Any, **kwargs: Any) -> _Fetched:  # noqa: ANN401
        drained, jumps = {}, {}
        try:
            drained = await super()._fetch_records(*args, **kwargs)
        except NoOffsetForPartitionError:
            pass  # assigned a moment ago: it will be sought to where Redis stands
        except OffsetOutOfRangeError as error:
            jumps = await self._jumped(self._ensure_consumer(), error.args[0])
        fetched = _Fetched({tp: self._numbered(tp, records) for tp, records in drained.items()})
        fetched.ends, fetched.jumps = self._ends(), jumps
        return fetched

    async def _jumped(
        self, consumer: aiokafka.AIOKafkaConsumer, wanted: Mapping[TopicPartition, int]
    ) -> dict[TP, Jump]:
        """Go on where a partition begins now; where it ends before, it is for others to decide."""
        jumps: dict[TP, Jump] = {}
        for place, offset in wanted.items():
            tp = TP(place.topic, place.partition)
            try:
                if tp not in self._sought or await consumer.position(place) != offset:
                    continue  # it was sought elsewhere meanwhile
                first = (await consumer.beginning_offsets([place]))[place]
                last = (await consumer.end_offsets([place]))[place]
            except KafkaError:
                continue  # the next fetch is refused again
            if offset < first:
                consumer.seek(place, first)
                jumps[tp] = Jump(offset, first)
            elif offset > last:
                jumps[tp] = Jump(offset, last)
        return jumps

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
        self._sought.update(partitions)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        self._numbers.clear()
        self._sought.clear()
        self._answers.clear()
        await super().on_partitions_revoked(revoked)

    def _ends(self) -> dict[TP, End]:
        subscription = self._ensure_consumer()._subscription.subscription  # noqa: SLF001
        assignment = subscription.assignment if subscription else None
        if assignment is None:
            return {}
        states = {TP(tp.topic, tp.partition): assignment.state_value(tp) for tp in assignment.tps}
        return {
            tp: End(
                states[tp].position,
                states[tp].highwater,
                self._heard(tp, states[tp].timestamp),
                sought,
                states[tp].lso,
            )
            for tp, sought in self._sought.items()
            if tp in states and states[tp].has_valid_position
        }

    def _heard(self, tp: TP, answered: int | None) -> float:
        """When a partition's last answer came; aiokafka only keeps its time by the wall clock."""
        known = self._answers.get(tp)
        if known is None or known[0] != answered:
            known = self._answers[tp] = answered, time.monotonic()
        return known[1]


class Consumer(driver.Consumer):
    """Faust's consumer, in batches, reading and committing where `app.progress` says."""

    logger = LOGGER

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
            for tp, jump in fetched.jumps.items():
                self.progress.on_jump(tp, jump)
            self.progress.on_fetch(nexts, fetched.ends)
        return fetched

    def outside(self) -> BaseException | None:
        """The error for which it is outside its group until `go_on`.

        aiokafka waits for whoever polls it to take the error, and Faust takes it from no poll.
        """
        consumer = self._thread._consumer  # noqa: SLF001
        coordinator = consumer and consumer._coordinator  # noqa: SLF001
        if not isinstance(coordinator, GroupCoordinator):
            return None
        routine: asyncio.Task[None] = coordinator._coordination_task  # noqa: SLF001
        has_ended = routine.done() and not routine.cancelled()
        error: BaseException | None = coordinator._pending_exception  # noqa: SLF001
        return error or (routine.exception() if has_ended else None)

    def go_on(self) -> None:
        """Join the group again after an error that has passed."""
        coordinator = self._thread._ensure_consumer()._coordinator  # noqa: SLF001

        def taken() -> None:
            with suppress(KafkaError):
                coordinator.check_errors()

        self._thread.thread_loop.call_soon_threadsafe(taken)

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
