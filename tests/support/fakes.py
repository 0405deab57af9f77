"""In-memory stand-ins for what the shell's parts talk to."""

import asyncio
import json
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any, cast

from prometheus_client import CollectorRegistry
from redis.exceptions import ConnectionError as RedisConnectionError
from stream_events import INTERACTIONS, OUTCOMES, TOPICS, TRANSACTIONS, Event, records

from schemas import (
    INTERACTION_EXAMPLES,
    TRANSACTION_EXAMPLES,
    BatchAdapter,
    EarlyWarning,
    Interaction,
    Transaction,
)
from schemas.events.examples import OUTCOME_EXAMPLES
from schemas.events.outcomes import CustomerOutcome
from schemas.outputs.cases import CustomerCase
from scoring.model import ScoringModel
from scoring.parameters import parse
from streams.intake.decode import Dead, Decoder
from streams.intake.progress import End
from streams.intake.rates import RateTable
from streams.intake.records import Records
from streams.outbox.messages import Messages
from streams.parameters.in_use import InUse, Using
from streams.partition.sequencer import Sequencer
from streams.partition.services import Services
from streams.store import (
    Activated,
    Activation,
    Backfill,
    Brake,
    Claim,
    Commit,
    Entry,
    Fenced,
    Load,
    Lost,
    SetAside,
    owner_of,
)
from streams.telemetry.metrics import Metrics

MODEL = ScoringModel(
    parse(json.loads(resources.files("scoring.models").joinpath("cdnow.json").read_text("utf-8")))
)
NAMED = "first"  # of every owner and generation
ROUTES = {"risk": "risk", "relationship": "relationship"}


@dataclass
class Part:
    """What a store holds of one partition."""

    epoch: int = 0
    owner: str = ""
    generation: str = ""
    sequence: int = 0
    last: str = ""
    clock: float = 0.0
    offsets: dict[str, int] = field(default_factory=dict)
    states: dict[bytes, bytes] = field(default_factory=dict)
    due: dict[bytes, float] = field(default_factory=dict)
    outbox: dict[int, Entry] = field(default_factory=dict)
    number: int = 0
    published: int = 0
    compared_after: int | None = None
    histogram: dict[str, int] = field(default_factory=dict)
    backfill: Backfill | None = None
    activated: Activated | None = None
    set_aside: dict[str, SetAside] = field(default_factory=dict)
    topic_ids: dict[str, str] = field(default_factory=dict)
    activations: list[Activation] = field(default_factory=list)
    gate: dict[str, bytes] = field(default_factory=dict)
    rises: dict[int, float] = field(default_factory=dict)
    brake: Brake = field(default_factory=Brake)

    def count(self, commit: Commit, *, went_back: bool) -> None:
        """Count a commit's rises, and close the brake before it where they are too many."""
        if went_back:
            self.rises = {}
        share, least = commit.budget
        budget = max(least, share * len(self.states)) if share else math.inf
        for hour, more in commit.rises.items():
            self.rises[hour] = self.rises.get(hour, 0.0) + more
        over = [hour for hour in sorted(commit.rises) if self.rises[hour] > budget]
        if commit.rises:
            kept = min(commit.rises) - 24
            self.rises = {hour: count for hour, count in self.rises.items() if hour >= kept}
        if over and self.brake.after is None:
            self.brake = self.brake._replace(after=self.number, hour=over[0])
        if self.brake.after is not None:
            more = self.brake.rises + sum(commit.rises.values())
            self.brake = self.brake._replace(rises=more)


class FakeStore:
    """Implements `Store` in memory."""

    replicas = 0

    def __init__(self) -> None:
        self.parts: dict[int, Part] = defaultdict(Part)

    async def claim(self, partition: int) -> Claim:
        part = self.parts[partition]
        part.epoch += 1
        part.owner, part.generation = owner_of(part.epoch, NAMED), NAMED
        return self._claim(part)

    async def peek(self, partition: int) -> Claim:
        return self._claim(self.parts[partition])

    def _claim(self, part: Part) -> Claim:
        return Claim(
            part.epoch,
            part.sequence,
            part.clock,
            dict(part.offsets),
            part.number,
            part.backfill,
            part.activated,
            dict(part.set_aside),
            part.owner,
            part.generation,
            part.published,
            part.compared_after,
            dict(part.topic_ids),
            dict(part.gate),
        )

    async def check(self, partition: int, owner: str, sequence: int) -> None:
        part = self._owned(partition, owner)
        if part.sequence < sequence:
            raise Lost(f"partition {partition}: at {sequence}, store at {part.sequence}")

    async def load(self, partition: int, ids: Sequence[bytes], until: float, limit: int) -> Load:
        part = self.parts[partition]
        due = sorted((at, customer) for customer, at in part.due.items() if at <= until)[:limit]
        states = [part.states.get(customer) for customer in ids]
        due_ids = [customer for _, customer in due]
        due_states = [part.states.get(customer) for customer in due_ids]
        return Load(states, due_ids, due_states, [at for at, _ in due])

    async def commit(self, partition: int, commit: Commit) -> None:
        part = self.parts[partition]
        if self._is_done(partition, commit):
            return
        went_back, part.clock = commit.clock < part.clock, commit.clock
        part.sequence, part.last = commit.sequence + 1, commit.id
        part.offsets.update(commit.offsets)
        part.backfill = commit.backfill or part.backfill
        part.activated = commit.activated or part.activated
        part.set_aside.update(commit.set_aside)
        part.topic_ids.update(commit.topic_ids)
        part.gate.update(commit.gate)
        part.states.update(commit.states)
        for customer, at in commit.armed.items():
            part.due.pop(customer, None)
            if at is not None:
                part.due[customer] = at
        part.count(commit, went_back=went_back)
        part.outbox |= dict(enumerate(commit.outbox, part.number + 1))
        part.number += len(commit.outbox)
        for field_name, increment in commit.histograms.items():
            count = part.histogram.pop(field_name, 0) + increment
            part.histogram |= {field_name: count} if count else {}

    async def activate(self, partition: int, activation: Activation) -> None:
        part, of = self.parts[partition], activation
        if self._is_done(partition, of):
            return
        part.sequence, part.last = part.sequence + 1, of.id
        part.activated = Activated(of.version, of.basis, of.clock)
        part.activations.append(of)
        part.due |= {
            customer: min(of.clock, part.due.get(customer, of.clock)) for customer in part.states
        }

    async def activations(self, partition: int) -> list[Activation]:
        return list(self.parts[partition].activations)

    def _is_done(self, partition: int, of: Commit | Activation) -> bool:
        part = self._owned(partition, of.owner)
        done = part.sequence == of.sequence + 1 and part.last == of.id
        if part.sequence != of.sequence and not done:
            raise Lost(f"partition {partition}: at {of.sequence}, store at {part.sequence}")
        return done

    def _owned(self, partition: int, owner: str) -> Part:
        part = self.parts[partition]
        if part.owner != owner:
            raise Fenced(partition, owner, part.owner)
        return part

    async def outbox(self, partition: int, after: int, limit: int) -> list[tuple[int, Entry]]:
        entries = self.parts[partition].outbox.items()
        return [(number, entry) for number, entry in entries if number > after][:limit]

    async def forget_published(self, partition: int, owner: str, upto: int) -> None:
        part = self._owned(partition, owner)
        if upto > part.number:
            raise Lost(f"partition {partition}: at {upto}, store at {part.number}")
        part.published = max(part.published, upto)
        part.outbox = {number: e for number, e in part.outbox.items() if number > upto}

    async def wait_for_replicas(self, partition: int, owner: str, replicas: int, upto: int) -> None:
        part = self._owned(partition, owner)
        if replicas > self.replicas:
            raise RedisConnectionError(f"expected {replicas} replicas, got {self.replicas}")
        if part.number < upto:
            raise RedisConnectionError(f"expected the outbox at {upto}, got {part.number}")

    async def resume(
        self, partition: int, owner: str, published: int, compared_after: int | None
    ) -> None:
        part = self._owned(partition, owner)
        part.number, part.compared_after = max(part.number, published), compared_after
        await self.forget_published(partition, owner, published)

    async def everyone(self, partition: int) -> dict[bytes, bytes]:
        return dict(self.parts[partition].states)

    async def histograms(self, partition: int) -> dict[str, int]:
        return dict(self.parts[partition].histogram)

    async def counts(self, partition: int, clock: float) -> tuple[int, int, int]:
        part = self.parts[partition]
        waiting = max((await self.brake(partition)).upto - part.published, 0)
        return len(part.states), waiting, sum(at <= clock for at in part.due.values())

    async def brake(self, partition: int) -> Brake:
        part = self.parts[partition]
        return part.brake._replace(outbox=part.number, published=part.published)

    async def release(self, partition: int) -> Brake:
        part, held = self.parts[partition], await self.brake(partition)
        if held.after is not None:
            hours = [*part.rises, int(part.clock // 3600)]
            part.brake, part.rises = Brake(), dict.fromkeys(hours, -math.inf)
        return held

    def warnings(self, partition: int = 0) -> list[EarlyWarning]:
        """The warnings of the outbox, in order."""
        entries = self.parts[partition].outbox.values()
        return [
            EarlyWarning.model_validate_json(entry.value)
            for entry in entries
            if entry.topic in ROUTES.values()
        ]

    def cases(self, partition: int = 0) -> list[CustomerCase]:
        """The cases of the outbox, in order."""
        entries = self.parts[partition].outbox.values()
        told = [entry.value for entry in entries if entry.topic == "case"]
        return list(map(CustomerCase.model_validate_json, told))


class Flaky(FakeStore):
    """Raises the queued errors in place of answers; if `late`, a commit is applied all the same."""

    def __init__(self, errors: Iterable[Exception] = (), *, late: bool = False) -> None:
        super().__init__()
        self.errors, self.late = list(errors), late

    async def load(self, partition: int, ids: Sequence[bytes], until: float, limit: int) -> Load:
        if self.errors and not self.late:
            raise self.errors.pop(0)
        return await super().load(partition, ids, until, limit)

    async def commit(self, partition: int, commit: Commit) -> None:
        if self.late:
            await super().commit(partition, commit)
        if self.errors:
            raise self.errors.pop(0)
        await super().commit(partition, commit)


class Graveyard:
    """Implements `DeadLetters` in memory."""

    def __init__(self) -> None:
        self.letters: list[Dead] = []
        self.sendings = 0

    async def send(self, dead: list[Dead]) -> None:
        self.letters += dead
        self.sendings += 1

    @property
    def found(self) -> list[tuple[str, int, str]]:
        """Topic, offset and reason of each."""
        return [(d.record.topic, d.record.offset, d.rejection.reason) for d in self.letters]


def using(model: ScoringModel) -> Using:
    """What a worker with this model uses."""
    return Using(model, Messages(model, ROUTES, "score", "case", "/ebbwatch/test"))


def services(store: FakeStore, **changes: Any) -> Services:
    """Services over a fake store with a graveyard, in replay mode."""
    rates = RateTable("USD")
    contracts = (Transaction, Interaction, CustomerOutcome)
    adapters: tuple[BatchAdapter[Any], ...] = tuple(map(BatchAdapter, contracts))
    decoders = (
        Decoder(adapter, rates, 86_400.0, are_answers=topic == OUTCOMES)
        for topic, adapter in zip(TOPICS, adapters, strict=True)
    )
    made = Services(
        store=store,
        in_use=InUse(using(MODEL)),
        decoders=dict(zip(TOPICS, decoders, strict=True)),
        topic_of={
            **dict.fromkeys(TRANSACTION_EXAMPLES, TOPICS[0]),
            **dict.fromkeys(INTERACTION_EXAMPLES, TOPICS[1]),
            **dict.fromkeys(OUTCOME_EXAMPLES, TOPICS[2]),
        },
        dead_letters=Graveyard(),
        metrics=Metrics(CollectorRegistry()),
        batch_records=4_000,
        inbox_records=20_000,
        inbox_bytes=1 << 24,
        live_lateness=None,
    )
    return replace(made, **changes)


def graveyard(of: Services) -> Graveyard:
    """The graveyard of services made here."""
    return cast("Graveyard", of.dead_letters)


class FedByHand:
    """A partition fed by hand from two whole topics, which can be cut and restarted anywhere."""

    def __init__(self, topics: dict[str, Records], of: Services) -> None:
        self.topics = {topic: topics.get(topic, []) for topic in of.decoders}
        self.services = of
        self.partition: Sequencer
        self.fed: dict[str, int] = {}

    async def claim(self) -> None:
        """Start, or start again as another worker after a crash."""
        claim = await self.services.store.claim(0)
        self.partition = Sequencer(0, claim, self.services, lambda: None)
        self.fed = dict(self.partition.offsets)

    def feed(self, topic: str, count: int) -> None:
        """Deliver the next `count` records of a topic."""
        start, whole = self.fed[topic], self.topics[topic]
        delivered = whole[start : start + count]
        self.fed[topic] = start + len(delivered)
        self.partition.reach(topic, self.fed[topic], End(self.fed[topic], len(whole)))
        if delivered:
            self.partition.feed(topic, delivered)

    async def advance(self) -> None:
        """Apply all that can be ordered."""
        while await self.partition._advance():
            pass

    async def finish(self) -> None:
        """Deliver and apply the rest."""
        for topic, whole in self.topics.items():
            self.feed(topic, len(whole))
        await self.advance()


async def sequenced(
    transactions: Sequence[Event],
    interactions: Sequence[Event] = (),
    outcomes: Sequence[Event] = (),
    store: FakeStore | None = None,
    **changes: Any,
) -> tuple[FakeStore, FedByHand]:
    """Run whole topics through a partition at once."""
    held = store or FakeStore()
    logs = {TRANSACTIONS: transactions, INTERACTIONS: interactions, OUTCOMES: outcomes}
    topics = {topic: records(topic, events) for topic, events in logs.items()}
    sequencer = FedByHand(topics, services(held, **changes))
    await sequencer.claim()
    await sequencer.finish()
    return held, sequencer


async def until(true: Callable[[], object]) -> None:
    """Wait, for two minutes at most, until something is true."""
    async with asyncio.timeout(120):
        while not true():  # noqa: ASYNC110 - what is awaited knows no event
            await asyncio.sleep(0.01)
