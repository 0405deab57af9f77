"""One turn of a partition: what is stepped and committed at once."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from scoring.arrays import Floats, Ints
from scoring.warning.gate import Gate, Passed
from streams.intake.chunk import Chunk
from streams.store import Load

LONGEST: Final = 1.0  # seconds of judging, in which probes and heartbeats wait
FIRST: Final = 2_000  # events, until it is known how long they take
LEAST: Final = 100  # events, however slow the machine: each turn is a commit


@dataclass(frozen=True)
class Turn:
    """Events of a stretch of the merged log, or none where timers alone fire.

    Attributes:
        chunk: the events, in merged order.
        clocks: the partition's clock at each event, epoch seconds, shape (events,).
        ids: distinct customers of the events.
        loaded: their states, and those of customers with timers due.
        until: the clock up to which timers fire.
        clock: the partition's clock once this is committed.
        offsets: next offset to apply by topic, once this is committed.
        passed: what the partition's feeds hold meanwhile, and its gate after it.
        keeps_gate: whether that gate is committed with it: only with the events that it counted.
    """

    chunk: Chunk
    clocks: Floats
    ids: list[bytes]
    loaded: Load
    until: float
    clock: float
    offsets: Mapping[str, int]
    passed: Passed
    keeps_gate: bool = True

    @property
    def gate(self) -> Gate | None:
        """The gate to commit, if any."""
        return self.passed.gate if self.keeps_gate else None

    def upto(self, count: int) -> "Turn":
        """The same with its first events only."""
        return self._with(np.arange(count))

    def without(self, at: int) -> "Turn":
        """The same without one event."""
        return self._with(np.delete(np.arange(len(self.chunk)), at))

    def _with(self, places: Ints) -> "Turn":
        return replace(self, chunk=self.chunk.pick(places), clocks=self.clocks[places])

    @property
    def rows(self) -> Ints:
        """Place in `ids` of each event's customer, shape (events,)."""
        row_of = {customer: row for row, customer in enumerate(self.ids)}
        return np.array([row_of[customer] for customer in self.chunk.customers], np.int64)


class TurnPace:
    """How many events the next turn may have, so that judging them takes no longer than `LONGEST`.

    Twice as many where those would not have, half as many where the last took longer. How a log is
    cut into turns changes nothing of what comes of it.

    Args:
        most: events a turn may have, however quick it is.

    Attributes:
        events: how many.
    """

    def __init__(self, most: int) -> None:
        self._most, self.events = most, min(most, FIRST)

    @contextmanager
    def judging(self, turn: Turn) -> Iterator[None]:
        """Learn from the judging of a turn; from fewer events than it might have, no more."""
        began, events = time.perf_counter(), len(turn.chunk)
        yield
        took = time.perf_counter() - began
        if events and took > LONGEST:
            self.events = min(max(events // 2, LEAST), self._most)
        elif 2 * events > self.events and 2 * took < LONGEST:
            self.events = min(2 * self.events, self._most)
