"""What a turn comes to: decided from what was loaded, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from scoring.arrays import NEVER, Ints
from scoring.facts.packing import pack
from scoring.facts.state import Count, States
from scoring.segments.histograms import changes
from scoring.step.run import step
from scoring.warning.gate import Holding
from streams.intake.decode import Dead
from streams.intake.last_resort import unusable
from streams.parameters.in_use import Using
from streams.partition.brake_watch import rises
from streams.partition.customers import concerned
from streams.partition.turn import Turn
from streams.store import Activated, Commit, Entry


@dataclass(frozen=True)
class Decided:
    """What becomes of a turn.

    Attributes:
        turn: its events, those aside that raised an error.
        applied: what became of each event, `Applied` codes, shape (events,).
        timers: that fired.
        states: packed state by customer.
        armed: timers that change by customer, epoch seconds, None to disarm.
        outbox: messages to publish, in order.
        rises: warnings raised or escalated among them, by hour of event time.
        histograms: increments of the running histograms.
        answers: those taken, as of `Outcome`.
        unusable: records whose events raised an error.
    """

    turn: Turn
    applied: Ints
    timers: int
    states: dict[bytes, bytes]
    armed: dict[bytes, float | None]
    outbox: Sequence[Entry]
    rises: dict[int, int]
    histograms: dict[str, int]
    answers: States
    unusable: tuple[Dead, ...] = ()

    def figures(self) -> dict[str, int]:
        """Counts of what the turn comes to, by name."""
        return {
            "events": len(self.turn.chunk),
            "customers": len(self.states),
            "warnings": sum(self.rises.values()),
            "timers": self.timers,
            "messages": len(self.outbox),
        }

    def commit(self, owner: str, sequence: int, **noted: Any) -> Commit:  # noqa: ANN401
        """All that the turn changes, with other fields of `Commit` that go with it."""
        return Commit(
            owner=owner,
            sequence=sequence,
            clock=self.turn.clock,
            offsets=self.turn.offsets,
            states=self.states,
            armed=self.armed,
            outbox=self.outbox,
            rises=self.rises,
            histograms=self.histograms,
            **noted,
        )


def decide(turn: Turn, using: Using, activated: Activated | None) -> Decided:
    """Step a turn's customers, and word what is to be published.

    An event that raises an error is left out, found by halving: no value may end a process.

    Raises:
        Exception: what is raised without any event, and so is no record's fault.
    """
    dead: list[Dead] = []
    for left in count(len(turn.chunk), -1):
        try:
            return replace(_decide(turn, using, activated), unusable=tuple(dead))
        except MemoryError:
            raise
        except Exception as error:
            if not left:
                raise
            at = _culprit(turn, using, activated)
            dead.append(unusable(turn.chunk.records[at], error))
            turn = turn.without(at)
    raise AssertionError("unreachable")


def _culprit(turn: Turn, using: Using, activated: Activated | None) -> int:
    """The first event without which those before it raise nothing."""
    good, bad = 0, len(turn.chunk)
    _decide(turn.upto(0), using, activated)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            _decide(turn.upto(middle), using, activated)
        except Exception:  # noqa: BLE001 - whatever it is, it is looked for
            bad = middle
        else:
            good = middle
    return bad - 1


def _decide(turn: Turn, using: Using, activated: Activated | None) -> Decided:
    of, since = concerned(turn.ids, turn.loaded), activated.clock if activated else -NEVER
    events, rows = turn.chunk.events, turn.rows
    held = Holding((turn.passed.holds,))
    place = (events, rows, turn.clocks, turn.until)
    outcome = step(of.states, *place, using.model, since, held=held)
    return Decided(
        turn,
        outcome.applied,
        outcome.timers,
        states=_packed(of.customers, outcome.states),
        armed=of.rearmed(outcome.states),
        outbox=using.messages.entries(outcome, of.customers),
        rises=rises(outcome.warnings),
        histograms=changes(of.states, outcome.states),
        answers=outcome.answers,
    )


def _packed(customers: Sequence[bytes], states: States) -> dict[bytes, bytes]:
    """Packed state by customer; nothing of who is only spoken of, such as in an answer."""
    known = states["counts"][:, Count.EVENTS] > 0
    if not known.all():
        customers = [customers[row] for row in np.flatnonzero(known).tolist()]
        states = states[known]
    return dict(zip(customers, pack(states), strict=True))
