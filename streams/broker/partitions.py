"""A topic as it is found; how many partitions it has, by what a producer's client knows."""

import asyncio
from typing import Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import UnknownTopicOrPartitionError

PATIENCE: Final = 5.0  # seconds; the client itself waits 40 for a topic to appear


class TopicFound(NamedTuple):
    """A topic as Kafka has it; one that is made anew has another id."""

    partitions: int
    id: str


class PartitionCountError(RuntimeError):
    """An existing topic has another number of partitions than the settings say.

    Attributes:
        topic: Its name.
        expected: Partitions after the settings.
        got: Partitions it has.
    """

    def __init__(self, topic: str, expected: int, got: int) -> None:
        super().__init__(
            f"topic {topic}: expected {expected} partitions, got {got}; state is kept by partition "
            "number, so the count is final: adapt the settings, or rebuild on new topics"
        )
        self.topic, self.expected, self.got = topic, expected, got


class NoTopicError(UnknownTopicOrPartitionError):  # type: ignore[misc]  # it has no types
    """Kafka does not know a topic; it may come to be.

    Attributes:
        topic: its name.
    """

    def __init__(self, topic: str) -> None:
        super().__init__(
            f"topic {topic}: Kafka knows none of this name; what is missing is made by "
            "`ebbwatch topics create`"
        )
        self.topic = topic


async def partitions_at(producer: AIOKafkaProducer, topic: str) -> set[int]:
    """Numbers of a topic's partitions, at once where they are known.

    Raises:
        NoTopicError: there is no such topic, yet.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            found: set[int] = await producer.partitions_for(topic)
    except (TimeoutError, UnknownTopicOrPartitionError) as error:
        raise NoTopicError(topic) from error
    return found
