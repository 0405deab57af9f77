"""What the input topics still hold, and whether files hold the rest."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from scoring.arrays import DAY
from scoring.facts.calendar import BookCalendar
from scoring.step.replay import EventLog
from streams.broker.clients import ClientOptions
from streams.broker.read import pieces, reading, tail
from streams.config import Settings
from streams.intake.decode import Decoder
from streams.intake.decoders import decoders_of
from streams.intake.records import Records
from streams.tools.recovery.refused import RecoveryError

PIECE: Final = 5_000  # records decoded at once
SHOWN: Final = 3  # of what is missing

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

    def require_all(self, cut: float | None) -> None:
        """See that the topics hold everything, so that no file is needed.

        Raises:
            RecoveryError: they do not, or a cut was asked for.
        """
        if cut is not None:
            raise RecoveryError("--until: expected it together with HISTORY, got it alone")
        if self.forgotten:
            named = ", ".join(f"{name} before offset {at}" for name, at in self.forgotten.items())
            expected = "HISTORY, files of what the topics have forgotten"
            raise RecoveryError(f"topics: expected {expected} ({named}), got none")

    def cut(self, given: float | None) -> float:
        """The cut, epoch seconds: as asked for, or the earliest that there may be.

        Raises:
            RecoveryError: it has to be told, or the topics lack records behind it.
        """
        if given is None and not np.isfinite(self.since):
            expected = "the cut, which the topics do not tell: they have forgotten all or nothing"
            raise RecoveryError(f"--until: expected {expected}, got none")
        if given is not None and given < self.since:
            since, got = _iso(self.since), _iso(given)
            expected = f"an instant from {since} on, before which the topics lack records"
            raise RecoveryError(f"--until: expected {expected}, got {got}")
        return self.since if given is None else given

    def require(self, parts: Iterable[EventLog], calendar: BookCalendar) -> None:
        """See that a history has what can be checked: what the topics hold of before `since`.

        Args:
            parts: its events.
            calendar: days of the book.

        Raises:
            RecoveryError: it lacks some of it.
        """
        missing = self.days.copy()
        for log in parts if missing else ():
            missing -= _days(log, calendar)
        if missing:
            first = ", ".join(
                f"{customer.decode()} on {_iso(day * DAY)[:10]}"
                for customer, day, _ in sorted(missing)[:SHOWN]
            )
            expected = f"all that the topics hold of before {_iso(self.since)}"
            got = f"nothing of {len(missing)} days of customers, such as {first}"
            raise RecoveryError(f"HISTORY: expected {expected}, got {got}")


async def look(settings: Settings, calendar: BookCalendar, currency: str) -> Retained:
    """Find out what the topics have forgotten, and what they hold besides of that time.

    Args:
        settings: name and reach the topics.
        calendar: days of the book.
        currency: of the book.

    Raises:
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    decoders, found = decoders_of(settings, currency), Retained()
    places = [
        TopicPartition(topic, number)
        for topic in settings.input_topics
        for number in range(settings.partitions)
    ]
    async with reading(ClientOptions(settings)) as consumer:
        begins = await consumer.beginning_offsets(places)
        for place in places:
            if begins[place]:
                await _add_forgotten(consumer, place, begins[place], found)
        for place in places if found.forgotten else ():
            async for records in pieces(consumer, place, PIECE):
                _add(decoders[place.topic], records, found, calendar)
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


def _add(decoder: Decoder, records: Records, found: Retained, calendar: BookCalendar) -> None:
    chunk, _ = decoder.decode(records)
    early = np.flatnonzero(chunk.events["time"] < found.since)
    names = [chunk.customers[place] for place in early.tolist()]
    found.days |= _days(EventLog(names, np.arange(len(early)), chunk.events[early]), calendar)


def _days(log: EventLog, calendar: BookCalendar) -> set[DayOf]:
    names = [log.customers[row] for row in log.rows.tolist()]
    days, kinds = calendar.day(log.times).tolist(), log.events["kind"].tolist()
    return set(zip(names, days, kinds, strict=True))


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
