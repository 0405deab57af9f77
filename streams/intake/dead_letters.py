"""Dead letters: acknowledged by Kafka before the batch they came in commits."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol

from aiokafka import AIOKafkaProducer

from schemas import MAX_EVENT_BYTES, DeadLetter, contains_card_number
from streams.config import dead_letter_topic
from streams.intake.decode import Dead
from streams.retry import persist


class DeadLetters(Protocol):
    """Where records go that cannot be used."""

    async def send(self, dead: list[Dead]) -> None:
        """Return once all are acknowledged."""


class KafkaDeadLetters:
    """Sends them to the input topic's dead letter topic, same partition, original key and value.

    A record that holds a card number anywhere keeps its metadata only.

    Args:
        producer: started, idempotent; the caller stops it.
    """

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, dead: list[Dead]) -> None:
        """See `DeadLetters.send`; one sent twice has the same id."""
        await persist("dead letters", lambda: self._send(dead))

    async def _send(self, dead: list[Dead]) -> None:
        await asyncio.gather(*[await self._hand_over(letter) for letter in dead])

    async def _hand_over(self, dead: Dead) -> "asyncio.Future[object]":
        record = dead.record
        letter = dead_letter(dead)
        key, value = (record.key, record.value) if letter.value_kept else (None, None)
        nothing = key is None and value is None  # which aiokafka refuses to send
        sent: asyncio.Future[object] = await self._producer.send(
            dead_letter_topic(record.topic),
            value=b"" if nothing else value,
            key=key,
            partition=record.partition,
            headers=letter.headers(),
        )
        return sent


def dead_letter(dead: Dead) -> DeadLetter:
    """Describe a dead record."""
    record = dead.record
    return DeadLetter.of(
        dead.rejection,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=datetime.fromtimestamp(record.timestamp / 1000.0, UTC),
        value_kept=_may_keep(dead),
    )


def _may_keep(dead: Dead) -> bool:
    record = dead.record
    parts = [part for part in (record.key, record.value) if part is not None]
    small = all(len(part) <= MAX_EVENT_BYTES for part in parts)  # larger ones are never searched
    return small and not any(contains_card_number(part) for part in parts)
