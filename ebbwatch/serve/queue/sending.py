"""Writing answers to Kafka, each acknowledged before whoever gave it is told so."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from streams.broker.bounded import bounded
from streams.broker.clients import ClientOptions
from streams.broker.partitions import PartitionCountError, partitions_at
from streams.config import Settings
from streams.tools.desk.answering import message_of

PATIENCE: Final = 8.0  # seconds that somebody waits at most
log = structlog.get_logger()


class UnsentError(RuntimeError):
    """Kafka has not acknowledged an answer; it may have it, and sending it again counts once."""


class AnswerSender:
    """Sends answers one after the other.

    Args:
        settings: name the topic and how to reach Kafka.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None
        self._ending: asyncio.Task[None] | None = None
        self._one_by_one = asyncio.Lock()

    async def send(self, event: Mapping[str, Any]) -> None:
        """Write an answer where its customer's partition is.

        Raises:
            UnsentError: it was not acknowledged in time, or the topic is not as it should be.
        """
        try:
            async with asyncio.timeout(PATIENCE), self._one_by_one:
                await self._send(event)
        except (KafkaError, OSError, TimeoutError, PartitionCountError) as error:
            told = str(error) or type(error).__name__
            log.warning("answer not sent", error=told, exc_info=None)
            await self._let_go()
            raise UnsentError(told) from error

    async def close(self) -> None:
        """End, with all that was acknowledged written."""
        await self._let_go()

    async def _send(self, event: Mapping[str, Any]) -> None:
        settings, topic = self._settings, self._settings.outcome_topic
        if self._producer is None:
            own = ClientOptions(settings).producer(request_timeout_ms=int(1_000 * PATIENCE))
            await own.start()
            self._producer = own
        found = len(await partitions_at(self._producer, topic))
        if found != settings.partitions:
            raise PartitionCountError(topic, settings.partitions, found)
        place, message = message_of(settings, event)
        await self._producer.send_and_wait(topic, message.value, message.key, partition=place)

    async def _let_go(self) -> None:
        """End the producer, without waiting for a Kafka that does not answer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            self._ending = asyncio.create_task(bounded("producer's end", producer.stop()))
            await asyncio.wait({self._ending}, timeout=1.0)
