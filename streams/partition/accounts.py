"""What becomes of every event: counted by outcome, or set aside as a dead letter."""

from collections.abc import Mapping
from itertools import groupby
from typing import Final

import numpy as np

from schemas import rejection
from scoring.arrays import Ints
from scoring.facts.apply import Applied
from scoring.facts.kinds import Kind
from streams.intake.decode import Dead
from streams.partition.deciding import Decided
from streams.partition.services import Services
from streams.store import SetAside

_LATE: Final = ("event_time", "at most 63 days before the last purchase")
TYPES: Final = {int(kind): kind.name.lower() for kind in Kind}


class Accounts:
    """Counts a partition's events and sets dead letters aside.

    Args:
        services: metrics, and where dead letters go.
        set_aside: records set aside before, by reason.
    """

    def __init__(self, services: Services, set_aside: Mapping[str, SetAside]) -> None:
        self._services = services
        self._set_aside, self._news = dict(set_aside), set[str]()

    @property
    def news(self) -> dict[str, SetAside]:
        """Records set aside so far, by the reasons for which more were than was committed."""
        return {reason: self._set_aside[reason] for reason in self._news}

    def committed(self) -> None:
        """Take what is `news` as noted by the store."""
        self._news.clear()

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
            dead.append(Dead(chunk.records[index], rejection(0, "too_late", *_LATE, got)))
        for topic, found in groupby(sorted(dead, key=_topic), _topic):
            await self.set_aside(topic, list(found))

    def count(self, decided: Decided) -> None:
        """Count a turn's events by what became of them."""
        chunk, applied = decided.turn.chunk, decided.applied
        self._services.metrics.batch.observe(len(chunk))
        for code in (Applied.APPLIED, Applied.DUPLICATE):  # too late: counted as a dead letter
            self.count_as(code.name.lower(), chunk.events["kind"][applied == code])

    def count_as(self, outcome: str, kinds: Ints) -> None:
        """Count events of these kinds under one outcome."""
        for kind, number in zip(*np.unique(kinds, return_counts=True), strict=True):
            name = TYPES[int(kind)]
            topic = self._services.topic_of[name]
            self._services.metrics.events.labels(topic, name, outcome).inc(int(number))


def _topic(dead: Dead) -> str:
    return str(dead.record.topic)
