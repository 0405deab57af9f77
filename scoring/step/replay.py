"""Replaying a whole history in memory, through the very step the live worker takes.

Customers do not see each other and the step does not see batch boundaries, so a history may be
replayed block of customers by block of customers: what comes out is what a worker would have made
of it in order, byte for byte.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from scoring import ScoringError
from scoring.arrays import Floats, Ints, raw
from scoring.facts.events import Events, hash_ids
from scoring.facts.state import States, new_states
from scoring.model import ScoringModel
from scoring.step.outcome import Outcome
from scoring.step.run import step
from scoring.warning.gate import Arrivals, Holding, advance, arrivals, new_gate

BLOCK: Final = 8_192  # customers replayed together: fuller rounds against a fuller cache, measured
PIECE: Final = 400_000  # events stepped at once, which bounds the memory for what they bring forth


class ReplayError(ScoringError):
    """An instant up to which a history cannot be replayed."""


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

    @property
    def times(self) -> Floats:
        """Event times, epoch seconds, shape (events,)."""
        times: Floats = self.events["time"]
        return times

    def before(self, instant: float) -> "EventLog":
        """The events before an instant, epoch seconds; all customers keep their row."""
        end = int(np.searchsorted(self.times, instant, side="left"))
        return EventLog(self.customers, self.rows[:end], self.events[:end])

    def grouped(self, group: Ints, count: int) -> Iterator[tuple[Ints, "EventLog"]]:
        """Split into the logs of groups of customers.

        Args:
            group: number of each customer's group, shape (customers,).
            count: how many groups there are.

        Yields:
            For each group the rows of its customers in this log, and its own log.
        """
        members = np.split(*_by_group(group, count))
        events = np.split(*_by_group(group[self.rows], count))
        within = np.empty(len(group), np.int64)
        for own, at in zip(members, events, strict=True):
            within[own] = np.arange(len(own))
            names = [self.customers[row] for row in own.tolist()]
            yield own, EventLog(names, within[self.rows[at]], self.events.take(at))

    def blocks(self, size: int) -> Iterator[tuple[Ints, "EventLog"]]:
        """Split into blocks of customers, at least one: as `grouped` does.

        Those with most events come first, so that a block's customers have about as many each and
        the rounds of a step stay full.
        """
        counts = np.bincount(self.rows, minlength=len(self.customers))
        place = np.empty(len(counts), np.int64)
        place[np.argsort(-counts, kind="stable")] = np.arange(len(counts))
        return self.grouped(place // size, max(-(-len(counts) // size), 1))


class Replayed(NamedTuple):
    """What became of a block of customers up to an instant.

    Attributes:
        customers: index into the log's customers of each of the outcome's rows.
        clock: the instant, epoch seconds; the outcome's states are as of it.
        is_stop: whether it was asked for, being a stop or the end.
        outcome: as `step` returns it, of what came since the block's last one.
    """

    customers: Ints
    clock: float
    is_stop: bool
    outcome: Outcome


def replay(
    log: EventLog,
    model: ScoringModel,
    *,
    until: float,
    stops: Sequence[float] = (),
    states: States | None = None,
    explained: bool = False,
    held: Holding | None = None,
) -> Iterator[Replayed]:
    """Replay a history.

    Args:
        log: the events.
        model: models, thresholds and calendar.
        until: the clock at the end, epoch seconds, not before any event; timers due by then fire.
        stops: instants before `until`, ascending, at which states are wanted: with the events
            before the instant applied and the timers due by it fired.
        states: of all customers before the log, shape (customers,); new ones by default.
        explained: as `step` takes it.
        held: when which rises are held; by default as the gate of one partition with just these
            customers finds, see `holds_of`.

    Yields:
        Blocks' outcomes, one for each stop, one at `until` and more where a block has many events.

    Raises:
        ReplayError: there are events after `until`.
    """
    if len(log.events) and log.times[-1] > until:
        latest = f"the last event at {log.times[-1]:.0f} or later"
        raise ReplayError(where="until", expected=latest, got=until)
    holding = holds_of(log, until) if held is None else held
    for block, part in log.blocks(BLOCK):
        own = new_states(len(block)) if states is None else states.take(block)
        of_block = holding.take(block)
        for piece in _pieces(part.times, stops, until):
            at = slice(piece.start, piece.end)
            clocks, rows = part.times[at], part.rows[at]
            outcome = step(
                own,
                part.events[at],
                rows,
                clocks,
                piece.clock,
                model,
                explained=explained,
                held=of_block,
            )
            own = outcome.states
            yield Replayed(block, piece.clock, piece.is_stop, outcome)


def final_states(
    log: EventLog,
    model: ScoringModel,
    *,
    until: float,
    states: States | None = None,
    held: Holding | None = None,
) -> States:
    """States of all customers of a log at `until`, shape (customers,); arguments as `replay`."""
    final = new_states(len(log.customers))
    for replayed in replay(log, model, until=until, states=states, held=held):
        raw(final)[replayed.customers] = raw(replayed.outcome.states)
    return final


def holds_of(log: EventLog, until: float) -> Holding:
    """What the gate of a partition with a history's customers, and no others, holds up to `until`.

    A pass over all of them, before they are replayed block by block.
    """
    return held_by(came_of(log), until)


def held_by(came: Arrivals, until: float) -> Holding:
    """What the gate of one partition holds up to an instant, epoch seconds, by all that came."""
    return Holding((advance(new_gate(), came, until).holds,))


def came_of(log: EventLog) -> Arrivals:
    """What came, as the gate counts it."""
    return arrivals(log.times, log.events, hash_ids(log.customers)[log.rows])


def _by_group(group: Ints, count: int) -> tuple[Ints, Ints]:
    """Places ordered by group, and where to split them into groups."""
    sizes = np.bincount(group, minlength=count)
    return np.argsort(group, kind="stable"), np.cumsum(sizes)[:-1]


class _Piece(NamedTuple):
    start: int
    end: int
    clock: float
    is_stop: bool


def _pieces(times: Floats, stops: Sequence[float], until: float) -> Iterator[_Piece]:
    start = 0
    for clock in (*stops, until):
        end = len(times) if clock == until else int(np.searchsorted(times, clock, side="left"))
        for cut in range(start + PIECE, end, PIECE):
            yield _Piece(start, cut, float(times[cut - 1]), is_stop=False)
            start = cut
        yield _Piece(start, end, clock, is_stop=True)
        start = end
