"""The run that should have been: both input topics merged as life dealt them, and lived through."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import merge
from types import MappingProxyType
from typing import NamedTuple

from judge.facts import Facts, instant
from judge.laws import Law
from judge.life import Life

Place = tuple[str, int, int]


class Record(NamedTuple):
    """A record as a plain consumer got it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Change(NamedTuple):
    """Other parameters came into force: at a clock, before the records at these offsets."""

    partition: int
    offsets: Mapping[str, int]
    clock: float
    version: str


@dataclass
class Expected:
    """What must have come of the records.

    Attributes:
        lives: by customer id.
        too_late: where the records stand that came too late to be counted.
        events: how many records were good.
        followed: by partition the clock that silence was followed up to, and the latest event's.
    """

    lives: dict[str, Life] = field(default_factory=dict)
    too_late: set[Place] = field(default_factory=set)
    events: int = 0
    followed: dict[int, tuple[float, float]] = field(default_factory=dict)


def lived(
    records: Iterable[Record],
    topics: Sequence[str],
    laws: Sequence[Law],
    *,
    bad: Iterable[Place] = (),
    changes: Iterable[Change] = (),
    clocks: Mapping[int, float] = MappingProxyType({}),
) -> Expected:
    """Live through the records.

    Args:
        records: of the input topics.
        topics: the input topics, of which the first goes first where instants are equal.
        laws: in force at first, and any that came into force later.
        bad: where records stand that are to be set aside.
        changes: of the law, in order.
        clocks: by partition, up to where silence was followed behind the last event, as the wall
            does it; while there are events it makes no difference, none being behind it.
    """
    expected, partitions, left_out = Expected(), {}, set(bad)
    for record in records:
        if (record.topic, record.partition, record.offset) not in left_out:
            by_topic = partitions.setdefault(record.partition, {name: [] for name in topics})
            by_topic[record.topic].append(record)
    for number, by_topic in sorted(partitions.items()):
        own = [change for change in changes if change.partition == number]
        walk = _Walk(expected, laws[0], {law.version: law for law in laws}, own)
        latest = walk.over(by_topic, clocks.get(number, 0.0))
        expected.followed[number] = clocks.get(number, 0.0), latest
    return expected


class _Walk:
    """Through one partition."""

    def __init__(
        self, expected: Expected, law: Law, laws: Mapping[str, Law], changes: Sequence[Change]
    ) -> None:
        self.expected, self.law, self.laws, self.changes = expected, law, laws, list(changes)
        self.lives: dict[str, Life] = {}

    def over(self, by_topic: Mapping[str, Sequence[Record]], until: float) -> float:
        """Go through all records, and through silence up to `until`; returns the latest instant."""
        clock = 0.0
        for record, event in in_order(by_topic):
            while self.changes and record.offset >= self.changes[0].offsets[record.topic]:
                self._change()
            clock = max(clock, instant(event["event_time"]))
            customer = event["customer_id"]
            if customer not in self.lives:
                self.lives[customer] = Life(customer, self.law, Facts(self.law))
            self.expected.events += 1
            if self.lives[customer].take(event, clock) == "too_late":
                self.expected.too_late.add(record[:3])
        while self.changes:
            self._change()
        for life in self.lives.values():
            life.pass_silence(max(clock, until))
        self.expected.lives |= self.lives
        return clock

    def _change(self) -> None:
        change = self.changes.pop(0)
        self.law = self.laws[change.version]
        for life in self.lives.values():
            life.change_law(self.law, change.clock)


def in_order(by_topic: Mapping[str, Sequence[Record]]) -> Iterator[tuple[Record, dict]]:
    """A partition's records and their events: by the topic's running maximum of event time."""
    streams = [_keyed(place, records) for place, records in enumerate(by_topic.values())]
    return ((record, event) for _, record, event in merge(*streams, key=lambda each: each[0]))


def _keyed(
    place: int, records: Sequence[Record]
) -> Iterator[tuple[tuple[float, int], Record, dict]]:
    latest = -math.inf
    for record in sorted(records, key=lambda record: record.offset):
        event = json.loads(record.value or b"")
        latest = max(latest, instant(event["event_time"]))
        yield (latest, place), record, event
