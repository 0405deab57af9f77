"""Dead letters: acknowledged by Kafka before the batch they came in commits."""

import asyncio
from typing import Final, NamedTuple, Protocol

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError

from schemas import MAX_EVENT_BYTES, DeadLetter, contains_card_number
from streams.broker.headers import Header
from streams.broker.partitions import partitions_at
from streams.config import dead_letter_topic
from streams.intake.decode import Dead
from streams.intake.records import Record, instant
from streams.retry import persist

log = structlog.get_logger()

AT_ONCE: Final = 2_000  # letters on their way: of a storm, the others wait as records


class DeadLetters(Protocol):
    """Where records go that cannot be used."""

    async def send(self, dead: list[Dead]) -> None:
        """Return once all are acknowledged."""


class _Letter(NamedTuple):
    """What stands in the dead letter topic."""

    record: Record
    key: bytes | None
    value: bytes | None
    headers: list[Header]

    def without_value(self) -> "_Letter":
        return self._replace(key=None, value=b"")


class KafkaDeadLetters:
    """Sends them to the input topic's dead letter topic, same partition, original key and value.

    A record that holds a card number anywhere keeps its metadata only, and so does one that the
    topic does not take. Where that topic has fewer partitions, the letter goes to one it has.

    Args:
        producer: started, and not idempotent: after a refusal the broker would refuse all that
            follows. The caller stops it.
    """

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer

    async def send(self, dead: list[Dead]) -> None:
        """See `DeadLetters.send`; one sent twice has the same id."""
        for start in range(0, len(dead), AT_ONCE):
            letters = [_letter(each) for each in dead[start : start + AT_ONCE]]
            await persist("dead letters", lambda of=letters: self._send(of))  # type: ignore[misc]

    async def _send(self, letters: list[_Letter]) -> None:
        refused = await self._refused([await self._hand_over(letter) for letter in letters])
        # One that is too large takes others of its batch with it: so each by itself, then less.
        again = [letters[at] for at in refused]
        refused = await self._refused([await self._alone(letter) for letter in again])
        again = [again[at].without_value() for at in refused]
        for at in await self._refused([await self._alone(letter) for letter in again]):
            record = again[at].record
            place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            log.error("dead letter refused", **place, help="raise the topic's max.message.bytes")

    async def _refused(self, sent: "list[asyncio.Future[object]]") -> list[int]:
        """Places of the letters that the topic found too large.

        Raises:
            Exception: the first other error.
        """
        answers = await asyncio.gather(*sent, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, _TOO_LARGE):
                raise answer
        return [at for at, answer in enumerate(answers) if isinstance(answer, _TOO_LARGE)]

    async def _hand_over(self, letter: _Letter) -> "asyncio.Future[object]":
        topic, partition = await self._place(letter.record)
        try:
            sent: asyncio.Future[object] = await self._producer.send(
                topic,
                value=letter.value,
                key=letter.key,
                partition=partition,
                headers=letter.headers,
            )
        except _TOO_LARGE as error:
            return _failed(error)
        return sent

    async def _alone(self, letter: _Letter) -> "asyncio.Future[object]":
        topic, partition = await self._place(letter.record)
        batch = self._producer.create_batch()
        parts = {"key": letter.key, "value": letter.value, "headers": letter.headers}
        if batch.append(timestamp=None, **parts) is None:
            return _failed(MessageSizeTooLargeError())
        sent: asyncio.Future[object] = await self._producer.send_batch(
            batch, topic, partition=partition
        )
        return sent

    async def _place(self, record: Record) -> tuple[str, int]:
        topic = dead_letter_topic(record.topic)
        count = len(await partitions_at(self._producer, topic))
        return topic, record.partition % count


_TOO_LARGE: Final = MessageSizeTooLargeError


def _failed(error: Exception) -> "asyncio.Future[object]":
    failed: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    failed.set_exception(error)
    return failed


def _letter(dead: Dead) -> _Letter:
    record, headers = dead.record, dead_letter(dead).headers()
    key, value = (record.key, record.value) if _may_keep(dead) else (None, None)
    nothing = key is None and value is None  # which aiokafka refuses to send
    return _Letter(record, key, b"" if nothing else value, headers)


def dead_letter(dead: Dead) -> DeadLetter:
    """Describe a dead record."""
    record = dead.record
    return DeadLetter.of(
        dead.rejection,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        timestamp=instant(record.timestamp / 1000.0),
        value_kept=_may_keep(dead),
    )


def _may_keep(dead: Dead) -> bool:
    record = dead.record
    parts = [part for part in (record.key, record.value) if part is not None]
    small = all(len(part) <= MAX_EVENT_BYTES for part in parts)  # larger ones are never searched
    return small and not dead.metadata_alone and not any(map(contains_card_number, parts))
