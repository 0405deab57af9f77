"""What becomes of every event: counted by outcome, or set aside as a dead letter."""

import json
from collections.abc import Mapping
from itertools import groupby
from typing import Final

import numpy as np
import structlog

from schemas import rejection
from scoring.arrays import Ints
from scoring.facts.apply import Applied
from scoring.facts.consent import purpose_of
from scoring.facts.kinds import Kind
from scoring.rules import RuleSet
from streams.intake.chunk import Chunk
from streams.intake.decode import Dead
from streams.intake.progress import Jump
from streams.intake.records import instant, unframed
from streams.partition.deciding import Decided
from streams.partition.services import Services
from streams.store import SetAside

log = structlog.get_logger()

_LATE: Final = ("too_late", "event_time", "at most 63 days before the last purchase")
_UNKNOWN: Final = (
    "unknown_warning",
    "warning_id",
    "a warning or case that had been raised by the event's time",
)
TYPES: Final = {int(kind): kind.name.lower() for kind in Kind}


class Accounts:
    """Counts a partition's events and sets dead letters aside.

    Args:
        number: of the partition.
        services: metrics, and where dead letters go.
        set_aside: records set aside before, by reason.
    """

    def __init__(self, number: int, services: Services, set_aside: Mapping[str, SetAside]) -> None:
        self._number, self._services = number, services
        self._set_aside, self._news = dict(set_aside), set[str]()
        self._gone: dict[str, list[Jump]] = {}

    @property
    def news(self) -> dict[str, SetAside]:
        """Records set aside so far, by the reasons for which more were than was committed."""
        return {reason: self._set_aside[reason] for reason in self._news}

    def committed(self) -> None:
        """Take what is `news` as noted by the store."""
        self._news.clear()

    def passes(self, offsets: Mapping[str, int]) -> None:
        """Count what is gone before `offsets` as lost, which a commit is about to pass.

        Not as soon as it is met: each of the partition's owners would count it. Nor once it is
        passed: who ends in between would have told nobody, and the next meets no gap any more.
        """
        for topic, jumps in self._gone.items():
            passed = [jump for jump in jumps if jump.found <= offsets.get(topic, 0)]
            self._gone[topic] = [jump for jump in jumps if jump not in passed]
            for wanted, found in passed:
                place = {"topic": topic, "partition": self._number, "first": wanted, "next": found}
                log.error("records lost", records=found - wanted, **place)
                self._services.metrics.offsets_lost.labels(topic).inc(found - wanted)

    def gone(self, topic: str, jump: Jump) -> None:
        """Hear that Kafka no longer holds records that were to be read next."""
        self._gone.setdefault(topic, []).append(jump)

    def backfilled(self, topic: str, kinds: Ints) -> None:
        """Count events of before the cut: files had them, and what the topic had before them."""
        if len(kinds):
            self._gone.pop(topic, None)
            self.count_as("backfilled", kinds)

    async def set_aside(self, topic: str, dead: list[Dead]) -> None:
        """Set records of a topic aside; returns once that is acknowledged."""
        if not dead:
            return
        await self._services.dead_letters.send(dead)
        for record, bad, _ in dead:
            self._services.metrics.dead_letter(topic, bad.reason)
            self._services.set_aside_log.note(topic, bad)
            before = self._set_aside.get(bad.reason)
            count = before.records + 1 if before else 1
            self._set_aside[bad.reason] = SetAside(
                count, record.timestamp / 1000.0, bad.where, bad.expected, bad.got
            )
            self._news.add(bad.reason)

    async def set_aside_unused(self, decided: Decided) -> None:
        """Set aside what came too late to be applied, and what could not be worked with."""
        chunk, dead = decided.turn.chunk, list(decided.unusable)
        for index in np.flatnonzero(decided.applied == Applied.TOO_LATE).tolist():
            got = f"{chunk.events['time'][index]:.0f}"
            dead.append(Dead(chunk.records[index], rejection(0, *_LATE, got)))
        for index in np.flatnonzero(decided.applied == Applied.UNKNOWN).tolist():
            answer = chunk.events[index]
            got = f"number {answer['amount']}, answered {instant(answer['time']).isoformat()}"
            dead.append(Dead(chunk.records[index], rejection(0, *_UNKNOWN, got)))
        for topic, found in groupby(sorted(dead, key=_topic), _topic):
            await self.set_aside(topic, list(found))

    def count(self, decided: Decided, rules: RuleSet) -> None:
        """Count a turn's events by what became of them, and what was answered to which rules."""
        chunk, applied = decided.turn.chunk, decided.applied
        self._services.metrics.batch.observe(len(chunk))
        for code in (Applied.APPLIED, Applied.DUPLICATE, Applied.EARLIER):  # others: dead letters
            self.count_as(code.name.lower(), chunk.events["kind"][applied == code])
        self._count_unheard(chunk, applied)
        self._count_elsewhere(chunk, applied)
        if len(decided.answers):
            names = {slot: name for name, slot in rules.slots.items()}
            self._services.metrics.answered.count(decided.answers, names)

    def _count_unheard(self, chunk: Chunk, applied: Ints) -> None:
        """Count what was said of consent to purposes that are not known."""
        events = chunk.events
        is_moot = (events["kind"] == Kind.CONSENT_CHANGED) & (events["score"] == 0)
        for index in np.flatnonzero(is_moot & (applied == Applied.APPLIED)).tolist():
            purpose = json.loads(unframed(chunk.records[index].value or b""))["purpose"]
            if purpose_of(purpose) is None:  # else its basis is not the customer's to withdraw
                self._services.metrics.consent_unheard.inc()
                self._services.other_purposes_log.note(purpose)

    def _count_elsewhere(self, chunk: Chunk, applied: Ints) -> None:
        """Count what happened at touchpoints that no family is known of."""
        touchpoints = self._services.in_use.current.model.touchpoints
        unknown = touchpoints.is_unknown(chunk.events) & (applied == Applied.APPLIED)
        rows = np.flatnonzero(unknown)
        self._services.metrics.elsewhere.inc(rows.size)
        marks, first = np.unique(chunk.events["merchant"][rows], return_index=True)
        for each, index in zip(marks.tolist(), rows[first].tolist(), strict=True):
            if self._services.other_touchpoints_log.is_news(each):
                event = json.loads(unframed(chunk.records[index].value or b""))
                self._services.other_touchpoints_log.note(each, event["touchpoint"])

    def count_as(self, outcome: str, kinds: Ints) -> None:
        """Count events of these kinds under one outcome."""
        for kind, number in zip(*np.unique(kinds, return_counts=True), strict=True):
            name = TYPES[int(kind)]
            topic = self._services.topic_of[name]
            self._services.metrics.events.labels(topic, name, outcome).inc(int(number))


def _topic(dead: Dead) -> str:
    return str(dead.record.topic)
