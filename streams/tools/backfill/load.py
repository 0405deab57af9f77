"""Replaying a history group by group, and committing what it leaves to the store."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.arrays import Ints, raw
from scoring.facts.packing import pack
from scoring.facts.state import new_states
from scoring.model import ScoringModel
from scoring.segments.histograms import changes
from scoring.step.outcome import Outcome
from scoring.step.replay import EventLog, replay
from scoring.warning.gate import Gate, Holding, to_parts
from streams.broker.partitioner import MURMUR2, Partitioner, partitioner
from streams.config import Settings
from streams.outbox.messages import Messages
from streams.parameters.in_use import basis_of, version_of
from streams.store import Activated, Claim, Commit, Entry, Store
from streams.store.opening import opened
from streams.tools.backfill.lived import Lived, Loaded
from streams.tools.backfill.plan import (
    CustomerGroup,
    HistoryPart,
    PartitionShare,
    Planned,
    groups,
    planned,
)


@dataclass
class _Loading:
    """A partition that is being loaded.

    Attributes:
        share: what becomes of it.
        claim: under which it is written.
        made: its commits that an earlier run made.
        gate: of the partition at its clock.
        place: of the next commit.
    """

    share: PartitionShare
    claim: Claim
    made: int
    gate: Gate
    place: int = 0

    def is_due(self) -> bool:
        """Whether the next commit is still to be made; goes on to the one behind it."""
        self.place += 1
        return self.place > self.made

    @property
    def left(self) -> int:
        """Commits to be made behind the next."""
        return self.share.backfill.left - self.place


@dataclass(frozen=True)
class Backfiller:
    """Loads one history.

    Attributes:
        store: where to.
        partitions: how many it has.
        model: models, thresholds and calendar.
        messages: writes past warnings and scores to be published; None publishes none.
        on_commit: told after each commit.
        partitioner: tells a customer's partition.
    """

    store: Store
    partitions: int
    model: ScoringModel
    messages: Messages | None = None
    on_commit: Callable[[Loaded], None] = lambda _: None
    partitioner: Partitioner = MURMUR2

    async def run(
        self, history: Sequence[HistoryPart], until: float, *, resume: bool = False
    ) -> Loaded:
        """Load the events before an instant.

        Args:
            history: its parts, which are read twice; the largest bounds the memory it takes.
            until: the cut, epoch seconds: topics hold all events from it on.
            resume: go on where a run with the same history, parameters and cut was stopped.

        Raises:
            BackfillError: the store holds other events than this run may have written.
            Fenced: a worker claimed a partition meanwhile.
        """
        options = (self.model.parameters.digest, self.messages is not None)
        plan = planned(history, until, self.partitions, options, self.partitioner)
        for share in plan.shares:
            share.made(await self.store.peek(share.number), resume=resume)
        loaded = Loaded(until=until, last_event=plan.last_event, of=plan.customers)
        loading = [
            await self._claim(share, passed.gate)
            for share, passed in zip(plan.shares, plan.gates, strict=True)
        ]
        pending = {each.share.number: each for each in loading if each is not None}
        for part in history:
            for group in groups(part, until, self.partitions, self.partitioner):
                await self._load(group, plan, pending, loaded)
        for each in pending.values():
            if each.place == 0 and each.is_due():
                await self._commit(each, Lived(each.share.number, [], new_states(0), [], 0), loaded)
        loaded.partitions = len(pending)
        return loaded

    async def _claim(self, share: PartitionShare, gate: Gate) -> _Loading | None:
        """Own a partition that is not loaded yet."""
        if share.is_made(await self.store.peek(share.number)):
            return None
        claim = await self.store.claim(share.number)
        return _Loading(share, claim, share.made(claim, resume=True), gate)

    async def _load(
        self,
        group: CustomerGroup,
        plan: Planned,
        pending: dict[int, _Loading],
        loaded: Loaded,
    ) -> None:
        numbers = np.unique(group.numbers).tolist()
        due = [number for number in numbers if number in pending and pending[number].is_due()]
        if not due:
            return
        for lived in self._lives(group.of(due), plan, loaded):
            await self._commit(pending[lived.number], lived, loaded)

    def _lives(self, group: CustomerGroup, plan: Planned, loaded: Loaded) -> Iterator[Lived]:
        """Replay customers together, and leave each partition's at its own clock."""
        clocks, held = plan.clocks, Holding(tuple(g.holds for g in plan.gates), group.numbers)
        log, ends = group.log, clocks[group.numbers]
        states, going, start = new_states(len(ends)), np.arange(len(ends)), 0
        members = group.by_partition()
        told: dict[int, list[Entry]] = {number: [] for number in members}
        events = np.bincount(log.rows, minlength=len(ends))
        number_of = dict(zip(log.customers, group.numbers.tolist(), strict=True))
        for clock in np.unique(ends).tolist():
            end = int(np.searchsorted(log.times, clock, side="right"))
            part = _stretch(log, going, start, end)
            own, of_going = states.take(going), held.take(going)
            told_too = self.messages is not None
            for rows, _, _, outcome in replay(
                part, self.model, until=clock, states=own, held=of_going, explained=told_too
            ):
                raw(states)[going[rows]] = raw(outcome.states)
                loaded.count(outcome)
                for entry in self._entries(outcome, part, rows):
                    told[number_of[entry.key]].append(entry)
            for number, rows in members.items():
                if clocks[number] == clock:
                    names = [log.customers[row] for row in rows.tolist()]
                    many = int(events[rows].sum())
                    yield Lived(number, names, states.take(rows), told.pop(number), many)
            going, start = going[ends[going] > clock], end

    def _entries(self, outcome: Outcome, log: EventLog, rows: Ints) -> list[Entry]:
        if self.messages is None:
            return []
        return self.messages.entries(outcome, [log.customers[row] for row in rows.tolist()])

    async def _commit(self, loading: _Loading, lived: Lived, loaded: Loaded) -> None:
        share, claim = loading.share, loading.claim
        states = lived.states
        commit = Commit(
            owner=claim.owner,
            sequence=claim.sequence + loading.place - loading.made - 1,
            clock=share.clock,
            offsets={},
            states=dict(zip(lived.customers, pack(states), strict=True)),
            armed=lived.armed(),
            outbox=lived.outbox,
            histograms=changes(new_states(len(states)), states),
            backfill=share.backfill._replace(left=loading.left),
            activated=Activated(version_of(self.model), basis_of(self.model), 0.0),
            gate=to_parts(loading.gate),
        )
        await self.store.commit(share.number, commit)
        loaded.customers += len(lived.customers)
        loaded.events += lived.events
        loaded.published += len(lived.outbox)
        self.on_commit(loaded)


def _stretch(log: EventLog, customers: Ints, start: int, end: int) -> EventLog:
    """Events from one place up to another, which are all of some customers'."""
    place = np.zeros(len(log.customers), np.int64)
    place[customers] = np.arange(len(customers))
    names = [log.customers[row] for row in customers.tolist()]
    return EventLog(names, place[log.rows[start:end]], log.events[start:end])


async def load(
    settings: Settings,
    model: ScoringModel,
    history: Sequence[HistoryPart],
    until: float,
    *,
    resume: bool = False,
    publish: bool = False,
    on_commit: Callable[[Loaded], None] = lambda _: None,
) -> Loaded:
    """Load a history into the settings' Redis; see `Backfiller`.

    Raises:
        BackfillError: Redis holds other events than this run may have written.
        Fenced: a worker claimed a partition meanwhile.
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    messages = Messages.of(settings, model) if publish else None
    async with opened(settings) as store:
        by = partitioner(settings.partitioner)
        backfiller = Backfiller(store, settings.partitions, model, messages, on_commit, by)
        return await backfiller.run(history, until, resume=resume)
