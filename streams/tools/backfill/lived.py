"""What comes of replaying customers for a backfill, and what was written of it."""

from dataclasses import dataclass
from typing import NamedTuple

from scoring.arrays import NEVER
from scoring.facts.apply import Applied
from scoring.facts.state import States
from scoring.step.outcome import Outcome
from streams.store import Entry


@dataclass
class Loaded:
    """What a backfill wrote; what an earlier run had written is not counted.

    Attributes:
        until: the cut, epoch seconds.
        last_event: the last event's time, None where there is none.
        partitions, customers, events: written.
        duplicates, too_late: events that were not applied.
        timers: that fired.
        warnings: raised, eased and cleared.
        published: messages put into the outbox.
        of: customers that the history has before the cut.
    """

    until: float
    last_event: float | None
    partitions: int = 0
    customers: int = 0
    events: int = 0
    duplicates: int = 0
    too_late: int = 0
    timers: int = 0
    warnings: int = 0
    published: int = 0
    of: int = 0

    def count(self, outcome: Outcome) -> None:
        """Count what a step brought."""
        self.duplicates += int((outcome.applied == Applied.DUPLICATE).sum())
        self.too_late += int((outcome.applied == Applied.TOO_LATE).sum())
        self.timers += outcome.timers
        self.warnings += len(outcome.warnings)


class Lived(NamedTuple):
    """A partition's customers of a group at the partition's clock.

    Attributes:
        number: of the partition.
        customers: their ids.
        states: theirs, shape (customers,).
        outbox: what is told of their past.
        events: they had.
    """

    number: int
    customers: list[bytes]
    states: States
    outbox: list[Entry]
    events: int

    def armed(self) -> dict[bytes, float | None]:
        """Their timers, epoch seconds, of those who have one."""
        instants = self.states["armed_at"].tolist()
        return {name: at for name, at in zip(self.customers, instants, strict=True) if at != NEVER}
