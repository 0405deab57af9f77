"""From Kafka records to columns: validated as a batch, bad records set aside with their reason."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final, NamedTuple

import numpy as np
from aiokafka.structs import ConsumerRecord

from schemas import Rejection, rejection, validate_batch
from schemas.bulk import BatchAdapter
from schemas.fields import MAX_AMOUNT
from scoring.arrays import Bools
from scoring.facts.categories import categories
from scoring.facts.events import EVENT, Events, Hashes, hash_ids, within_sources
from scoring.facts.kinds import Kind
from streams.broker.message import partition_of, partitions_of
from streams.intake.chunk import Chunk
from streams.intake.rates import RateTable
from streams.intake.records import Records, instant

KINDS: Final = {kind.name.lower(): int(kind) for kind in Kind}
Event = Mapping[str, Any]


class Dead(NamedTuple):
    """A record that cannot be used, why, and whether nothing but its metadata may be kept."""

    record: "ConsumerRecord[bytes | None, bytes | None]"
    rejection: Rejection
    metadata_alone: bool = False


@dataclass(frozen=True)
class Decoder:
    """Decodes one input topic.

    Attributes:
        adapter: validates the topic's events.
        rates: converts amounts to the book currency.
        future_tolerance: how far, in seconds, an event may lie after its record's timestamp.
        wall: the present, which events may not lie beyond either, whatever their records' producer
            takes the time to be; None in a replay.
        partitions: how many the topic has; a record elsewhere than where its key belongs is
            refused, since nobody would find its customer's state. None does not look.
    """

    adapter: BatchAdapter[Event]
    rates: RateTable
    future_tolerance: float
    wall: Callable[[], float] | None = None
    partitions: int | None = None

    def decode(self, records: Records) -> tuple[Chunk, list[Dead]]:
        """Decode records of one topic-partition, in offset order; at least one."""
        living = [record for record in records if record.value is not None]
        parsed, rejections = validate_batch(
            self.adapter, [r.value for r in living if r.value is not None]
        )
        dead = [Dead(living[bad.index], bad) for bad in rejections]
        dead += [Dead(r, _tombstone()) for r in records if r.value is None]
        if rejections:
            living = [r for r, e in zip(living, parsed, strict=True) if e is not None]
        rows = self._rows(living, [event for event in parsed if event is not None])
        good, refused = (rows, []) if self._are_sound(rows) else self._sifted(rows)
        return _chunk(good, records[-1].offset + 1), dead + refused

    def _rows(self, records: Records, events: Sequence[Event]) -> "_Rows":
        book = self.rates.book_currency
        return _Rows(
            records,
            events,
            [event["customer_id"].encode() for event in events],
            [event["event_time"].timestamp() for event in events],
            [
                event.get("amount", 0)
                if event.get("currency", book) == book
                else self._book_amount(event)
                for event in events
            ],
        )

    def _are_sound(self, rows: "_Rows") -> bool:
        """Whether all rows are as they should be, found out for all at once."""
        keyed = [record.key for record in rows.records] == rows.customers
        stamps = np.array([record.timestamp for record in rows.records], np.float64)
        latest = self._latest(stamps)
        in_place = (np.array(rows.times) <= latest) & self._at_home(rows)
        return keyed and _are_booked(rows.amounts) and bool(in_place.all())

    def _sifted(self, rows: "_Rows") -> "tuple[_Rows, list[Dead]]":
        """The sound rows, and the others with what is wrong with each."""
        good, dead = [], []
        at_home = self._at_home(rows).tolist()
        for row, home in zip(zip(*rows, strict=True), at_home, strict=True):
            record, event, customer, time, amount = row
            latest = self._latest(record.timestamp)
            booked = _are_booked([amount])
            if customer == record.key and home and time <= latest and booked:
                good.append(row)
            else:
                dead.append(Dead(record, self._refuse(record, event, amount, home=home)))
        return _Rows(*(list(column) for column in zip(*good, strict=True))) if good else NONE, dead

    def _at_home(self, rows: "_Rows") -> Bools:
        """Which records lie in the partition that their key belongs to."""
        if self.partitions is None or not rows.records:
            return np.ones(len(rows.records), np.bool_)
        at_home: Bools = partitions_of(rows.customers, self.partitions) == rows.records[0].partition
        return at_home

    def _latest(self, timestamp: Any) -> Any:  # noqa: ANN401 - one or an array, milliseconds
        present = np.inf if self.wall is None else self.wall()
        return np.minimum(timestamp / 1000.0, present) + self.future_tolerance

    def _book_amount(self, event: Event) -> int | None:
        if "book_amount" in event:
            amount: int = event["book_amount"]
            return amount
        if "book_balance" in event:
            return 0  # a snapshot states balances, no amount
        day = event["event_time"].astimezone(UTC).date()
        return self.rates.convert(event.get("amount", 0), event["currency"], day)

    def _refuse(
        self,
        record: Any,  # noqa: ANN401
        event: Event,
        amount: int | None,
        *,
        home: bool,
    ) -> Rejection:
        if event["customer_id"].encode() != record.key:
            expected = "the customer id as the record's key"
            return rejection(0, "wrong_key", "key", expected, _shown(record.key))
        if not home:
            key, count = record.key, self.partitions or 1
            expected = f"partition {partition_of(key, count)}, by murmur2 of the key"
            got = f"partition {record.partition}"
            return rejection(0, "wrong_partition", "key", expected, got)
        if amount is None:
            expected = f"book_amount, or a rate to {self.rates.book_currency}"
            return rejection(0, "no_rate", "currency", expected, event["currency"])
        if abs(amount) > MAX_AMOUNT:
            expected = f"at most {MAX_AMOUNT} minor units of {self.rates.book_currency}"
            return rejection(0, "out_of_range", "amount", expected, amount)
        latest = instant(float(self._latest(record.timestamp)))
        expected = f"a time up to {latest.isoformat()}"
        return rejection(0, "future_time", "event_time", expected, event["event_time"].isoformat())


class _Rows(NamedTuple):
    """Validated events, a column each for what was made of them."""

    records: Records
    events: Sequence[Event]
    customers: list[bytes]
    times: list[float]
    amounts: Sequence[int | None]


NONE: Final = _Rows([], [], [], [], [])


def _are_booked(amounts: Sequence[int | None]) -> bool:
    known = [amount for amount in amounts if amount is not None]
    largest = max(map(abs, known), default=0)
    return len(known) == len(amounts) and largest <= MAX_AMOUNT


def _tombstone() -> Rejection:
    return rejection(0, "tombstone", "value", "an event", "null")


def _shown(key: bytes | None) -> str:
    return "null" if key is None else repr(key)[1:]


def _chunk(rows: _Rows, end: int) -> Chunk:
    offsets = np.array([record.offset for record in rows.records], np.int64)
    events = columns(rows.events, rows.times, rows.amounts)
    return Chunk(events, rows.customers, rows.records, offsets, end)


def columns(wire: Sequence[Event], times: Sequence[float], amounts: Sequence[int | None]) -> Events:
    """Turn validated events into columns.

    Args:
        wire: the events.
        times: their event times, epoch seconds.
        amounts: their amounts, minor units of the book currency.

    Returns:
        Structured array of dtype `EVENT`.
    """
    events = np.zeros(len(wire), EVENT)
    if not wire:
        return events
    events["kind"] = [KINDS[event["type"]] for event in wire]
    events["time"] = events["reversed_time"] = times
    events["amount"] = amounts
    events["id"] = _ids(wire, "event_id")
    bought = np.flatnonzero(events["kind"] == Kind.PURCHASE)
    events["category"][bought] = categories(
        [wire[at]["merchant_category"] for at in bought.tolist()]
    )
    for index in np.flatnonzero(events["kind"] != Kind.PURCHASE).tolist():
        event = wire[index]
        if "score" in event:
            events["score"][index] = event["score"]
        if "sentiment" in event:
            events["sentiment"][index] = event["sentiment"]
        if "reverses" in event:
            _reverse(events, index, event)
    return events


def _ids(wire: Sequence[Event], field: str) -> Hashes:
    ids = hash_ids([event[field] for event in wire])
    sources = [event.get("source", "") for event in wire]
    return within_sources(ids, sources) if any(sources) else ids


def _reverse(events: Events, index: int, event: Event) -> None:
    events["reverses"][index] = _ids([event], "reverses")[0]
    if "reversed_time" in event:
        events["reversed_time"][index] = event["reversed_time"].timestamp()
