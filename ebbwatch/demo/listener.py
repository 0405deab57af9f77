"""Listening to the warning topics as any subscriber would: read-committed, from the beginning."""

import asyncio
import json
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from streams.broker.clients import ClientOptions
from streams.config import Settings, dead_letter_topic

Warned = dict[str, Any]

PATIENCE: Final = 30.0  # seconds to read what is already published


class Listener:
    """Collects warnings in the order in which they arrive.

    Args:
        settings: the demo's.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        topics = (settings.risk_topic, settings.relationship_topic)
        self._places = [
            TopicPartition(topic, n) for topic in topics for n in range(settings.partitions)
        ]
        options = ClientOptions(settings)
        self._consumer: AIOKafkaConsumer = options.consumer(
            isolation_level="read_committed", auto_offset_reset="earliest"
        )
        # Kafka marks a transaction as ended only after it said so: the ends are those of all that
        # is written, or the last warnings would be missed now and then.
        self._all_written: AIOKafkaConsumer = options.consumer()
        self.warnings: list[Warned] = []

    async def start(self) -> None:
        """Connect and subscribe."""
        await self._consumer.start()
        await self._all_written.start()
        self._consumer.assign(self._places)

    async def stop(self) -> None:
        """Disconnect."""
        await self._consumer.stop()
        await self._all_written.stop()

    async def listen(self, milliseconds: int) -> None:
        """Take what is there, waiting up to `milliseconds` for the first of it."""
        found = await self._consumer.getmany(timeout_ms=milliseconds)
        self.warnings += [json.loads(r.value) for records in found.values() for r in records]

    async def drain(self) -> None:
        """Read on to the ends that the topics have now.

        Raises:
            TimeoutError: They could not be reached.
        """
        ends = await self._all_written.end_offsets(self._places)
        async with asyncio.timeout(PATIENCE):
            while not await self._has_reached(ends):
                await self.listen(200)

    async def dead_letters(self) -> int:
        """How many records the worker set aside."""
        topics = map(dead_letter_topic, self._settings.input_topics)
        places = [TopicPartition(t, n) for t in topics for n in range(self._settings.partitions)]
        ends = await self._consumer.end_offsets(places)
        return sum(ends.values())

    async def _has_reached(self, ends: dict[TopicPartition, int]) -> bool:
        reached = [await self._consumer.position(place) >= end for place, end in ends.items()]
        return all(reached)
