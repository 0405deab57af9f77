"""What the transport brings and tells, and whom it asks how far all is."""

from collections.abc import Mapping
from math import inf
from typing import NamedTuple, Protocol

from faust.types import TP

from streams.intake.records import Records


class Batch(Records):
    """Records a fetch brought of one partition, in offset order.

    Attributes:
        number: of the batch since the partition was last sought, from 0; None before that. A gap
            between offsets is no sign of loss, as transactions leave gaps; one between numbers is.
    """

    number: int | None = None


class End(NamedTuple):
    """How far a partition was read.

    Attributes:
        position: next offset to read.
        end: next offset behind all that the partition holds, be it not readable yet, such as what
            waits behind an open transaction. None: not known yet.
        heard: when a fetch of it was last answered, by the monotonic clock.
        sought: where reading began; None does not tell.
        stable: next offset behind what can be read: of the first transaction still open.
    """

    position: int
    end: int | None
    heard: float = inf
    sought: int | None = None
    stable: int | None = None


class Jump(NamedTuple):
    """A partition no longer holds what was to be read next: the offset wanted, and that found."""

    wanted: int
    found: int


class Progress(Protocol):
    """Who knows what was applied: asked instead of Kafka's committed offsets."""

    def applied_offset(self, topic: str, partition: int) -> int | None:
        """Next offset to apply, or None where the partition is not owned."""

    def on_fetch(self, fetched: Mapping[TP, int], ends: Mapping[TP, End]) -> None:
        """Hear what a fetch brought (next offsets) and where the partitions end."""

    def on_jump(self, tp: TP, jump: Jump) -> None:
        """Hear that a partition is read on elsewhere than where it should."""

    def held(self) -> frozenset[TP]:
        """Partitions that must not be fetched for now, their inbox being full."""
