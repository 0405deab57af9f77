"""Replaying a whole history in memory, through the very step the live worker takes.

Customers do not see each other and the step does not see batch boundaries, so a history may be
replayed block of customers by block of customers: what comes out is what a worker would have made
of it in order, byte for byte.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from scoring.events import Events
from scoring.state import Floats, Ints, States, new_states
from scoring.step import Outcome, step

if TYPE_CHECKING:
    from scoring.model import Model

BLOCK: Final = 4_096  # customers replayed together: their states stay in the processor's cache
PIECE: Final = 400_000  # events stepped at once, which bounds the memory for what they bring forth


class EventLog(NamedTuple):
    """A history as columns, ordered as a worker merges it: by event time, transactions first.

    Attributes:
        customers: distinct customer ids, shape (customers,).
        rows: index into `customers` of each event, shape (events,).
        events: dtype `EVENT`, by time; the clock at each event is its own time.
    """

    customers: Sequence[bytes]
    rows: Ints
    events: Events

    def before(self, instant: float) -> "EventLog":
        """The events before an instant, epoch seconds; all customers keep their row."""
        end = int(np.searchsorted(self.events["time"], instant, side="left"))
        return EventLog(self.customers, self.rows[:end], self.events[:end])


class Replayed(NamedTuple):
    """What became of a block of customers.

    Attributes:
        customers: index into the log's customers of each of the outcome's rows.
        outcome: as `step` returns it.
    """

    customers: Ints
    outcome: Outcome


def replay(
    log: EventLog, model: "Model", *, until: float, states: States | None = None
) -> Iterator[Replayed]:
    """Replay a history.

    Args:
        log: the events.
        model: models, thresholds and calendar.
        until: the clock at the end, epoch seconds; reviews due by then fire.
        states: of all customers before the log, shape (customers,); new ones by default.

    Yields:
        Blocks' outcomes, several a block where it has many events; the last one of a block has its
        final states.
    """
    for block, at in _blocks(log):
        block_states = new_states(len(block)) if states is None else states[block]
        rows, events = _local(log, block, at)
        for start in range(0, max(len(at), 1), PIECE):
            part = slice(start, start + PIECE)
            is_last = start + PIECE >= len(at)
            clock = until if is_last else float(events["time"][part][-1])
            clocks: Floats = events["time"][part]
            outcome = step(block_states, events[part], rows[part], clocks, clock, model)
            block_states = outcome.states
            yield Replayed(block, outcome)


def final_states(log: EventLog, model: "Model", *, until: float) -> States:
    """States of all customers of a log at `until`, shape (customers,)."""
    states = new_states(len(log.customers))
    for replayed in replay(log, model, until=until):
        states[replayed.customers] = replayed.outcome.states
    return states


def _blocks(log: EventLog) -> Iterator[tuple[Ints, Ints]]:
    """Blocks of customers of like event counts, so that rounds stay full, and their events."""
    counts = np.bincount(log.rows, minlength=len(log.customers))
    by_count = np.argsort(-counts, kind="stable")
    place = np.empty(len(by_count), np.int64)
    place[by_count] = np.arange(len(by_count))
    order = np.argsort(place[log.rows] // BLOCK, kind="stable")
    ends = np.cumsum(np.add.reduceat(counts[by_count], np.arange(0, len(counts), BLOCK)))
    start = 0
    for number, end in enumerate(ends.tolist()):
        yield by_count[number * BLOCK : (number + 1) * BLOCK], order[start:end]
        start = end


def _local(log: EventLog, block: Ints, at: Ints) -> tuple[Ints, Events]:
    """A block's events, and their rows counted within it."""
    within = np.empty(len(log.customers), np.int64)
    within[block] = np.arange(len(block))
    return within[log.rows[at]], log.events.take(at)
