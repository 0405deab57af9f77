"""Loading years of history from files into the store, as if they had been streamed.

Each partition's customers are replayed in memory by the live step and committed in slices. Every
commit says how many are left, so a run that was killed goes on where it stopped, and no worker
applies an event to a partition that is half loaded. Afterwards the store remembers the cut: what
the topics still hold from before it is skipped by the workers, so nothing counts twice.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import NEVER
from scoring.facts.apply import Applied
from scoring.facts.packing import pack
from scoring.facts.state import VERSION, States, new_states, raw
from scoring.model import ScoringModel
from scoring.segments.histograms import changes
from scoring.step.replay import EventLog, replay
from streams.broker.message import partitions_of
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.parameters.in_use import basis_of
from streams.store import Activated, Backfill, Claim, Commit, Store
from streams.store.opening import opened

SLICE: Final = 4_096  # customers in a commit


class BackfillError(Exception):
    """The store cannot take this history; its text says where, expected, got."""


class PartitionShare(NamedTuple):
    """One partition's part of the history.

    Attributes:
        number: of the partition.
        log: its customers' events before the cut.
        clock: of its last event, epoch seconds, 0 where it has none.
        backfill: what is noted of it before the first commit.
    """

    number: int
    log: EventLog
    clock: float
    backfill: Backfill


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


@dataclass(frozen=True)
class Backfiller:
    """Loads one history.

    Attributes:
        store: where to.
        partitions: how many it has.
        model: models, thresholds and calendar.
        messages: writes past warnings and scores to be published; None publishes none.
        on_slice: told after each commit.
    """

    store: Store
    partitions: int
    model: ScoringModel
    messages: Messages | None = None
    on_slice: Callable[[Loaded], None] = lambda _: None

    async def run(self, log: EventLog, until: float, *, resume: bool = False) -> Loaded:
        """Load the events before an instant.

        Args:
            log: the history.
            until: the cut, epoch seconds: topics hold all events from it on.
            resume: go on where a run with the same history, parameters and cut was stopped.

        Raises:
            BackfillError: the store holds other events than this run may have written.
            Fenced: a worker claimed a partition meanwhile.
        """
        past = log.before(until)
        shares = [self._share(number, part, until) for number, part in self._parts(past)]
        for share in shares:
            _check(share, await self.store.peek(share.number), resume=resume)
        last = float(past.times[-1]) if len(past.events) else None
        loaded = Loaded(until=until, last_event=last)
        for share in shares:
            await self._load(share, loaded)
        return loaded

    def _parts(self, past: EventLog) -> Iterator[tuple[int, EventLog]]:
        """The logs of the partitions, without customers who have no event yet."""
        nowhere = self.partitions
        numbers = partitions_of(past.customers, self.partitions)
        seen = np.bincount(past.rows, minlength=len(numbers)) > 0
        group = np.where(seen, numbers, nowhere)
        parts = past.grouped(group, self.partitions + 1)
        return ((number, log) for number, (_, log) in enumerate(parts) if number != nowhere)

    def _share(self, number: int, log: EventLog, until: float) -> PartitionShare:
        clock = float(log.times[-1]) if len(log.events) else 0.0
        slices = max(-(-len(log.customers) // SLICE), 1)
        return PartitionShare(number, log, clock, Backfill(until, self._plan(log, until), slices))

    def _plan(self, log: EventLog, until: float) -> str:
        """Digest of all that decides what is written, and in which slices."""
        parameters, publishes = self.model.parameters.digest, self.messages is not None
        digest = hashlib.sha256(repr((VERSION, SLICE, until, parameters, publishes)).encode())
        for part in (b"\0".join(log.customers), log.rows.tobytes(), log.events.tobytes()):
            digest.update(part)
        return digest.hexdigest()

    async def _load(self, share: PartitionShare, loaded: Loaded) -> None:
        if _is_done(share, await self.store.peek(share.number)):
            return
        claim = await self.store.claim(share.number)
        done = _check(share, claim, resume=True)
        for place, (_, part) in enumerate(share.log.blocks(SLICE)):
            if place >= done:
                left = share.backfill.left - place - 1
                commit = self._commit(share, part, loaded, claim, place - done, left)
                await self.store.commit(share.number, commit)
                self.on_slice(loaded)
        loaded.partitions += 1

    def _commit(
        self,
        share: PartitionShare,
        part: EventLog,
        loaded: Loaded,
        claim: Claim,
        made: int,
        left: int,
    ) -> Commit:
        """Replay a slice; word what it brings as a commit."""
        states, outbox = new_states(len(part.customers)), []
        before = new_states(len(part.customers))
        for customers, _, _, outcome in replay(part, self.model, until=share.clock):
            raw(states)[customers] = raw(outcome.states)
            names = [part.customers[row] for row in customers.tolist()]
            outbox += self.messages.entries(outcome, names) if self.messages else []
            loaded.duplicates += int((outcome.applied == Applied.DUPLICATE).sum())
            loaded.too_late += int((outcome.applied == Applied.TOO_LATE).sum())
            loaded.timers += outcome.timers
            loaded.warnings += len(outcome.warnings)
        parameters = self.model.parameters
        loaded.customers += len(part.customers)
        loaded.events += len(part.events)
        loaded.published += len(outbox)
        return Commit(
            owner=claim.owner,
            sequence=claim.sequence + made,
            clock=share.clock,
            offsets={},
            states=dict(zip(part.customers, pack(states), strict=True)),
            armed=_armed(part, states),
            outbox=outbox,
            histograms=changes(before, states),
            backfill=share.backfill._replace(left=left),
            activated=Activated(parameters.version, basis_of(parameters), 0.0),
        )


async def load(
    settings: Settings,
    model: ScoringModel,
    log: EventLog,
    until: float,
    *,
    resume: bool = False,
    publish: bool = False,
    on_slice: Callable[[Loaded], None] = lambda _: None,
) -> Loaded:
    """Load a history into the settings' Redis; see `Backfiller`.

    Raises:
        BackfillError: Redis holds other events than this run may have written.
        Fenced: a worker claimed a partition meanwhile.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    messages = Messages.of(settings, model) if publish else None
    async with opened(settings) as store:
        backfiller = Backfiller(store, settings.partitions, model, messages, on_slice)
        return await backfiller.run(log, until, resume=resume)


def _armed(log: EventLog, states: States) -> dict[bytes, float | None]:
    instants = states["armed_at"].tolist()
    return {name: at for name, at in zip(log.customers, instants, strict=True) if at != NEVER}


def _is_done(share: PartitionShare, claim: Claim) -> bool:
    return claim.backfill == share.backfill._replace(left=0)


def _check(share: PartitionShare, claim: Claim, *, resume: bool) -> int:
    """How many of the partition's commits are made.

    Raises:
        BackfillError: it holds something else.
    """
    stored, where = claim.backfill, f"partition {share.number}"
    if claim.sequence == 0 and stored is None:
        return 0
    if stored is None:
        got = f"{claim.sequence} commits by workers"
        raise BackfillError(f"{where}: expected an empty store, got {got}")
    if stored.plan != share.backfill.plan:
        held = "the history, parameters, cut and options of the backfill that it holds"
        raise BackfillError(f"{where}: expected {held}, got others")
    if not resume:
        got = f"a backfill with {stored.left} commits left; --resume goes on with it"
        raise BackfillError(f"{where}: expected an empty store, got {got}")
    return share.backfill.left - stored.left
