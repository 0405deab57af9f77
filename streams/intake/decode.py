"""From Kafka records to columns: validated as a batch, bad records set aside with their reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final, NamedTuple

import numpy as np
from aiokafka.structs import ConsumerRecord

from schemas import Rejection, rejection, validate_batch
from schemas.bulk import BatchAdapter
from schemas.fields import MAX_AMOUNT
from schemas.ids import customer_hash, names
from scoring.arrays import Bools, Ints
from streams.broker.partitioner import MURMUR2, Partitioner
from streams.intake.chunk import Chunk
from streams.intake.columns import Event, columns
from streams.intake.rates import RateTable
from streams.intake.records import Records, instant, unframed

SKEW: Final = 60.0  # seconds by which clocks may differ and none is wrong
NONE_GIVEN: Final = -1  # the stamp of a record without one
ROUNDED: Final = 900_000  # milliseconds: days and hours begin on its multiples, in every time zone


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
        partitioner: tells where a key belongs.
        are_answers: whether events are about warnings or cases, which must be the customer's own.
        on_ahead: told of how many events were of a time that is still to come.
        partitions: how many the topic has; a record elsewhere than where its key belongs is
            refused, since nobody would find its customer's state. None does not look.
    """

    adapter: BatchAdapter[Event]
    rates: RateTable
    future_tolerance: float
    wall: Callable[[], float] | None = None
    partitions: int | None = None
    on_ahead: Callable[[int], None] = lambda _: None
    partitioner: Partitioner = MURMUR2
    are_answers: bool = False

    def decode(self, records: Records) -> tuple[Chunk, list[Dead]]:
        """Decode records of one topic-partition, in offset order; at least one."""
        living = [record for record in records if record.value is not None]
        values = [unframed(r.value) for r in living if r.value is not None]
        parsed, rejections = validate_batch(self.adapter, values)
        dead = [Dead(living[bad.index], bad) for bad in rejections]
        dead += [Dead(r, _tombstone()) for r in records if r.value is None]
        if rejections:
            living = [r for r, e in zip(living, parsed, strict=True) if e is not None]
        rows = self._rows(living, [event for event in parsed if event is not None])
        good, refused = (rows, []) if self._are_sound(rows) else self._sifted(rows)
        good = self._not_ahead(good)
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
            [record.timestamp for record in records],
        )

    def _are_sound(self, rows: "_Rows") -> bool:
        """Whether all rows are as they should be, found out for all at once."""
        keyed = [record.key for record in rows.records] == rows.customers
        latest = self._latest(np.array(rows.stamps, np.float64))
        in_place = (np.array(rows.times) <= latest) & self._at_home(rows)
        own = not self.are_answers or all(map(_is_own, rows.events))
        return keyed and own and _are_booked(rows.amounts) and bool(in_place.all())

    def _sifted(self, rows: "_Rows") -> "tuple[_Rows, list[Dead]]":
        """The sound rows, and the others with what is wrong with each."""
        good, dead = [], []
        at_home = self._at_home(rows).tolist()
        for row, home in zip(zip(*rows, strict=True), at_home, strict=True):
            record, event, customer, time, amount, stamp = row
            latest = self._latest(stamp)
            booked = _are_booked([amount]) and (not self.are_answers or _is_own(event))
            if customer == record.key and home and time <= latest and booked:
                good.append(row)
            else:
                dead.append(Dead(record, self._refuse(record, event, amount, home=home)))
        return _Rows(*(list(column) for column in zip(*good, strict=True))) if good else NONE, dead

    def _not_ahead(self, rows: "_Rows") -> "_Rows":
        """Take events of the near future as of now, such as a till's that sends its local time.

        One clock that is hours ahead would move the partition's, and tell of silences hours early.
        Each record is judged alone, so that it does not matter which others are read with it: an
        event counts no later than its record came, by the earlier of its stamp and the wall.
        """
        if self.wall is None or not rows.records:
            return rows
        wall, stamps = self.wall(), np.array(rows.stamps, np.int64)
        if max(rows.times) <= min(float(stamps.min()) / 1000.0, wall) + SKEW:
            return rows
        came = np.minimum(np.where(_tell(stamps), stamps / 1000.0, np.inf), wall)
        times = np.array(rows.times)
        ahead = times > came + SKEW
        if not ahead.any():
            return rows
        self.on_ahead(int(ahead.sum()))
        return rows._replace(times=np.where(ahead, came, times).tolist())

    def _at_home(self, rows: "_Rows") -> Bools:
        """Which records lie in the partition that their key belongs to."""
        if self.partitions is None or not rows.records:
            return np.ones(len(rows.records), np.bool_)
        home = self.partitioner.many(rows.customers, self.partitions)
        at_home: Bools = home == rows.records[0].partition
        return at_home

    def _latest(self, timestamp: Any) -> Any:  # noqa: ANN401 - one or an array, milliseconds
        present = np.inf if self.wall is None else self.wall()
        stamped = np.where(np.equal(timestamp, NONE_GIVEN), np.inf, timestamp / 1000.0)
        return np.minimum(stamped, present) + self.future_tolerance

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
            place = f"partition {self.partitioner.one(key, count)}"
            expected = f"{place}, by {self.partitioner.name} of the key"
            got = f"partition {record.partition}"
            return rejection(0, "wrong_partition", "key", expected, got)
        if self.are_answers and not _is_own(event):
            expected = "a warning or case of the event's customer"
            field = "warning_id" if "warning_id" in event else "case_id"
            return rejection(0, "wrong_customer", field, expected, event[field])
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
    stamps: list[int]


def _is_own(event: Event) -> bool:
    """Whether all that an answer is about is its customer's."""
    whose = customer_hash(event["customer_id"].encode())
    about = (event[name] for name in ("warning_id", "case_id") if name in event)
    return all(names(each).customer == whose for each in about)


NONE: Final = _Rows([], [], [], [], [], [])


def _are_booked(amounts: Sequence[int | None]) -> bool:
    known = [amount for amount in amounts if amount is not None]
    least, largest = min(known, default=0), max(known, default=0)
    return len(known) == len(amounts) and least >= -MAX_AMOUNT and largest <= MAX_AMOUNT


def _tell(stamps: Ints) -> Bools:
    """Which stamps, milliseconds, say when a record came.

    Not one rounded down, as to the booking day's beginning.
    """
    tell: Bools = (stamps != NONE_GIVEN) & (stamps % ROUNDED != 0)
    return tell


def _tombstone() -> Rejection:
    return rejection(0, "tombstone", "value", "an event", "null")


def _shown(key: bytes | None) -> str:
    return "null" if key is None else repr(key)[1:]


def _chunk(rows: _Rows, end: int) -> Chunk:
    offsets = np.array([record.offset for record in rows.records], np.int64)
    events = columns(rows.events, rows.times, rows.amounts)
    return Chunk(events, rows.customers, rows.records, offsets, end)
