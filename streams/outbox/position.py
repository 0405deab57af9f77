"""How far an outbox is published: a record of a topic of its own, in the same transaction.

Not a consumer group's offset: nothing expires, and no tool takes it for lag on a topic.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import TopicPartition

from streams.broker.clients import ClientOptions
from streams.broker.message import Message
from streams.broker.read import reading, tails


class OutboxPosition(NamedTuple):
    """What a read-committed consumer can see of one partition's outbox.

    Attributes:
        generation: of the outbox; a number means nothing in another's.
        number: of the last entry that is published, or was before.
        backfilled: whether a history from files lies before the input topics.
        compared_after: as `Claim.compared_after`.
    """

    generation: str
    number: int
    backfilled: bool = False
    compared_after: int | None = None

    def message(self, partition: int) -> Message:
        """As the record of a partition."""
        return Message(b"%d" % partition, json.dumps(self._asdict()).encode())

    @classmethod
    def of(cls, value: bytes | None) -> "OutboxPosition | None":
        """Read a record's; None where it is none, but something that others wrote there."""
        try:
            return cls(**json.loads(value or b""))
        except (ValueError, TypeError):
            return None


class KafkaKnows(NamedTuple):
    """What Kafka knows of a partition.

    Attributes:
        position: of its outbox; None where none was ever noted.
        mirrored: next offset to apply by input topic, as Kafka was told.
        first: offset of the first record that an input topic still holds.
    """

    position: OutboxPosition | None
    mirrored: Mapping[str, int]
    first: Mapping[str, int]


async def known_to_kafka(options: ClientOptions, partition: int) -> KafkaKnows:
    """Ask Kafka what it knows of a partition.

    Raises:
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    settings = options.settings
    places = [TopicPartition(topic, partition) for topic in settings.input_topics]
    async with reading(options) as consumer:
        place = TopicPartition(settings.position_topic, partition)
        position = await _last_position(consumer, place)
        consumer.assign(places)  # of other topics it would know no leader, and ask for ever
        first = await consumer.beginning_offsets(places)
    mirrored = await _committed(options, places)
    return KafkaKnows(position, mirrored, {place.topic: first[place] for place in places})


async def _committed(options: ClientOptions, places: list[TopicPartition]) -> dict[str, int]:
    """Offsets of the workers' group; a consumer of its own would have to join to ask."""
    admin = AIOKafkaAdminClient(**options.common())
    await admin.start()
    try:
        group = options.settings.group
        found = await admin.list_consumer_group_offsets(group, partitions=places)
    finally:
        await admin.close()
    return {place.topic: max(offset.offset, 0) for place, offset in found.items()}


async def applied_once(
    options: ClientOptions, partition: int, offsets: Mapping[str, int], known: KafkaKnows
) -> KafkaKnows:
    """Leave of `mirrored` what is further than `offsets`, next to apply, and by records.

    What lies between may be marks of transactions alone, which are no loss.
    """
    told = {t: offset for t, offset in known.mirrored.items() if offset > offsets.get(t, 0)}
    if not told:
        return known._replace(mirrored={})
    async with reading(options) as consumer:
        places = {topic: TopicPartition(topic, partition) for topic in told}
        further = {
            topic: until
            for topic, until in told.items()
            if await _holds(consumer, places[topic], offsets.get(topic, 0), until)
        }
    return known._replace(mirrored=further)


async def _last_position(
    consumer: AIOKafkaConsumer, place: TopicPartition
) -> OutboxPosition | None:
    async for found in tails(consumer, place):
        for record in reversed(found.records):
            if (position := OutboxPosition.of(record.value)) is not None:
                return position
    return None


async def _holds(consumer: AIOKafkaConsumer, tp: TopicPartition, since: int, until: int) -> bool:
    """Whether records, and not only marks of transactions, lie between two offsets."""
    consumer.assign([tp])
    first = (await consumer.beginning_offsets([tp]))[tp]
    end = min(until, (await consumer.end_offsets([tp]))[tp])
    consumer.seek(tp, max(since, first))
    while await consumer.position(tp) < end:
        for records in (await consumer.getmany(tp, timeout_ms=200)).values():
            if records[0].offset < until:
                return True
    return False
