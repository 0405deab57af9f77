"""Reading a partition up to where it ends now."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from math import inf
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, TopicPartition

from streams.broker.clients import ClientOptions

WAIT_MS: Final = 200
FETCH_WAIT_MS: Final = 20  # a fetch that waits for what never comes holds up the next partition's
WINDOWS: Final = (100, 5_000, 50_000, None)


class Tail(NamedTuple):
    """The last records of a partition, and whether these are all that it holds."""

    records: list[Any]
    is_all: bool


@asynccontextmanager
async def reading(
    options: ClientOptions, fetch_wait_ms: int = FETCH_WAIT_MS
) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer of no group that sees what is committed, for reading partitions to their end.

    Args:
        options: how to reach Kafka.
        fetch_wait_ms: how long a fetch waits for what may come; longer for who goes on reading.
    """
    consumer = options.consumer(isolation_level="read_committed", fetch_max_wait_ms=fetch_wait_ms)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def numbers(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    """Numbers of a topic's partitions; none where it does not exist."""
    await consumer._client._wait_on_metadata(topic)  # noqa: SLF001 - it knows no topic before
    return sorted(consumer.partitions_for_topic(topic) or ())


async def tails(consumer: AIOKafkaConsumer, place: TopicPartition) -> AsyncIterator[Tail]:
    """Read ever longer tails of a partition, for who knows when it is enough, up to all of it."""
    for window in WINDOWS:
        records = [record async for record in tail(consumer, place, window)]
        first = (await consumer.beginning_offsets([place]))[place]
        end = (await consumer.end_offsets([place]))[place]
        is_all = window is None or end - window <= first
        yield Tail(records, is_all)
        if is_all:
            return


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


async def first_of(
    consumer: AIOKafkaConsumer, places: Mapping[TopicPartition, int]
) -> "dict[TopicPartition, ConsumerRecord[bytes | None, bytes | None]]":
    """The first record of each partition from an offset on, where one is there by now."""
    consumer.assign([*places])
    ends = await consumer.end_offsets([*places])
    for place, offset in places.items():
        consumer.seek(place, offset)
    found: dict[TopicPartition, ConsumerRecord[bytes | None, bytes | None]] = {}
    left = set(places)
    while left := {
        place for place in left - found.keys() if await consumer.position(place) < ends[place]
    }:
        fetched = await consumer.getmany(*left, timeout_ms=WAIT_MS, max_records=len(left))
        for place, records in fetched.items():
            found.setdefault(place, records[0])
    return found


async def pieces(
    consumer: AIOKafkaConsumer, place: TopicPartition, size: int
) -> "AsyncIterator[list[ConsumerRecord[bytes | None, bytes | None]]]":
    """Yield all records of a partition as `tail` does, up to `size` at once."""
    waiting: list[ConsumerRecord[bytes | None, bytes | None]] = []
    async for record in tail(consumer, place):
        waiting.append(record)
        if len(waiting) == size:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


async def is_at_end(consumer: AIOKafkaConsumer, places: Iterable[TopicPartition]) -> bool:
    """Whether all was read that was there at the last fetch of each partition."""
    for place in places:
        end = consumer.last_stable_offset(place)
        if end is None or await consumer.position(place) < end:
            return False
    return True


async def onward(
    consumer: AIOKafkaConsumer, places: Sequence[TopicPartition], since: float = -inf
) -> "AsyncIterator[tuple[list[ConsumerRecord[bytes | None, bytes | None]], bool]]":
    """Yield all records of partitions, and whether these are all by now; then what comes, forever.

    Args:
        consumer: started, of no group.
        places: partitions that exist; order is kept within each.
        since: the first's own time, epoch seconds; inf passes over all that there is by now.
    """
    consumer.assign(places)
    ends = await consumer.end_offsets(places)
    if since == -inf:
        starts = await consumer.beginning_offsets(places)
    else:
        stamps = {} if since == inf else dict.fromkeys(places, int(since * 1_000.0))
        told = await consumer.offsets_for_times(stamps) if stamps else {}
        starts = {place: at.offset for place, at in told.items() if at is not None}
    for place in places:
        consumer.seek(place, starts.get(place, ends[place]))
    behind = set(places)
    while True:
        behind = {place for place in behind if await consumer.position(place) < ends[place]}
        fetched = await consumer.getmany(timeout_ms=WAIT_MS)
        yield [record for records in fetched.values() for record in records], not behind
