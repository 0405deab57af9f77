"""One partition's sequencer: the only one who loads, steps and commits its customers."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from schemas import rejection
from scoring.apply import Applied
from scoring.events import Kind
from scoring.model import Model
from scoring.segments.histograms import changes
from scoring.state import NEVER, Floats, Ints, States, pack, unpack
from scoring.step import Outcome, step
from streams.dead_letters import DeadLetters
from streams.decode import Dead, Decoder
from streams.inbox import Inbox, Stretch, take
from streams.merge import Chunk, empty_chunk
from streams.messages import Messages
from streams.metrics import Metrics
from streams.retry import persist
from streams.store import Claim, Commit, Load, Store
from streams.transport import End, Records

REVIEWS: Final = 4_000  # reviews loaded at once, beside those of a batch's own customers
POLL: Final = 0.5
AT_ONCE: Final = 2  # partitions in a batch: one computes while another waits for Redis
CODES: Final = np.int64(len(Applied))
TYPES: Final = {int(kind): kind.name.lower() for kind in Kind}


@dataclass(frozen=True)
class Services:
    """What every partition's sequencer works with, handed down by the composition root.

    Attributes:
        decoders: by input topic, in merge order.
        topic_of: input topic by event type.
        batch_records: most events in one step.
        inbox_records: delivered records beyond which a topic is no longer fetched.
        live_lateness: seconds the clock stays behind the wall at the inputs' ends; None in a
            replay, where events alone move it.
        turns: taken by a partition for each batch, so that relays and probes have theirs too.
    """

    store: Store
    model: Model
    decoders: Mapping[str, Decoder]
    topic_of: Mapping[str, str]
    dead_letters: DeadLetters
    messages: Messages
    metrics: Metrics
    batch_records: int
    inbox_records: int
    live_lateness: float | None
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    wall: Callable[[], float] = time.time


class Partition:
    """Merges the input topics, steps, commits.

    Args:
        number: of the partition.
        claim: what this worker's claim found.
        services: shared by all partitions.
        committed: called after every commit, to wake the relay.
    """

    def __init__(
        self, number: int, claim: Claim, services: Services, committed: Callable[[], None]
    ) -> None:
        self.number, self.clock, self.offsets = number, claim.clock, dict(claim.offsets)
        self._epoch, self._sequence = claim.epoch, claim.sequence
        self._services, self._committed = services, committed
        self.inboxes = {
            topic: Inbox(self.offsets.setdefault(topic, 0), decoder)
            for topic, decoder in services.decoders.items()
        }
        self._wake = asyncio.Event()
        self.progressed_at = time.monotonic()

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
        return self.inboxes[topic].backlog >= self._services.inbox_records

    async def run(self) -> None:
        """Sequence until cancelled."""
        while True:
            while await self._take_turn():  # noqa: ASYNC110 - a turn for the other partitions
                await asyncio.sleep(0)
            await self._follow_wall()
            if not any(inbox.lag for inbox in self.inboxes.values()):
                self.progressed_at = time.monotonic()
            await self._wait()

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL):  # wait_for can swallow a cancellation (Python 3.11)
                await self._wake.wait()
        self._wake.clear()

    async def _take_turn(self) -> bool:
        if not any(inbox.has_news or inbox.backlog for inbox in self.inboxes.values()):
            return False
        async with self._services.turns:
            return await self._advance()

    async def _advance(self) -> bool:
        """Apply one batch; False where nothing can be ordered yet."""
        for topic, inbox in self.inboxes.items():
            await self._decode(topic, inbox)
        stretch = take(self.inboxes, self._services.batch_records)
        if stretch is None:
            return False
        await self._apply(stretch)
        return True

    async def _decode(self, topic: str, inbox: Inbox) -> None:
        with self._services.metrics.decode.time():
            dead = inbox.decode(self._services.batch_records)
        await self._bury(topic, dead)

    async def _bury(self, topic: str, dead: list[Dead]) -> None:
        if not dead:
            return
        await self._services.dead_letters.send(dead)
        for letter in dead:
            self._services.metrics.dead_letter(topic, letter.rejection.reason)

    async def _apply(self, stretch: Stretch) -> None:
        chunk = stretch.chunk
        clocks = np.maximum.accumulate(np.maximum(chunk.events["time"], self.clock))
        until = float(clocks[-1]) if len(clocks) else self.clock
        ids = list(dict.fromkeys(chunk.customers))
        loaded = await self._load_after_reviews(ids, until, self.clock)
        outcome = await self._step(chunk, clocks, ids, loaded, until, until, stretch.offsets)
        self._count(chunk, outcome.applied)

    async def _follow_wall(self) -> None:
        """Live, with everything applied: let the clock follow the wall where a review is due."""
        lateness = self._services.live_lateness
        if lateness is None or any(inbox.behind for inbox in self.inboxes.values()):
            return
        until = max(self._services.wall() - lateness, self.clock)
        loaded = await self._load_after_reviews([], until, until)
        if loaded.due_ids:
            await self._review(loaded, until, until)

    async def _load_after_reviews(self, ids: Sequence[bytes], until: float, clock: float) -> Load:
        """Load states; where more reviews are due than fit, fire those of other customers first.

        Unlike `ids` these have no event before `until`. `clock` is committed meanwhile: a batch
        moves it only once its events are applied.
        """
        limit = REVIEWS + len(ids)
        while len((loaded := await self._load(ids, until, limit)).due_ids) == limit:
            await self._review(loaded.due_without(ids), until, clock)
        return loaded

    async def _review(self, due: Load, until: float, clock: float) -> None:
        await self._step(empty_chunk(0), np.empty(0), [], due, until, clock, self.offsets)

    async def _load(self, ids: Sequence[bytes], until: float, limit: int) -> Load:
        with self._services.metrics.redis.labels("load").time():
            return await persist(
                "load", lambda: self._services.store.load(self.number, ids, until, limit)
            )

    async def _step(
        self,
        chunk: Chunk,
        clocks: Floats,
        ids: list[bytes],
        loaded: Load,
        until: float,
        clock: float,
        offsets: Mapping[str, int],
    ) -> Outcome:
        """Decide everything from what was loaded, then write once."""
        customers, before = _gather(ids, loaded)
        row_of = {customer: row for row, customer in enumerate(ids)}
        rows = np.array([row_of[customer] for customer in chunk.customers], np.int64)
        with self._services.metrics.step.time():
            outcome = step(before, chunk.events, rows, clocks, until, self._services.model)
        await self._bury_late(chunk, outcome.applied)
        await self._commit(
            Commit(
                epoch=self._epoch,
                sequence=self._sequence,
                clock=clock,
                offsets=offsets,
                states=dict(zip(customers, pack(outcome.states), strict=True)),
                armed=_rearmed(customers, before, outcome.states),
                outbox=self._services.messages.entries(outcome, customers),
                histograms=changes(before, outcome.states),
            )
        )
        self._services.metrics.reviews.inc(outcome.reviews)
        return outcome

    async def _commit(self, commit: Commit) -> None:
        with self._services.metrics.redis.labels("commit").time():
            await persist("commit", lambda: self._services.store.commit(self.number, commit))
        self._sequence += 1
        self.clock, self.progressed_at = commit.clock, time.monotonic()
        for topic, offset in commit.offsets.items():
            self.offsets[topic] = self.inboxes[topic].applied = offset
        if commit.outbox:
            self._committed()

    async def _bury_late(self, chunk: Chunk, applied: Ints) -> None:
        for index in np.flatnonzero(applied == Applied.TOO_LATE).tolist():
            record, time_of = chunk.records[index], chunk.events["time"][index]
            bad = rejection(
                0,
                "too_late",
                "event_time",
                "at most 63 days before the last purchase",
                f"{time_of:.0f}",
            )
            await self._bury(record.topic, [Dead(record, bad)])

    def _count(self, chunk: Chunk, applied: Ints) -> None:
        metrics = self._services.metrics
        metrics.batch.observe(len(chunk))
        pairs, numbers = np.unique(chunk.events["kind"] * CODES + applied, return_counts=True)
        for pair, number in zip(pairs.tolist(), numbers.tolist(), strict=True):
            kind, code = divmod(pair, CODES)
            if code != Applied.TOO_LATE:  # counted as a dead letter
                name, outcome = TYPES[kind], Applied(code).name.lower()
                metrics.events.labels(self._services.topic_of[name], name, outcome).inc(number)


def _gather(ids: Sequence[bytes], loaded: Load) -> tuple[list[bytes], States]:
    """Customers of a batch and their states: those with events, then others with reviews due."""
    known = set(ids)
    others = [at for at, customer in enumerate(loaded.due_ids) if customer not in known]
    customers = [*ids, *(loaded.due_ids[at] for at in others)]
    states = [*loaded.states, *(loaded.due_states[at] for at in others)]
    return customers, unpack(states)


def _rearmed(
    customers: Sequence[bytes], before: States, after: States
) -> dict[bytes, float | None]:
    changed = np.flatnonzero(before["armed_at"] != after["armed_at"]).tolist()
    instants = after["armed_at"].tolist()
    return {customers[row]: None if instants[row] == NEVER else instants[row] for row in changed}
