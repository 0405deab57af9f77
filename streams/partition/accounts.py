"""What becomes of every event: counted by outcome, or set aside as a dead letter."""

from typing import Final

import numpy as np

from schemas import rejection
from scoring.arrays import Ints
from scoring.facts.apply import Applied
from scoring.facts.kinds import Kind
from streams.intake.chunk import Chunk
from streams.intake.decode import Dead
from streams.partition.services import Services

TYPES: Final = {int(kind): kind.name.lower() for kind in Kind}


class Accounts:
    """Counts events and sets dead letters aside.

    Args:
        services: metrics, and where dead letters go.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def set_aside(self, topic: str, dead: list[Dead]) -> None:
        """Set records of a topic aside; returns once that is acknowledged."""
        if not dead:
            return
        await self._services.dead_letters.send(dead)
        for letter in dead:
            self._services.metrics.dead_letter(topic, letter.rejection.reason)

    async def set_aside_late(self, chunk: Chunk, applied: Ints) -> None:
        """Set aside what came too late to be applied; `applied` as a step returns it."""
        for index in np.flatnonzero(applied == Applied.TOO_LATE).tolist():
            record, time_of = chunk.records[index], chunk.events["time"][index]
            bad = rejection(
                0,
                "too_late",
                "event_time",
                "at most 63 days before the last purchase",
                f"{time_of:.0f}",
            )
            await self.set_aside(record.topic, [Dead(record, bad)])

    def count(self, chunk: Chunk, applied: Ints) -> None:
        """Count a batch by what became of its events; `applied` as a step returns it."""
        self._services.metrics.batch.observe(len(chunk))
        for code in (Applied.APPLIED, Applied.DUPLICATE):  # too late: counted as a dead letter
            self.count_as(code.name.lower(), chunk.events["kind"][applied == code])

    def count_as(self, outcome: str, kinds: Ints) -> None:
        """Count events of these kinds under one outcome."""
        for kind, number in zip(*np.unique(kinds, return_counts=True), strict=True):
            name = TYPES[int(kind)]
            topic = self._services.topic_of[name]
            self._services.metrics.events.labels(topic, name, outcome).inc(int(number))
