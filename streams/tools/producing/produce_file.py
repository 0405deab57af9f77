"""Writing a file's events to the input topics: each to the topic of its type, keyed by customer.

The whole file is checked before anything of it is written. It is written in transactions, each of
which also says how far the file is written: what a killed run left is gone on with, and a file that
was written before is not written twice (`streams.tools.producing.produced`).
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import BinaryIO, Final

from aiokafka import AIOKafkaProducer

from streams.broker.clients import ClientOptions
from streams.broker.message import Message, partition_of
from streams.broker.partitioner import Partitioner, partitioner
from streams.broker.partitions import TopicFound
from streams.broker.topics import find_topics
from streams.broker.write import BATCH_BYTES, produce, write_batches
from streams.config import Settings
from streams.intake.rates import RateTable
from streams.tools.producing.checked_lines import Checked, check, route_lines
from streams.tools.producing.produced import FileLines, Position, key_of, read_position

AT_ONCE: Final = 20_000  # lines in a transaction


class MissingTopicError(LookupError):
    """Events are for a topic that does not exist."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"{topic}: no such topic; create the topics: ebbwatch topics create")
        self.topic = topic


class OtherContentError(ValueError):
    """A file begins as another one of which lines were written, and is another."""

    def __init__(self, name: str, position: Position) -> None:
        super().__init__(
            f"{name}: {position.lines} lines of a file that began with the same line were written "
            f"at {position.at}; expected those to stand here as they were, got others; --again "
            "writes all of it, and workers know their customers' last 40 events"
        )
        self.position = position


@dataclass(frozen=True)
class Produced:
    """What became of a file.

    Attributes:
        topics: events written, by topic.
        before: lines an earlier run had written.
        repeats: lines left out, since an earlier line has their customer, source and event id.
        checked: what the file holds.
    """

    topics: Mapping[str, int]
    before: int
    repeats: int
    checked: Checked


@dataclass(frozen=True)
class FileWriter:
    """Writes one file.

    Attributes:
        settings: name and reach the topics.
        rates: by which workers are taken to convert amounts.
        topic: where all lines go; None sends each to the topic of its type.
        again: begin anew, whatever was written before.
        unchecked: write also what workers would set aside.
        tell: told what is counted, how much of it is done, and of about how much.
    """

    settings: Settings
    rates: RateTable
    topic: str | None = None
    again: bool = False
    unchecked: bool = False
    tell: Callable[[str, int, int], None] = lambda *_: None

    def write(self, file: BinaryIO, name: str) -> Produced:
        """Write a file of JSON lines that can be sought in.

        Raises:
            LineError: a line cannot be used; nothing was written.
            MissingTopicError: a topic does not exist; nothing was written.
            OtherContentError: see there; nothing was written.
            kafka.errors.KafkaError: Kafka cannot be reached, or refuses.
        """
        checked = check(
            self.settings,
            FileLines(file, partial(self.tell, "Checking lines")),
            self.topic,
            rates=self.rates,
            unchecked=self.unchecked,
        )
        options = ClientOptions(self.settings)
        found = find_topics(self.settings.kafka_bootstrap, **options.kafka_python())
        for topic in (*checked.topics, self.settings.progress_topic):
            if topic not in found:
                raise MissingTopicError(topic)
        if not checked.lines:
            return Produced({}, 0, 0, checked)
        return asyncio.run(self._write(file, name, checked, found))

    async def _write(
        self, file: BinaryIO, name: str, checked: Checked, found: Mapping[str, TopicFound]
    ) -> Produced:
        topics = (self.topic,) if self.topic else self.settings.input_topics
        key = key_of(checked.first, [found[topic].id for topic in topics if topic in found])
        options = ClientOptions(self.settings)
        # The same file's earlier writer, if it lives, is fenced; what it left open is undone.
        producer = options.producer(
            transactional_id=f"{self.settings.group}-produce-{key.decode()}",
            max_batch_size=BATCH_BYTES,
        )
        await producer.start()
        try:
            place = self.settings.progress_topic, partition_of(key, self._partitions(found))
            before = None if self.again else await read_position(options, *place, key)
            reading = FileLines(file, partial(self.tell, "Writing lines"), until=checked.size)
            if before is not None and not reading.skip(before):
                raise OtherContentError(name, before)
            by = partitioner(self.settings.partitioner)
            writing = _Writing(self, producer, found, place, key, by)
            return await writing.all_of(reading, checked, before.lines if before else 0)
        finally:
            await producer.stop()

    def _partitions(self, found: Mapping[str, TopicFound]) -> int:
        return found[self.settings.progress_topic].partitions


def _untold(_: int) -> None:
    """What is written is told of by lines instead."""


@dataclass(frozen=True)
class _Writing:
    """A file being written."""

    of: FileWriter
    producer: AIOKafkaProducer
    found: Mapping[str, TopicFound]
    place: tuple[str, int]
    key: bytes
    partitioner: Partitioner

    async def all_of(self, reading: FileLines, checked: Checked, before: int) -> Produced:
        topics: Counter[str] = Counter()
        at, repeats = before, 0
        for routed in route_lines(self.of.settings, reading, self.of.topic, AT_ONCE):
            kept = [each for n, each in enumerate(routed, at) if n not in checked.repeats]
            repeats += len(routed) - len(kept)
            at += len(routed)
            by_topic: dict[str, list[Message]] = defaultdict(list)
            for topic, message in kept:
                by_topic[topic].append(message)
            await self._transact(by_topic, replace(reading.position, lines=at))
            topics.update({topic: len(messages) for topic, messages in by_topic.items()})
        return Produced(dict(topics), before, repeats, checked)

    async def _transact(self, by_topic: Mapping[str, list[Message]], position: Position) -> None:
        async with self.producer.transaction():
            for topic, messages in by_topic.items():
                count = self.found[topic].partitions
                await produce(self.producer, topic, messages, count, _untold, self.partitioner)
            note = Message(self.key, position.packed())
            await write_batches(self.producer, *self.place, [note])
