"""What the input topics still hold, and whether files hold the rest."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from scoring.facts.calendar import BookCalendar
from scoring.step.replay import EventLog
from streams.broker.clients import ClientOptions
from streams.broker.read import tail
from streams.config import Settings
from streams.intake.decode import Decoder
from streams.intake.records import Records
from streams.tools.verify.run import offline_decoders

PIECE: Final = 5_000  # records decoded at once

DayOf = tuple[bytes, int, int]  # customer, day of the book, kind


@dataclass
class Retained:
    """What the topics hold.

    Attributes:
        forgotten: first offset still there by topic and partition, of those that lost records.
        since: the instant from which they hold all there was, epoch seconds; -inf where they
            forgot nothing.
        silent: topics and partitions that forgot all they had.
        days: customers, days and kinds of events before `since` that they hold besides.
    """

    forgotten: dict[str, int] = field(default_factory=dict)
    since: float = -np.inf
    silent: list[str] = field(default_factory=list)
    days: set[DayOf] = field(default_factory=set)

    def lacking(self, parts: Iterable[EventLog], calendar: BookCalendar) -> list[str]:
        """What the topics hold of before `since` and a history does not, in words; to be empty.

        Args:
            parts: the history's events.
            calendar: days of the book.
        """
        missing = self.days.copy()
        for log in parts if missing else ():
            missing -= _days(log, calendar)
        return [
            f"{customer.decode()} on {datetime.fromtimestamp(day * 86_400, UTC).date()}"
            for customer, day, _ in sorted(missing)
        ]


async def look(settings: Settings, calendar: BookCalendar, currency: str) -> Retained:
    """Find out what the topics have forgotten, and what they hold besides of that time.

    Args:
        settings: name and reach the topics.
        calendar: days of the book.
        currency: of the book.

    Raises:
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    consumer = ClientOptions(settings).consumer(isolation_level="read_committed")
    decoders, found = offline_decoders(settings, currency), Retained()
    places = [
        TopicPartition(topic, number)
        for topic in settings.input_topics
        for number in range(settings.partitions)
    ]
    await consumer.start()
    try:
        begins = await consumer.beginning_offsets(places)
        for place in places:
            if begins[place]:
                await _add_forgotten(consumer, place, begins[place], found)
        for place in places if found.forgotten else ():
            await _add_days(consumer, place, found, decoders[place.topic], calendar)
    finally:
        await consumer.stop()
    return found


async def _add_forgotten(
    consumer: AIOKafkaConsumer, place: TopicPartition, begins: int, found: Retained
) -> None:
    name = f"{place.topic}-{place.partition}"
    found.forgotten[name] = begins
    async for record in tail(consumer, place):
        # No event can be later than its record, nor a forgotten record later than this one.
        found.since = max(found.since, record.timestamp / 1000.0)
        return
    found.silent.append(name)


async def _add_days(
    consumer: AIOKafkaConsumer,
    place: TopicPartition,
    found: Retained,
    decoder: Decoder,
    calendar: BookCalendar,
) -> None:
    waiting: Records = []
    async for record in tail(consumer, place):
        waiting.append(record)
        if len(waiting) == PIECE:
            _add(decoder, waiting, found, calendar)
            waiting = []
    if waiting:
        _add(decoder, waiting, found, calendar)


def _add(decoder: Decoder, records: Records, found: Retained, calendar: BookCalendar) -> None:
    chunk, _ = decoder.decode(records)
    early = np.flatnonzero(chunk.events["time"] < found.since)
    names = [chunk.customers[place] for place in early.tolist()]
    found.days |= _days(EventLog(names, np.arange(len(early)), chunk.events[early]), calendar)


def _days(log: EventLog, calendar: BookCalendar) -> set[DayOf]:
    names = [log.customers[row] for row in log.rows.tolist()]
    days, kinds = calendar.day(log.times).tolist(), log.events["kind"].tolist()
    return set(zip(names, days, kinds, strict=True))
