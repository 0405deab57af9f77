"""Reading a partition up to where it ends now."""

from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

WAIT_MS = 200


async def tail(
    consumer: AIOKafkaConsumer, place: TopicPartition, limit: int | None = None
) -> "AsyncIterator[ConsumerRecord[bytes | None, bytes | None]]":
    """Yield the records of the last `limit` offsets, all by default; nothing else is assigned.

    Args:
        consumer: started, of no group.
        place: where to read.
        limit: offsets before the end to begin at; transactions' markers have some of them.
    """
    consumer.assign([place])
    end = (await consumer.end_offsets([place]))[place]
    start = (await consumer.beginning_offsets([place]))[place]
    consumer.seek(place, start if limit is None else max(start, end - limit))
    while await consumer.position(place) < end:
        for records in (await consumer.getmany(timeout_ms=WAIT_MS)).values():
            for record in records:
                yield record
