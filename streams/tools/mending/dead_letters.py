"""Dead letters as they stand in their topics, and putting what was repaired back, each once.

A record goes back in one Kafka transaction with a note of its letter's id in the topic that also
says how far files are written: so whatever kills a replay, the next one knows what is back.
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.structs import ConsumerRecord, TopicPartition

from schemas import BatchAdapter, DeadLetter, Interaction, Transaction
from streams.broker.clients import ClientOptions
from streams.broker.message import Message, partition_of
from streams.broker.partitioner import partitioner
from streams.broker.read import numbers, reading, tail
from streams.broker.write import write_batches
from streams.config import Settings, dead_letter_topic
from streams.intake.decode import Decoder
from streams.intake.rates import RateTable

AT_ONCE: Final = 1_000  # letters in a transaction
_NOTE: Final = b"dlq:"


@dataclass(frozen=True)
class FoundLetter:
    """A dead letter.

    Attributes:
        id: `topic-partition-offset` of its record.
        topic: the record's.
        reason: code of why it was set aside.
        message: where, what was expected and what came.
        timestamp: when it was set aside, epoch seconds.
        value: of the record; None where only metadata was kept.
    """

    id: str
    topic: str
    reason: str
    message: str
    timestamp: float
    value: bytes | None


@dataclass(frozen=True)
class PutBack:
    """What became of letters.

    Attributes:
        back: ids of those whose records were put back.
        before: of those that an earlier replay had put back.
        without: of those of which only metadata is left.
        refused: why, by id, those would be set aside again.
    """

    back: tuple[str, ...]
    before: tuple[str, ...]
    without: tuple[str, ...]
    refused: Mapping[str, str]


async def read_letters(settings: Settings) -> list[FoundLetter]:
    """All dead letters that are kept, by topic and partition; one that was sent twice counts once.

    Raises:
        aiokafka.errors.KafkaError: Kafka cannot be reached, or refuses.
    """
    found: dict[str, FoundLetter] = {}
    async with reading(ClientOptions(settings)) as consumer:
        for topic in map(dead_letter_topic, settings.input_topics):
            for number in await numbers(consumer, topic):
                async for record in tail(consumer, TopicPartition(topic, number)):
                    if (letter := letter_of(record, settings.input_topics)) is not None:
                        found.setdefault(letter.id, letter)
    return list(found.values())


async def replay_letters(
    settings: Settings,
    rates: RateTable,
    letters: Sequence[FoundLetter],
    repaired: Mapping[str, bytes],
) -> PutBack:
    """Put records back into the topics they came from, each once however often this is run.

    Args:
        settings: where topics are.
        rates: by which workers convert amounts.
        letters: to be put back.
        repaired: values in place of those kept, by letter's id.

    Raises:
        aiokafka.errors.KafkaError: Kafka cannot be reached, or refuses.
    """
    options = ClientOptions(settings)
    # Of two replays at once the earlier is fenced, so the notes read now are all there are.
    producer = options.producer(transactional_id=f"{settings.group}-dlq")
    async with producer:
        noted = await _noted(options, settings)
        before = tuple(each.id for each in letters if each.id in noted)
        values = {each.id: repaired.get(each.id, each.value) for each in letters}
        without = tuple(name for name, value in values.items() if value is None)
        left = [each for each in letters if each.id not in {*noted, *without}]
        made = {each.id: _record(settings, rates, each, values[each.id]) for each in left}
        refused = {name: why for name, why in made.items() if isinstance(why, str)}
        good = [(each, made[each.id]) for each in left if each.id not in refused]
        for start in range(0, len(good), AT_ONCE):
            await _transact(settings, producer, good[start : start + AT_ONCE])
        return PutBack(tuple(each.id for each, _ in good), before, without, refused)


async def _transact(
    settings: Settings, producer: AIOKafkaProducer, good: Iterable[tuple[FoundLetter, Any]]
) -> None:
    home, count = partitioner(settings.partitioner), settings.partitions
    async with producer.transaction():
        for letter, message in good:
            place = home.one(message.key, count)
            await write_batches(producer, letter.topic, place, [message])
            note = Message(_NOTE + letter.id.encode(), str(time.time()).encode())
            place = partition_of(note.key, count)
            await write_batches(producer, settings.progress_topic, place, [note])


def _record(
    settings: Settings, rates: RateTable, letter: FoundLetter, value: bytes | None
) -> Message | str:
    """The record to put back, or why it would be set aside again."""
    contract: Any = Transaction if letter.topic == settings.transaction_topic else Interaction
    adapter: BatchAdapter[Any] = BatchAdapter(contract)
    event, refused = adapter.alone(0, value or b"")
    if event is None:
        return f"{refused.where}: expected {refused.expected}, got {refused.got}" if refused else ""
    key = event["customer_id"].encode()
    stamp = int(time.time() * 1000)
    size = len(value or b"")
    record = ConsumerRecord(letter.topic, 0, 0, stamp, 0, key, value, None, len(key), size, ())
    _, dead = Decoder(adapter, rates, settings.future_tolerance).decode([record])
    for _, bad, _ in dead:
        return f"{bad.where}: expected {bad.expected}, got {bad.got}"
    return Message(key, value or b"")


async def _noted(options: ClientOptions, settings: Settings) -> set[str]:
    """Ids of the letters whose records are back."""
    topic = settings.progress_topic
    async with reading(options) as consumer:
        keys = [
            record.key or b""
            for number in await numbers(consumer, topic)
            async for record in tail(consumer, TopicPartition(topic, number))
        ]
    return {key.removeprefix(_NOTE).decode() for key in keys if key.startswith(_NOTE)}


def letter_of(
    record: "ConsumerRecord[bytes | None, bytes | None]", topics: Collection[str]
) -> FoundLetter | None:
    """Read a record as a letter of these topics; None where somebody else wrote it there."""
    named = DeadLetter.told(record.headers)
    topic, places = (
        named.get("topic", ""),
        [named.get(name, "") for name in ("partition", "offset")],
    )
    if topic not in topics or not all(place.isdecimal() for place in places):
        return None
    return FoundLetter(
        "-".join([topic, *places]),
        topic,
        named.get("exception", "unknown"),
        named.get("message", ""),
        record.timestamp / 1000.0,
        record.value or None,
    )
