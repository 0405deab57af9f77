"""One partition's sequencer: the only one who loads, steps and commits its customers."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Final, TypeVar

import numpy as np
import structlog

from scoring.warning.gate import Passed
from streams.intake.checks import unnoted
from streams.intake.chunk import empty_chunk
from streams.intake.inbox import Inbox, Passing, Stretch, has_work, take
from streams.intake.progress import End
from streams.intake.records import Records
from streams.parameters.in_use import check_basis
from streams.partition.accounts import Accounts
from streams.partition.backfill_cut import cut_of
from streams.partition.brake_watch import BrakeWatch
from streams.partition.deciding import Decided, decide
from streams.partition.feed_watch import FeedWatch
from streams.partition.present import Present
from streams.partition.services import Services
from streams.partition.turn import Turn, TurnPace
from streams.store import Activation, Claim, Commit, Load

log = structlog.get_logger()

TIMERS: Final = 4_000  # timers loaded at once, beside those of a batch's own customers
T = TypeVar("T")


class Sequencer:
    """Merges the input topics, steps, commits.

    Args:
        number: of the partition.
        claim: what this worker's claim found.
        services: shared by all partitions.
        committed: called after every commit, to wake the relay.
        topic_ids: ids of the input topics, by name.

    Raises:
        UnfinishedBackfillError: a history is half loaded.
        BasisError: the states were built on another basis than the parameters in use have.
        OtherTopicError: an input topic was made anew.
    """

    def __init__(
        self,
        number: int,
        claim: Claim,
        services: Services,
        committed: Callable[[], None],
        topic_ids: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.number, self.clock, self.offsets = number, claim.clock, dict(claim.offsets)
        self.owner, self.sequence = claim.owner, claim.sequence
        self._topic_ids, self._committed = unnoted(claim, topic_ids), committed
        self._cut, self._activated = cut_of(number, claim), claim.activated
        self._services, self._trace = services, services.tracing.of(number)
        self.accounts = Accounts(number, services, claim.set_aside)
        self._feeds = FeedWatch(number, claim.gate, services.metrics)
        self.brake = BrakeWatch(number, services.held_messages, services.metrics)
        self._using, self._may_be_due = services.in_use.current, True
        if claim.activated is not None:
            check_basis(f"partition {number}", claim.activated.basis, self._using.model)
        self.inboxes = {
            topic: Inbox(self.offsets.setdefault(topic, 0), decoder)
            for topic, decoder in services.decoders.items()
        }
        self._clock = Present(services.wall, services.other_clock, services.metrics.disputed)
        self._wake, self._pace = asyncio.Event(), TurnPace(services.batch_records)
        self._passing, self.progressed_at = Passing(), time.monotonic()

    def feed(self, topic: str, records: Records) -> None:
        """Take delivered records; never blocks."""
        self.inboxes[topic].feed(records)
        self._wake.set()

    def reach(self, topic: str, fetched: int | None, end: End) -> None:
        """Hear up to where a topic was fetched, and where it ends."""
        if self.inboxes[topic].reach(fetched, end):
            self._wake.set()

    def is_full(self, topic: str) -> bool:
        """Whether a topic's inbox holds as much as it should."""
        inbox, services = self.inboxes[topic], self._services
        return inbox.backlog >= services.inbox_records or inbox.weight >= services.inbox_bytes

    async def run(self) -> None:
        """Sequence until cancelled."""
        while True:
            while await self._take_turn():  # noqa: ASYNC110 - a turn for the other partitions
                await asyncio.sleep(0)
            await self._settle()
            if self._passing.over(self.inboxes.values()):
                continue
            if self.brake.is_full or not has_work(self.inboxes.values()):
                self.progressed_at = time.monotonic()
            await self._wait()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            # wait_for can swallow a cancellation (Python 3.11)
            async with asyncio.timeout(self._services.poll):
                await self._wake.wait()
        self._wake.clear()

    async def _take_turn(self) -> bool:
        has_any = any(inbox.has_news or inbox.backlog for inbox in self.inboxes.values())
        if not has_any or self.brake.is_full:
            return False
        async with self._services.turns:
            with self._trace.turn():
                return await self._advance()

    async def _advance(self) -> bool:
        """Apply one batch; False where nothing can be ordered yet."""
        for topic, inbox in self.inboxes.items():
            await self._decode(topic, inbox)
        stretch = take(self.inboxes, self._pace.events)
        if stretch is None:
            return False
        await self._adopt()
        await self._apply(stretch)
        await self._look()
        return True

    async def _adopt(self) -> None:
        """Take up the parameters in use; where others were, every customer becomes due."""
        self._using, before = self._services.in_use.current, self._activated
        if before is not None and before.version == self._using.version:
            return
        self._activated = self._using.activated(self.clock)
        if self.sequence:  # or the first commit notes them
            await self._activate(before.version if before else None)

    async def _activate(self, replaced: str | None) -> None:
        version, basis, clock = self._using.activated(self.clock)
        place = (self.owner, self.sequence, clock, dict(self.offsets))
        activation = Activation(*place, version, basis, replaced)
        await self._ask("activate", lambda: self._services.store.activate(self.number, activation))
        self.sequence += 1
        self._may_be_due = True
        self._services.metrics.activations.inc()
        log.info("parameters activated", partition=self.number, version=version, replaced=replaced)

    async def _decode(self, topic: str, inbox: Inbox) -> None:
        with self._trace.part("decode", self._services.metrics.decode, topic=topic):
            dead = inbox.decode(self._services.batch_records)
        await self.accounts.set_aside(topic, dead)
        if self._cut is not None and not inbox.decoder.are_answers:  # no file has those
            self.accounts.backfilled(topic, inbox.leave_out_before(self._cut)["kind"])

    async def _apply(self, stretch: Stretch) -> None:
        chunk, ids = stretch.chunk, list(dict.fromkeys(stretch.chunk.customers))
        clocks = np.maximum.accumulate(np.maximum(chunk.events["time"], self.clock))
        until = float(clocks[-1]) if len(clocks) else self.clock
        passed = self._feeds.passed(chunk, clocks, until)
        loaded = await self._load_after_timers(ids, until, self.clock, passed)
        turn = Turn(chunk, clocks, ids, loaded, until, until, stretch.offsets, passed)
        self.accounts.count(await self._step(turn), self._using.model.rules)

    async def _settle(self) -> None:
        """With all that came applied: take up new parameters, fire what is due by the clock."""
        if not self.sequence or self.brake.is_full:
            return
        async with self._services.turns:
            with self._trace.turn():
                await self._adopt()
                until = await self._present()
                if until > self.clock or self._may_be_due:
                    await self._fire_until(until)
            await self._look()

    async def _look(self) -> None:
        """Between batches, look at the panel where it is time."""
        panel = self._services.panel
        if panel is not None:
            await panel.after(self.number, self.owner, self.clock, self._using.model)

    async def _present(self) -> float:
        """Live, with all inputs at their end, the clock follows the wall where a timer is due."""
        lateness = self._services.live_lateness
        if lateness is None or any(inbox.behind for inbox in self.inboxes.values()):
            return self.clock
        now = await self._clock.now()
        return self.clock if now is None else max(now - lateness, self.clock)

    async def _fire_until(self, until: float) -> None:
        passed = self._feeds.at(until)
        loaded = await self._load_after_timers([], until, until, passed)
        if loaded.due_ids or self._feeds.is_other(passed.gate):
            await self._fire(loaded, until, until, passed, keeps_gate=True)
        self._may_be_due = False

    async def _load_after_timers(
        self, ids: Sequence[bytes], until: float, clock: float, passed: Passed
    ) -> Load:
        """Load states; where more timers are due than fit, fire those of other customers first.

        Unlike `ids` these have no event before `until`. `clock` is committed meanwhile: a batch
        moves it only once its events are applied.
        """
        limit = TIMERS + len(ids)
        while len((loaded := await self._load(ids, until, limit)).due_ids) == limit:
            await self._fire(loaded.due_without(ids), until, clock, passed)
        return loaded

    async def _fire(
        self, due: Load, until: float, clock: float, passed: Passed, *, keeps_gate: bool = False
    ) -> None:
        empty, none = empty_chunk(0), np.empty(0)
        await self._step(Turn(empty, none, [], due, until, clock, self.offsets, passed, keeps_gate))

    async def _load(self, ids: Sequence[bytes], until: float, limit: int) -> Load:
        store = self._services.store
        return await self._ask("load", lambda: store.load(self.number, ids, until, limit))

    async def _ask(self, operation: str, call: Callable[[], Awaitable[T]]) -> T:
        return await self._trace.ask(operation, self._services.metrics.redis, call)

    async def _step(self, turn: Turn) -> Decided:
        """Decide everything from what was loaded, then write once."""
        with self._trace.part("step", self._services.metrics.step), self._pace.judging(turn):
            decided = decide(turn, self._using, self._activated)
        await self.accounts.set_aside_unused(decided)
        feeds, budget = self._feeds.news(turn.gate), self._services.budget
        noted = {"set_aside": self.accounts.news, "topic_ids": self._topic_ids, "gate": feeds}
        noted |= {"activated": None if self.sequence else self._activated, "budget": budget}
        await self._commit(decided.commit(self.owner, self.sequence, **noted))
        self._trace.committed(decided.figures, self.offsets, self._using.version)
        self._feeds.committed(turn.gate, feeds)
        self._services.metrics.timers.inc(decided.timers)
        return decided

    async def _commit(self, commit: Commit) -> None:
        self.accounts.passes(commit.offsets)
        await self._ask("commit", lambda: self._services.store.commit(self.number, commit))
        self.accounts.committed()
        self._topic_ids, self.sequence, self.clock = {}, self.sequence + 1, commit.clock
        self.progressed_at = time.monotonic()
        for topic, offset in commit.offsets.items():
            self.offsets[topic] = self.inboxes[topic].applied = offset
        if commit.outbox:
            self._committed()
