"""Writing events to Kafka fast: whole record batches, to the partition their key belongs to."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.broker.message import Message
from streams.broker.partitioner import MURMUR2, Partitioner

BATCH_BYTES: Final = 1 << 20
AT_ONCE: Final = 50_000  # messages gathered before they are sent


async def produce(
    producer: AIOKafkaProducer,
    topic: str,
    messages: Iterable[Message],
    partitions: int,
    on_written: Callable[[int], None] = lambda _: None,
    partitioner: Partitioner = MURMUR2,
) -> int:
    """Write messages, keeping their order within each partition.

    Args:
        producer: started; the caller stops it.
        topic: exists with `partitions` partitions.
        messages: taken lazily.
        partitions: of the topic.
        on_written: told how many more were acknowledged.
        partitioner: tells where each belongs by its key.

    Returns:
        How many were written; all are acknowledged.
    """
    written = 0
    waiting: dict[int, list[Message]] = defaultdict(list)
    count = 0
    for message in messages:
        waiting[partitioner.one(message.key, partitions)].append(message)
        count += 1
        if count == AT_ONCE:
            written += await _flush(producer, topic, waiting, on_written)
            count = 0
    return written + await _flush(producer, topic, waiting, on_written)


async def _flush(
    producer: AIOKafkaProducer,
    topic: str,
    waiting: dict[int, list[Message]],
    on_written: Callable[[int], None],
) -> int:
    for partition, messages in waiting.items():
        await write_batches(producer, topic, partition, messages)
    total = sum(map(len, waiting.values()))
    waiting.clear()
    on_written(total)
    return total


async def write_batches(
    producer: AIOKafkaProducer, topic: str, partition: int, messages: Iterable[Message]
) -> None:
    """Write messages to one partition as few large batches; return when all are acknowledged."""
    sent = []
    batch = producer.create_batch()
    for message in messages:
        if not _appended(batch, message):
            sent.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            _appended(batch, message)  # an empty batch takes any message
    if batch.record_count():
        sent.append(await producer.send_batch(batch, topic, partition=partition))
    await asyncio.gather(*sent)


def _appended(batch: BatchBuilder, message: Message) -> bool:
    key, value, timestamp_ms, headers = message
    taken = batch.append(key=key, value=value, timestamp=timestamp_ms, headers=list(headers))
    return taken is not None
