"""The desk at work: it reads what there is, and goes on where its own assignments say it was.

Nothing notes how far it has read. What it decided is what its compacted topic holds of each
customer; a desk that starts reads that and all cases, and the core decides nothing twice. Making
its transactional id its own comes first: whoever had it can commit no more, and what they had under
way is settled before anything is read.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced
from aiokafka.structs import TopicPartition
from prometheus_client import CollectorRegistry

from schemas import cloud_event_headers
from schemas.outputs.cases import CustomerCase
from schemas.outputs.desk import DeskAssignment
from scoring import ScoringError
from streams.broker.bounded import bounded
from streams.broker.clients import ClientOptions
from streams.broker.message import Message
from streams.broker.partitioner import partitioner
from streams.broker.partitions import NoTopicError, PartitionCountError, partitions_at
from streams.broker.read import is_at_end, onward, reading
from streams.broker.write import write_batches
from streams.config import Settings
from streams.retry import away
from streams.tools.desk.rationing.figures import DeskFigures
from streams.tools.desk.rationing.moves import moves_in, tell_of_refused
from streams.tools.desk.rationing.settings import new_desk, stamps
from streams.tools.desk.topics import DeskError, Record, read

log = structlog.get_logger()

WAIT_MS: Final = 500
NEWS: Final = ("case_topic", "outcome_topic")
AT_ONCE: Final = 2_000  # assignments of one transaction
PATIENCE: Final = 10.0  # seconds without a decision where cases come without an end
LOOK: Final = 15.0  # seconds between figures where nothing changes
PAUSE: Final = 1.0  # seconds until it is begun anew


class OtherDeskError(RuntimeError):
    """Another desk of the same group has begun: there is one at a time."""


async def ration(settings: Settings, stop: asyncio.Event, registry: CollectorRegistry) -> None:
    """Ration cases until asked to stop; Kafka being away only delays.

    Args:
        settings: names, files, and how to reach Kafka. In mode `replay` the clock is the latest
            event time of any case, in mode `live` the wall's.
        stop: set by whoever wants it to end.
        registry: takes the metrics.

    Raises:
        OtherDeskError: another desk has begun meanwhile.
        DeskError: the assignments are none, or there are no cases behind them.
        NoTopicError: Kafka does not know a topic.
        PartitionCountError: one has another number of partitions than the settings say.
        ScoringError: a file says what cannot be used.
    """
    new_desk(settings)  # what is wrong with the files is told at once
    figures = DeskFigures(registry)
    while not stop.is_set():
        try:
            await _begin(settings, stop, figures)
        except (ProducerFenced, InvalidProducerEpoch) as error:
            told = f"{settings.group}-desk: another desk of this group has begun; run one"
            raise OtherDeskError(told) from error
        except (KafkaError, OSError) as error:
            if isinstance(error, NoTopicError) or not away(error):
                raise
            log.warning("begun anew", error=str(error) or type(error).__name__)
            await asyncio.sleep(PAUSE)


async def _begin(settings: Settings, stop: asyncio.Event, figures: DeskFigures) -> None:
    options = ClientOptions(settings)
    producer = options.producer(transactional_id=f"{settings.group}-desk")
    try:
        await bounded("producer", producer.start())
        for topic in (settings.case_topic, settings.outcome_topic, settings.assignment_topic):
            found = len(await partitions_at(producer, topic))
            if found != settings.partitions:
                raise PartitionCountError(topic, settings.partitions, found)
        async with reading(options, WAIT_MS) as consumer:
            await _Rationing(settings, consumer, producer, figures).run(stop)
    finally:
        await bounded("producer's end", producer.stop())


class _Rationing:
    """One desk from its start to its end, or to the first thing that goes wrong."""

    def __init__(
        self,
        settings: Settings,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        figures: DeskFigures,
    ) -> None:
        self._settings, self._figures = settings, figures
        self._consumer, self._producer = consumer, producer
        self._home = partitioner(settings.partitioner)
        self._stamps = stamps(settings)
        self._desk = new_desk(settings)
        self._latest = datetime.fromtimestamp(0, UTC)  # event time, for a replay
        self._erased: list[str] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Remember, read all cases and answers, and go on with what comes."""
        async for records, is_all in onward(self._consumer, self._places("assignment_topic")):
            for record in records:
                self._remember(record)
            if is_all or stop.is_set():
                break
        cases = set[str]()
        async for records, is_all in onward(self._consumer, self._places(*NEWS)):
            cases.update(filter(None, map(self._hear, records)))
            if is_all or stop.is_set():
                break
        if stop.is_set():
            return
        self._forget_who_has_no_case(cases)
        log.info("all read", cases=len(cases), assignments=len(self._desk.customers))
        await self._go_on(stop)

    async def _go_on(self, stop: asyncio.Event) -> None:
        decided = looked = -PATIENCE
        places = self._places(*NEWS)
        while not stop.is_set():
            now = time.monotonic()
            if now - decided > PATIENCE or await is_at_end(self._consumer, places):
                decided = now
                before = self._desk.handed_out.copy()
                told = self._desk.decide(self._clock())
                tell_of_refused(self._desk)
                out = self._desk.handed_out - before
                await self._write(told, out.total())
                self._figures.count(told, out)
                if told or now - looked > LOOK:
                    looked = now
                    if self._has_other_files():
                        return
                    self._figures.look(self._desk, self._clock(), time.time())
            for records in (await self._consumer.getmany(timeout_ms=WAIT_MS)).values():
                for record in records:
                    self._hear(record)

    def _has_other_files(self) -> bool:
        """Whether other rules or lists are to be begun anew with; what cannot be used is told."""
        found, self._stamps = self._stamps, stamps(self._settings)
        if found == self._stamps:
            return False
        try:
            new_desk(self._settings)
        except (ScoringError, OSError) as error:
            self._figures.refused.inc()
            log.warning("files refused", told=str(error), note="those before stay in use")
            return False
        log.info("files changed")
        return True

    def _clock(self) -> datetime:
        return self._latest if self._settings.mode == "replay" else datetime.now(UTC)

    def _places(self, *topics: str) -> list[TopicPartition]:
        names = [getattr(self._settings, topic) for topic in topics]
        return [TopicPartition(n, p) for n in names for p in range(self._settings.partitions)]

    def _remember(self, record: Record) -> None:
        if record.value is None:
            self._desk.forget((record.key or b"").decode(errors="replace"))
            return
        assignment = read(DeskAssignment, record)
        self._latest = max(self._latest, assignment.event_time)
        self._desk.recall(assignment)

    def _hear(self, record: Record) -> str | None:
        """Take a case, or who is to have one; the customer's id if they have a case."""
        if record.topic == self._settings.outcome_topic:
            for move in moves_in(record, self._settings.future_tolerance):
                self._desk.move(move)
            return None
        customer = (record.key or b"").decode(errors="replace")
        if record.value is None:
            if self._desk.forget(customer):
                self._erased.append(customer)
            return None
        try:
            case = read(CustomerCase, record)
        except DeskError as error:
            self._figures.unreadable.inc()
            log.warning("not a case", told=str(error))
            return customer
        self._latest = max(self._latest, case.event_time)
        self._desk.hear(case)
        return customer

    def _forget_who_has_no_case(self, cases: set[str]) -> None:
        """Of whom the case topic has nothing was erased while no desk was there to read it."""
        gone = sorted(self._desk.customers - cases)
        if gone and not cases:
            topic, count = self._settings.case_topic, len(gone)
            raise DeskError(
                f"{topic}: expected the cases behind {count} assignments of "
                f"{self._settings.assignment_topic}, got none; is it the topic that they are about?"
            )
        for customer in gone:
            self._desk.forget(customer)
        self._erased += gone

    async def _write(self, told: Sequence[DeskAssignment], out: int) -> None:
        """Write what was decided, in transactions of which each leaves a whole state behind."""
        erased, self._erased = self._erased, []
        for start in range(0, len(erased), AT_ONCE):
            await bounded("transaction", self._erase(erased[start : start + AT_ONCE]))
        for start in range(0, len(told), AT_ONCE):
            await bounded("transaction", self._tell(told[start : start + AT_ONCE]))
        if told or erased:
            log.info("decided", told=len(told), handed_out=out, erased=len(erased))

    async def _erase(self, customers: Sequence[str]) -> None:
        """Let the topic forget customers."""
        topic = self._settings.assignment_topic
        async with self._producer.transaction():
            for customer in customers:
                place = self._home.one(customer.encode(), self._settings.partitions)
                await self._producer.send(topic, None, customer.encode(), partition=place)

    async def _tell(self, told: Iterable[DeskAssignment]) -> None:
        by_partition: dict[int, list[Message]] = {}
        source = f"/ebbwatch/{self._settings.group}/desk"
        for each in told:
            key, body = each.customer_id.encode(), each.model_dump_json().encode()
            message = Message(key, body, headers=cloud_event_headers(each, source))
            place = self._home.one(key, self._settings.partitions)
            by_partition.setdefault(place, []).append(message)
        async with self._producer.transaction():
            for place, own in by_partition.items():
                await write_batches(self._producer, self._settings.assignment_topic, place, own)
