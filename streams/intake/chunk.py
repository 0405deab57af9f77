"""Decoded events of one topic-partition, with the records they came in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.arrays import Ints, joined
from scoring.facts.events import EVENT, Events
from streams.intake.records import Records


@dataclass(frozen=True)
class Chunk:
    """Decoded records of one topic-partition, in offset order.

    Attributes:
        events: what can be used, shape (n,), dtype `EVENT`.
        customers: their customer ids.
        records: the Kafka records they came in.
        offsets: their offsets, shape (n,).
        end: next offset behind the chunk, whatever its last records were.
    """

    events: Events
    customers: list[bytes]
    records: Records
    offsets: Ints
    end: int

    def __len__(self) -> int:
        return len(self.customers)

    def split(self, at: int) -> tuple["Chunk", "Chunk"]:
        """Cut before event `at`."""
        end = int(self.offsets[at]) if at < len(self) else self.end
        head = Chunk(
            self.events[:at], self.customers[:at], self.records[:at], self.offsets[:at], end
        )
        tail = Chunk(
            self.events[at:], self.customers[at:], self.records[at:], self.offsets[at:], self.end
        )
        return head, tail

    def pick(self, places: Ints) -> "Chunk":
        """Some of the events, in order; the chunk still reaches to its end."""
        picks = places.tolist()
        return Chunk(
            self.events[places],
            [self.customers[pick] for pick in picks],
            [self.records[pick] for pick in picks],
            self.offsets[places],
            self.end,
        )


def empty_chunk(end: int) -> Chunk:
    """A chunk of nothing that reaches to `end`."""
    return Chunk(np.empty(0, EVENT), [], [], np.empty(0, np.int64), end)


def join(chunks: Sequence[Chunk]) -> Chunk:
    """Put chunks of one topic-partition behind each other."""
    if len(chunks) == 1:
        return chunks[0]
    return Chunk(
        joined([chunk.events for chunk in chunks]),
        [customer for chunk in chunks for customer in chunk.customers],
        [record for chunk in chunks for record in chunk.records],
        np.concatenate([chunk.offsets for chunk in chunks]),
        chunks[-1].end,
    )
