"""Whether topics are as they must be, before anything of them is read and ever after."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

import structlog
from aiokafka import AIOKafkaProducer

from streams.broker.clients import ClientOptions
from streams.broker.partitions import TopicFound, partitions_at
from streams.config import Settings, dead_letter_topic
from streams.retry import persist
from streams.store import Claim

log = structlog.get_logger()

EVERY: Final = 30.0  # seconds between looks at whether topics are still the same


class OtherPartitionsError(ValueError):
    """A topic has another partition count than the settings say."""

    def __init__(self, topic: str, expected: int, got: int) -> None:
        wanted = f"{expected} partitions (EBBWATCH_PARTITIONS)"
        super().__init__(f"topic {topic}: expected {wanted}, got {got}")


class OtherTopicError(ValueError):
    """An input topic was made anew or is another Kafka's: offsets count other records.

    Attributes:
        topic: its name.
    """

    def __init__(self, topic: str, expected: str, got: str) -> None:
        super().__init__(
            f"topic {topic}: expected the one with id {expected}, whose records were applied, got "
            f"one with id {got}: made anew, or of another Kafka than this Redis belongs to "
            "(EBBWATCH_KAFKA_BOOTSTRAP, EBBWATCH_REDIS_URL); to read it from its beginning, stop "
            "the workers and run: ebbwatch topics adopt"
        )
        self.topic = topic


def compare(before: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Compare ids by topic; a topic that is missing on either side tells nothing.

    Raises:
        OtherTopicError: one differs.
    """
    for topic, found in now.items():
        if before.get(topic, found) != found:
            raise OtherTopicError(topic, before[topic], found)


def unnoted(claim: Claim, ids: Mapping[str, str]) -> dict[str, str]:
    """The ids that a partition's next commit has to note.

    Raises:
        OtherTopicError: one differs from what was noted.
    """
    compare(claim.topic_ids, ids)
    return {topic: found for topic, found in ids.items() if topic not in claim.topic_ids}


class TopicChecks:
    """Looks at the topics of a worker.

    Args:
        settings: their names and partition count, and how to reach Kafka.
        producer: started; it knows topics.

    Attributes:
        ids: of the input topics by name, as last looked at; a topic made anew has another.
    """

    def __init__(self, settings: Settings, producer: AIOKafkaProducer) -> None:
        self._settings, self._producer = settings, producer
        self.ids: Mapping[str, str] = {}

    async def check(self) -> None:
        """Wait until all topics are there, and read the input topics' ids.

        Raises:
            OtherPartitionsError: one has another partition count than the settings say.
        """
        settings, producer = self._settings, self._producer
        others = map(dead_letter_topic, settings.input_topics)
        for topic in (*others, settings.position_topic):
            await persist("partitions", partial(partitions_at, producer, topic))
        for topic in (*settings.input_topics, *settings.output_topics, settings.position_topic):
            # The consumer would know too, but only that of the group's leader.
            known = await persist("partitions", partial(partitions_at, producer, topic))
            self._check_count(topic, len(known))
        found = await persist("topics", self._find)
        self.ids = {topic: each.id for topic, each in found.items()}

    async def watch(self) -> None:
        """Look every now and then until cancelled.

        Raises:
            OtherPartitionsError: partitions were added.
            OtherTopicError: a topic was made anew.
        """
        while True:
            await asyncio.sleep(EVERY)
            found = await persist("topics", self._find)
            for topic, each in found.items():
                self._check_count(topic, each.partitions)
            compare(self.ids, {topic: each.id for topic, each in found.items()})
            for topic in self.ids.keys() - found.keys():
                log.error("topic is gone", topic=topic)

    def _check_count(self, topic: str, count: int) -> None:
        if count != self._settings.partitions:
            raise OtherPartitionsError(topic, self._settings.partitions, count)

    async def _find(self) -> dict[str, TopicFound]:
        return await asyncio.to_thread(_input_topics, self._settings)


def _input_topics(settings: Settings) -> dict[str, TopicFound]:
    """The input topics that exist; aiokafka's client knows no topic ids.

    Raises:
        ConnectionError: Kafka cannot be asked for now.
    """
    from kafka.errors import KafkaError  # noqa: PLC0415 - off the worker's start, in a thread

    from streams.broker.topics import find_topics  # noqa: PLC0415 - likewise

    security = ClientOptions(settings).kafka_python()
    try:
        return find_topics(settings.kafka_bootstrap, settings.input_topics, **security)
    except KafkaError as error:
        raise ConnectionError(f"{type(error).__name__}: {error}") from error
