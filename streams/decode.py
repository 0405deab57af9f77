"""From Kafka records to columns: validated as a batch, bad records set aside with their reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import numpy as np
from aiokafka.structs import ConsumerRecord

from schemas import Rejection, rejection, validate_batch
from schemas.bulk import BatchAdapter
from scoring.events import EVENT, Events, Kind, hash_ids
from streams.merge import Chunk
from streams.rates import RateTable
from streams.transport import Records

KINDS: Final = {kind.name.lower(): int(kind) for kind in Kind}
Event = Mapping[str, Any]


class Dead(NamedTuple):
    """A record that cannot be used, and why."""

    record: "ConsumerRecord[bytes | None, bytes | None]"
    rejection: Rejection


@dataclass(frozen=True)
class Decoder:
    """Decodes one input topic.

    Attributes:
        adapter: validates the topic's events.
        rates: converts amounts to the book currency.
        future_tolerance: how far, in seconds, an event may lie after its record's timestamp.
    """

    adapter: BatchAdapter[Event]
    rates: RateTable
    future_tolerance: float

    def decode(self, records: Records) -> tuple[Chunk, list[Dead]]:
        """Decode records of one topic-partition, in offset order; at least one."""
        living = [record for record in records if record.value is not None]
        parsed, rejections = validate_batch(
            self.adapter, [r.value for r in living if r.value is not None]
        )
        dead = [Dead(living[bad.index], bad) for bad in rejections]
        dead += [Dead(r, _tombstone()) for r in records if r.value is None]
        paired = [(r, e) for r, e in zip(living, parsed, strict=True) if e is not None]
        good, refused = self._accept(paired)
        return _chunk(good, records[-1].offset + 1), dead + refused

    def _accept(self, paired: "Sequence[tuple[Any, Event]]") -> "tuple[list[_Good], list[Dead]]":
        good: list[_Good] = []
        dead: list[Dead] = []
        book = self.rates.book_currency
        tolerance = self.future_tolerance
        for record, event in paired:
            customer = event["customer_id"].encode()
            time = event["event_time"].timestamp()
            amount = event.get("amount", 0)
            if event.get("currency", book) != book:
                amount = self._book_amount(event)
            if (
                customer != record.key
                or time > record.timestamp / 1000.0 + tolerance
                or amount is None
            ):
                dead.append(Dead(record, self._refuse(record, event, amount)))
            else:
                good.append((record, event, customer, time, amount))
        return good, dead

    def _book_amount(self, event: Event) -> int | None:
        if "book_amount" in event:
            amount: int = event["book_amount"]
            return amount
        if "book_balance" in event:
            return 0  # a snapshot states balances, no amount
        day = event["event_time"].astimezone(UTC).date()
        return self.rates.convert(event.get("amount", 0), event["currency"], day)

    def _refuse(self, record: Any, event: Event, amount: int | None) -> Rejection:  # noqa: ANN401
        if event["customer_id"].encode() != record.key:
            expected = "the customer id as the record's key"
            return rejection(0, "wrong_key", "key", expected, _shown(record.key))
        if amount is None:
            expected = f"book_amount, or a rate to {self.rates.book_currency}"
            return rejection(0, "no_rate", "currency", expected, event["currency"])
        latest = datetime.fromtimestamp(record.timestamp / 1000.0 + self.future_tolerance, UTC)
        expected = f"a time up to {latest.isoformat()}"
        return rejection(0, "future_time", "event_time", expected, event["event_time"].isoformat())


_Good = tuple[Any, Event, bytes, float, int]


def _tombstone() -> Rejection:
    return rejection(0, "tombstone", "value", "an event", "null")


def _shown(key: bytes | None) -> str:
    return "null" if key is None else repr(key)[1:]


def _chunk(good: "Sequence[_Good]", end: int) -> Chunk:
    records, customers = [row[0] for row in good], [row[2] for row in good]
    offsets = np.fromiter((record.offset for record in records), np.int64, len(records))
    return Chunk(columns(row[1:] for row in good), customers, records, offsets, end)


def columns(rows: "Iterable[tuple[Event, bytes, float, int]]") -> Events:
    """Turn validated events into columns.

    Args:
        rows: (event, customer id, event time in epoch seconds, amount in book minor units).

    Returns:
        Structured array of dtype `EVENT`.
    """
    rows = list(rows)
    events = np.zeros(len(rows), EVENT)
    if not rows:
        return events
    wire = [row[0] for row in rows]
    events["kind"] = [KINDS[event["type"]] for event in wire]
    events["time"] = events["reversed_time"] = [row[2] for row in rows]
    events["amount"] = [row[3] for row in rows]
    events["id"] = hash_ids([event["event_id"] for event in wire])
    for index in np.flatnonzero(events["kind"] != Kind.PURCHASE).tolist():
        event = wire[index]
        if "score" in event:
            events["score"][index] = event["score"]
        if "sentiment" in event:
            events["sentiment"][index] = event["sentiment"]
        if "reverses" in event:
            _reverse(events, index, event)
    return events


def _reverse(events: Events, index: int, event: Event) -> None:
    events["reverses"][index] = hash_ids([event["reverses"]])[0]
    if "reversed_time" in event:
        events["reversed_time"][index] = event["reversed_time"].timestamp()
