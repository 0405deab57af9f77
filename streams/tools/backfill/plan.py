"""What a backfill will write, told before it writes anything: so that a later run can go on."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Bools, Floats, Ints
from scoring.facts.events import hash_ids
from scoring.facts.state import VERSION
from scoring.step.replay import EventLog
from scoring.warning.gate import Arrivals, Passed, advance, arrivals, merged, new_gate
from streams.broker.partitioner import MURMUR2, Partitioner
from streams.store import Backfill, Claim

GROUP: Final = 16_384  # customers replayed together, and a partition's of them committed at once

HistoryPart = Callable[[], EventLog]  # read anew at each call; whole for its customers


class BackfillError(Exception):
    """The store cannot take this history; its text says where, expected, got."""


class CustomerGroup(NamedTuple):
    """Customers of any partitions, each with an event before the cut.

    Attributes:
        numbers: of their partitions, shape (customers,).
        log: their events before the cut.
    """

    numbers: Ints
    log: EventLog

    def by_partition(self) -> dict[int, Ints]:
        """Rows of each partition that has some of them."""
        order = np.argsort(self.numbers, kind="stable")
        found, starts = np.unique(self.numbers[order], return_index=True)
        return dict(zip(found.tolist(), np.split(order, starts[1:]), strict=True))

    def of(self, numbers: Sequence[int]) -> "CustomerGroup":
        """Those of some partitions."""
        own = np.isin(self.numbers, numbers)
        return self if own.all() else CustomerGroup(self.numbers[own], _only(self.log, own))


def groups(
    part: HistoryPart, until: float, partitions: int, partitioner: Partitioner = MURMUR2
) -> Iterator[CustomerGroup]:
    """Cut a part of the history into groups; the same ones each time."""
    past = part().before(until)
    known = np.bincount(past.rows, minlength=len(past.customers)) > 0
    if not known.any():
        return
    log = _only(past, known)
    numbers = partitioner.many(log.customers, partitions)
    for rows, own in log.blocks(GROUP):
        yield CustomerGroup(numbers[rows], own)


def _only(log: EventLog, which: Bools) -> EventLog:
    """The log of those customers alone."""
    _, (_, own) = log.grouped(which.astype(np.int64), 2)
    return own


class PartitionShare(NamedTuple):
    """What becomes of one partition.

    Attributes:
        number: of the partition.
        clock: of its last event, epoch seconds, 0 where it has none.
        backfill: what is noted of it before the first commit.
    """

    number: int
    clock: float
    backfill: Backfill

    def made(self, claim: Claim, *, resume: bool) -> int:
        """How many of its commits are made.

        Raises:
            BackfillError: the store holds something else.
        """
        stored, where = claim.backfill, f"partition {self.number}"
        if claim.sequence == 0 and stored is None:
            return 0
        if stored is None:
            got = f"{claim.sequence} commits by workers"
            raise BackfillError(f"{where}: expected an empty store, got {got}")
        if stored.plan != self.backfill.plan:
            held = "the history, parameters, cut and options of the backfill that it holds"
            raise BackfillError(f"{where}: expected {held}, got others")
        if not resume:
            got = f"a backfill with {stored.left} commits left; --resume goes on with it"
            raise BackfillError(f"{where}: expected an empty store, got {got}")
        return self.backfill.left - stored.left

    def is_made(self, claim: Claim) -> bool:
        """Whether all of it is, be it that workers went on since."""
        return claim.backfill == self.backfill._replace(left=0)


class Planned(NamedTuple):
    """What a backfill will write.

    Attributes:
        shares: of all partitions.
        clocks: of all partitions, epoch seconds, shape (partitions,).
        customers: with an event before the cut.
        last_event: the time of the last event before it, None where there is none.
        gates: of all partitions at their clocks, and what each held until then.
    """

    shares: list[PartitionShare]
    clocks: Floats
    customers: int
    last_event: float | None
    gates: tuple[Passed, ...] = ()


def planned(
    history: Sequence[HistoryPart],
    until: float,
    partitions: int,
    options: object,
    partitioner: Partitioner = MURMUR2,
) -> Planned:
    """Go through a history.

    Args:
        history: its parts.
        until: the cut, epoch seconds.
        partitions: how many there are.
        partitioner: tells a customer's.
        options: what else decides what is written; told by its `repr`.
    """
    seed = hashlib.sha256(repr((VERSION, GROUP, until, options)).encode())
    digests = [seed.copy() for _ in range(partitions)]
    clocks, commits, customers = np.zeros(partitions), np.zeros(partitions, np.int64), 0
    came: dict[int, list[Arrivals]] = {number: [] for number in range(partitions)}
    for part in history:
        for group in groups(part, until, partitions, partitioner):
            _count(group, came)
            customers += len(group.numbers)
            np.maximum.at(clocks, group.numbers[group.log.rows], group.log.times)
            told = _digest(group.log)
            for number in np.unique(group.numbers).tolist():
                commits[number] += 1
                digests[number].update(told)
    shares = [
        PartitionShare(number, clock, Backfill(until, digest.hexdigest(), max(left, 1)))
        for number, (clock, digest, left) in enumerate(
            zip(clocks.tolist(), digests, commits.tolist(), strict=True)
        )
    ]
    passed = (advance(new_gate(), merged(came[n]), clock) for n, clock in enumerate(clocks))
    last = float(clocks.max()) if customers else None
    return Planned(shares, clocks, customers, last, tuple(passed))


def _count(group: CustomerGroup, came: dict[int, list[Arrivals]]) -> None:
    """Count a group's events for the gates of its partitions, in place."""
    of = group.numbers[group.log.rows]
    hashes = hash_ids(group.log.customers)[group.log.rows]
    for number in np.unique(of).tolist():
        at = np.flatnonzero(of == number)
        events = group.log.events.take(at)
        came[number].append(arrivals(events["time"], events, hashes[at]))


def _digest(log: EventLog) -> bytes:
    """What tells a log from others."""
    whole = hashlib.sha256(b"\0".join(log.customers))
    for column in (log.rows, log.events):
        whole.update(column.tobytes())
    return whole.digest()
