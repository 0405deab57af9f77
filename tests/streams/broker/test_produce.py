"""Writing events: to the partition every other client would choose, in order, all of them."""

import random
from collections.abc import AsyncIterator

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given, settings
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2

from ebbwatch.stack import Stack
from streams.broker import write as module
from streams.broker.clients import ClientOptions
from streams.broker.message import Message, partition_of, partitions_of
from streams.broker.topics import TopicSpec, create_topics
from streams.broker.write import produce
from streams.config import Settings

PARTITIONS = 3


@settings(deadline=None)
@given(st.binary(max_size=80), st.integers(1, 1024))
def test_keys_go_where_aiokafka_and_kafka_python_send_them(key: bytes, partitions: int) -> None:
    numbers = list(range(partitions))
    found = partition_of(key, partitions)
    assert found == DefaultPartitioner()(key, numbers, numbers)
    assert found == (murmur2(key) & 0x7FFFFFFF) % partitions


@settings(deadline=None)
@given(st.lists(st.binary(max_size=80).map(lambda key: key.rstrip(b"\0"))), st.integers(1, 1024))
def test_many_keys_go_where_each_goes(keys: list[bytes], partitions: int) -> None:
    assert partitions_of(keys, partitions).tolist() == [
        partition_of(key, partitions) for key in keys
    ]


@pytest.fixture
def options(stack: Stack) -> ClientOptions:
    return ClientOptions(Settings(kafka_bootstrap=stack.kafka_bootstrap))


@pytest.fixture
async def producer(options: ClientOptions) -> AsyncIterator[AIOKafkaProducer]:
    started = options.producer(max_batch_size=20_000)
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
def topic(stack: Stack, topic_prefix: str) -> str:
    name = f"{topic_prefix}events"
    create_topics(stack.kafka_bootstrap, [TopicSpec(name, PARTITIONS, 1)])
    return name


async def read(options: ClientOptions, topic: str) -> dict[int, list[Message]]:
    """All records of a topic by partition, in offset order."""
    consumer = options.consumer()
    await consumer.start()
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    consumer.assign(places)
    await consumer.seek_to_beginning()
    ends = await consumer.end_offsets(places)
    found: dict[int, list[Message]] = {number: [] for number in range(PARTITIONS)}
    while any([await consumer.position(place) < ends[place] for place in places]):
        for place, records in (await consumer.getmany(timeout_ms=200)).items():
            found[place.partition] += [Message(r.key, r.value, r.timestamp) for r in records]
    await consumer.stop()
    return found


async def test_every_message_arrives_in_order_in_its_partition(
    producer: AIOKafkaProducer, options: ClientOptions, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 700)
    draw = random.Random(5)
    sent = [
        Message(b"c%d" % draw.randrange(50), b"%06d" % number + b"x" * draw.randrange(400), number)
        for number in range(1, 2_001)
    ]
    counted: list[int] = []
    assert await produce(producer, topic, iter(sent), PARTITIONS, counted.append) == 2_000
    assert counted == [700, 700, 600]
    expected = {
        number: [m for m in sent if partition_of(m.key, PARTITIONS) == number]
        for number in range(PARTITIONS)
    }
    assert await read(options, topic) == expected


async def test_a_message_without_a_time_takes_that_of_writing(
    producer: AIOKafkaProducer, options: ClientOptions, topic: str
) -> None:
    assert await produce(producer, topic, [Message(b"c", b"v")], PARTITIONS) == 1
    (found,) = (await read(options, topic))[partition_of(b"c", PARTITIONS)]
    assert found.timestamp_ms is not None
    assert found.timestamp_ms > 1_700_000_000_000


async def test_nothing_to_write_is_written(producer: AIOKafkaProducer, topic: str) -> None:
    assert await produce(producer, topic, [], PARTITIONS) == 0


async def test_a_message_larger_than_a_batch_is_written_all_the_same(
    producer: AIOKafkaProducer, options: ClientOptions, topic: str
) -> None:
    sent = [Message(b"c", b"a", 1), Message(b"c", b"b" * 50_000, 2), Message(b"c", b"d", 3)]
    assert await produce(producer, topic, sent, PARTITIONS) == 3
    assert (await read(options, topic))[partition_of(b"c", PARTITIONS)] == sent


async def test_a_message_the_broker_refuses_is_an_error(
    producer: AIOKafkaProducer, topic: str
) -> None:
    with pytest.raises(MessageSizeTooLargeError):
        await produce(producer, topic, [Message(b"c", b"x" * 3_000_000)], PARTITIONS)
