"""The outbox relay: moves a partition's messages to Kafka, each exactly once.

In one Kafka transaction it publishes a stretch of the outbox and commits the stretch's last number
as the offset of a placeholder partition for the relay group. Initialising the transactional id at
the start fences an older relay and settles what it left open, so the committed position tells what
a read-committed consumer can see; the outbox in Redis is trimmed only behind it.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from streams.broker.clients import ClientOptions
from streams.broker.headers import split_headers
from streams.broker.message import Message
from streams.broker.read import tail
from streams.broker.write import write_batches
from streams.retry import WAITS, Wait, persist
from streams.store import Entry, Store

log = structlog.get_logger()

STRETCH: Final = 4_000
BATCH_BYTES: Final = 512 << 10
TAIL: Final = 5_000
RECOMMIT: Final = 86_400.0  # an idle group's offsets expire after 7 days
NUMBER_HEADER: Final = "ebbwatch-outbox"


class Relay:
    """Publishes one partition's outbox.

    Args:
        partition: its number.
        owner: who claimed the partition; only its word is taken for what is published.
        store: holds the outbox.
        options: how to reach Kafka.
        group: relay group, whose committed offset is the position.
        placeholder: an existing topic, whose partition of this number carries the position.
        topics: topics the outbox may name, whose tails tell a position that Kafka has forgotten.
        on_published: told of every published entry.
    """

    def __init__(
        self,
        partition: int,
        owner: str,
        store: Store,
        options: ClientOptions,
        *,
        group: str,
        placeholder: str,
        topics: tuple[str, ...],
        on_published: Callable[[Entry], None],
    ) -> None:
        self._partition, self._owner = partition, owner
        self._store, self._options = store, options
        self._group, self._topics, self._on_published = group, topics, on_published
        self._place = TopicPartition(placeholder, partition)
        self._producer: AIOKafkaProducer | None = None
        self._waits = Wait("publish", f"relay {partition}")
        self._wake = asyncio.Event()
        self._confirmed = 0.0
        self.position = 0

    def wake(self) -> None:
        """Look at the outbox soon."""
        self._wake.set()

    async def run(self) -> None:
        """Relay until cancelled; Kafka or Redis being away only delays."""
        try:
            while True:
                try:
                    await self._serve()
                except (KafkaError, OSError) as error:
                    WAITS.note(self._waits, error)
                    await asyncio.sleep(1.0)
        finally:
            WAITS.over(self._waits)
            await self._stop_producer()

    async def _serve(self) -> None:
        """Start afresh: a transaction that failed half-way is settled by a new initialisation."""
        await self._stop_producer()
        self._producer = self._options.producer(
            transactional_id=f"{self._group}-{self._partition}", max_batch_size=BATCH_BYTES
        )
        await self._producer.start()
        self.position = await self._recover()
        await self._trim()
        WAITS.over(self._waits)
        while True:
            while await self._publish_stretch():
                pass
            await self._keep_position()
            await self._wait()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):  # wait_for can swallow a cancellation (Python 3.11)
                await self._wake.wait()
        self._wake.clear()

    async def _publish_stretch(self) -> bool:
        waiting = await persist(
            "outbox", lambda: self._store.outbox(self._partition, self.position, STRETCH)
        )
        if not waiting:
            return False
        last = waiting[-1][0]
        await self._transact(waiting, last)
        self.position = last
        for _, entry in waiting:
            self._on_published(entry)
        await self._trim()
        return True

    async def _transact(self, entries: list[tuple[int, Entry]], position: int) -> None:
        producer = self._producer
        assert producer is not None  # noqa: S101 - set by _serve
        async with producer.transaction():
            for topic, numbered in _by_topic(entries).items():
                messages = [self._message(number, entry) for number, entry in numbered]
                await write_batches(producer, topic, self._partition, messages)
            offsets = {self._place: OffsetAndMetadata(position, "")}
            await producer.send_offsets_to_transaction(offsets, self._group)
        self._confirmed = time.monotonic()

    def _message(self, number: int, entry: Entry) -> Message:
        headers = split_headers(entry.headers)
        headers.append((NUMBER_HEADER, b"%d:%d" % (self._partition, number)))
        return Message(entry.key, entry.value, headers=headers)

    async def _keep_position(self) -> None:
        if self.position and time.monotonic() - self._confirmed > RECOMMIT:
            await self._transact([], self.position)

    async def _trim(self) -> None:
        if self.position:
            place = self._partition, self._owner, self.position
            await persist("outbox", lambda: self._store.forget_published(*place))

    async def _recover(self) -> int:
        """Position a read-committed consumer has seen, from the group or the topics' tails."""
        admin = AIOKafkaAdminClient(**self._options.common())
        await admin.start()
        try:
            found = await admin.list_consumer_group_offsets(self._group, partitions=[self._place])
        finally:
            await admin.close()
        offset = found[self._place].offset if self._place in found else -1
        return offset if offset >= 0 else await self._position_from_tails()

    async def _position_from_tails(self) -> int:
        first = await persist("outbox", lambda: self._store.outbox(self._partition, 0, 1))
        if not first:
            return 0
        published = await self._numbers_in_tails()
        return max([first[0][0] - 1, *published])

    async def _numbers_in_tails(self) -> list[int]:
        consumer = self._options.consumer(isolation_level="read_committed")
        await consumer.start()
        try:
            return [n for topic in self._topics for n in await self._tail(consumer, topic)]
        finally:
            await consumer.stop()

    async def _tail(self, consumer: AIOKafkaConsumer, topic: str) -> list[int]:
        place = TopicPartition(topic, self._partition)
        found = tail(consumer, place, TAIL)
        return [n async for record in found for n in self._numbers(record.headers)]

    def _numbers(self, headers: tuple[tuple[str, bytes], ...]) -> list[int]:
        named = [value.decode() for name, value in headers if name == NUMBER_HEADER]
        parts = [value.split(":") for value in named]
        return [int(number) for partition, number in parts if int(partition) == self._partition]

    async def _stop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                await producer.stop()
            except (KafkaError, OSError) as error:
                log.warning("relay producer", partition=self._partition, error=repr(error))


def _by_topic(entries: list[tuple[int, Entry]]) -> dict[str, list[tuple[int, Entry]]]:
    """Entries by topic, in order within each."""
    topics: dict[str, list[tuple[int, Entry]]] = defaultdict(list)
    for number, entry in entries:
        topics[entry.topic].append((number, entry))
    return topics
