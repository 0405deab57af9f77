"""The input topics' log of one customer, and of their partition what moves its clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from scoring.arrays import Floats, Ints, joined
from scoring.facts.events import EVENT, Events, hash_ids
from scoring.warning.gate import Arrivals, arrivals
from streams.broker.clients import ClientOptions
from streams.broker.read import pieces, reading
from streams.config import Settings
from streams.intake.decode import Decoder
from streams.intake.merge import merge
from streams.intake.records import Records

PIECE: Final = 5_000  # records decoded at once
SEEN: Final = ("time", "kind", "channel")  # of an event, by the gate
WATCHED: Final = np.dtype([*((name, EVENT[name]) for name in SEEN), ("customer", "<u8")])


@dataclass
class TopicLog:
    """What a topic still holds of one partition, as far as it can be used.

    Attributes:
        begins: the first offset that it still has.
        all: its events, their customers left out, shape (n,), dtype `WATCHED`.
        stamps: of the records they came in, epoch seconds, shape (n,).
        offsets: theirs, shape (n,).
        own: places of the customer's events among them, shape (own,).
        events: these, shape (own,), dtype `EVENT`.
    """

    begins: int
    all: np.ndarray = field(default_factory=lambda: np.empty(0, WATCHED))
    stamps: Floats = field(default_factory=lambda: np.empty(0))
    offsets: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    own: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    events: Events = field(default_factory=lambda: np.empty(0, EVENT))

    @property
    def times(self) -> Floats:
        """Of all its events, epoch seconds, shape (n,)."""
        times: Floats = self.all["time"]
        return times

    def add(self, records: Records, customer: bytes, decoder: Decoder) -> None:
        """Take up the records behind the last ones."""
        chunk, _ = decoder.decode(records)
        own = np.flatnonzero([name == customer for name in chunk.customers])
        stamps = np.array([record.timestamp for record in chunk.records], np.float64) / 1000.0
        watched = np.empty(len(chunk), WATCHED)
        for name in SEEN:
            watched[name] = chunk.events[name]
        watched["customer"] = hash_ids(chunk.customers) if len(chunk) else 0
        self.own = np.concatenate([self.own, own + len(self.all)])
        self.events = joined([self.events, chunk.events[own]])
        self.all = np.concatenate([self.all, watched])
        self.stamps = np.concatenate([self.stamps, stamps])
        self.offsets = np.concatenate([self.offsets, chunk.offsets])

    def since(self, cut: float) -> "TopicLog":
        """Without the events before an instant, which came from files."""
        kept = self.times >= cut
        place = np.cumsum(kept) - 1
        mine = kept[self.own]
        return TopicLog(
            self.begins,
            self.all[kept],
            self.stamps[kept],
            self.offsets[kept],
            place[self.own[mine]],
            self.events[mine],
        )


async def read_log(
    settings: Settings, number: int, customer: bytes, decoders: Mapping[str, Decoder]
) -> dict[str, TopicLog]:
    """Read a partition of the input topics, in merge order of the topics.

    Args:
        settings: name and reach the topics.
        number: of the partition.
        customer: whose events are kept.
        decoders: by topic, as the worker's.

    Raises:
        aiokafka.errors.KafkaError: Kafka cannot be reached.
    """
    async with reading(ClientOptions(settings)) as consumer:
        return {
            topic: await _read(consumer, TopicPartition(topic, number), customer, decoder)
            for topic, decoder in decoders.items()
        }


async def _read(
    consumer: AIOKafkaConsumer, place: TopicPartition, customer: bytes, decoder: Decoder
) -> TopicLog:
    log = TopicLog((await consumer.beginning_offsets([place]))[place])
    async for records in pieces(consumer, place, PIECE):
        log.add(records, customer, decoder)
    return log


@dataclass(frozen=True)
class OwnEvents:
    """A customer's events in the order they were applied in.

    Attributes:
        events: dtype `EVENT`, shape (n,).
        clocks: of the partition at each, epoch seconds, shape (n,).
        topics: place of each one's topic among the input topics, shape (n,).
        offsets: theirs, shape (n,).
    """

    events: Events
    clocks: Floats
    topics: Ints
    offsets: Ints

    def pick(self, which: Ints) -> "OwnEvents":
        """Some of them."""
        return OwnEvents(
            self.events[which], self.clocks[which], self.topics[which], self.offsets[which]
        )


class MergedLog(NamedTuple):
    """A partition's log in the order it was applied in.

    Attributes:
        own: the customer's events.
        came: when events of everybody did.
    """

    own: OwnEvents
    came: Arrivals


def as_merged(logs: Mapping[str, TopicLog]) -> MergedLog:
    """As a worker that is behind applies them: by event time, topic, offset."""
    times = [log.times for log in logs.values()]
    order, _ = merge(times, [False] * len(times), sum(map(len, times)))
    return _ordered(logs, order)


def as_arrived(logs: Mapping[str, TopicLog]) -> MergedLog:
    """As a worker that keeps up applies them: by the time of their records."""
    stamps = np.concatenate([np.maximum.accumulate(log.stamps) for log in logs.values()])
    return _ordered(logs, np.argsort(stamps, kind="stable"))


def _ordered(logs: Mapping[str, TopicLog], order: Ints) -> MergedLog:
    """The customer's events, and when all came, in an order of all."""
    whole = np.concatenate([log.all for log in logs.values()])[order]
    starts = np.cumsum([0, *(len(log.times) for log in logs.values())])[:-1]
    clocks = np.maximum.accumulate(whole["time"])
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    places = [rank[start + log.own] for start, log in zip(starts, logs.values(), strict=True)]
    turn = np.argsort(np.concatenate(places), kind="stable")
    topics = np.repeat(np.arange(len(places)), [len(each) for each in places])
    own = OwnEvents(
        events=joined([log.events for log in logs.values()]),
        clocks=clocks[np.concatenate(places)],
        topics=topics,
        offsets=np.concatenate([log.offsets[log.own] for log in logs.values()]),
    )
    return MergedLog(own.pick(turn), arrivals(clocks, whole, whole["customer"]))
