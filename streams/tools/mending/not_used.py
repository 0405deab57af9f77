"""What of a customer's records was set aside, by their partition's counts and its dead letters."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord, TopicPartition

from schemas import DeadLetter, Rejection
from schemas.remedies import remedy
from streams.broker.clients import ClientOptions
from streams.broker.read import reading, tail
from streams.config import Settings, dead_letter_topic
from streams.store import SetAside

TAIL: Final = 20_000  # dead letters looked at, of each topic
PATIENCE: Final = 5.0  # seconds that reading them may take
_MESSAGE: Final = re.compile(
    r"(?P<where>.*?): expected (?P<expected>.*), got (?P<got>.*)", re.DOTALL
)


@dataclass(frozen=True)
class NotUsed:
    """Records set aside for one reason.

    Attributes:
        reason: its code.
        records: how many.
        last: the last one's own time, ISO 8601.
        where, expected, got: what was wrong with it.
        help: what to do.
    """

    reason: str
    records: int
    last: str
    where: str
    expected: str
    got: str
    help: str


def of_partition(found: Mapping[str, SetAside]) -> tuple[NotUsed, ...]:
    """What a partition's workers counted, the most frequent first."""
    ordered = sorted(found.items(), key=lambda each: -each[1].records)
    return tuple(_refused(reason, each) for reason, each in ordered)


async def of_customer(settings: Settings, customer: str, number: int) -> tuple[NotUsed, ...] | None:
    """The customer's among the partition's last dead letters; None where they cannot be read."""
    try:
        async with asyncio.timeout(PATIENCE):
            letters = await _letters(settings, customer.encode(), number)
    except (KafkaError, OSError, TimeoutError):
        return None
    found: dict[str, SetAside] = {}
    for reason, letter in letters:
        before = found.get(reason)
        found[reason] = letter._replace(records=1 + (before.records if before else 0))
    return of_partition(found)


async def _letters(settings: Settings, customer: bytes, number: int) -> list[tuple[str, SetAside]]:
    async with reading(ClientOptions(settings)) as consumer:
        return [
            told
            for topic in settings.input_topics
            async for record in tail(
                consumer, TopicPartition(dead_letter_topic(topic), number), TAIL
            )
            if record.key == customer
            for told in _told(record)
        ]


def _told(record: "ConsumerRecord[bytes | None, bytes | None]") -> Iterator[tuple[str, SetAside]]:
    named = DeadLetter.told(record.headers)
    said = _MESSAGE.fullmatch(named.get("message", ""))
    if said is not None:
        time = record.timestamp / 1000.0
        yield named.get("exception", "unknown"), SetAside(1, time, *said.groups())


def _refused(reason: str, each: SetAside) -> NotUsed:
    last = datetime.fromtimestamp(each.last, UTC).isoformat()
    said = (each.where, each.expected, each.got)
    return NotUsed(reason, each.records, last, *said, help=remedy(Rejection(0, reason, *said)))
