"""Runs whose parameters are replaced midway, and stores that die."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import cache
from typing import Any

from cases import changed, document
from fakes import FakeStore, FedByHand, Part, services, using
from stream_events import TOPICS, Event, event, records

from scoring.model import ScoringModel
from streams.intake.records import Records
from streams.store import Activation, Commit

CLOCK_DAY = 160.0


def limits(middle: float, high: float) -> ScoringModel:
    same = {"middle": middle, "high": high, "hysteresis": 0.01, "floor": 0.0}
    model: ScoringModel = changed(name="other", rules=dict.fromkeys(document()["rules"], same))
    return model


STRICT, LENIENT = limits(0.1, 0.3), limits(0.99, 0.999)
SOONER: ScoringModel = changed(name="sooner", rules={"silence": {"middle": 0.6, "high": 0.9}})


@cache
def life(seed: int) -> dict[str, list[Event]]:
    """Both topics of customers who come, ebb, complain, pay late and close."""
    draw = random.Random(seed)
    transactions, interactions = [], []
    for number in range(6):
        name, day, end = f"c{number}", draw.uniform(0, 30), draw.uniform(90, 250)
        gap = draw.choice([2, 5, 12])
        while day < end:
            transactions.append(event("purchase", day, name, amount=draw.randrange(100, 20_000)))
            day += draw.expovariate(1 / gap) * (1 + (day > 100) * draw.choice([0, 3]))
        for kind in ("complaint", "survey", "instalment_overdue", "app_session"):
            for _ in range(draw.randrange(1, 5)):
                interactions.append(event(kind, draw.uniform(60, 250), name))  # noqa: PERF401
    transactions += [event("purchase", day, "closed") for day in range(60, 100, 4)]
    transactions.append(event("account_closed", 120.0, "closed"))
    by_time = (sorted(log, key=by_time_of) for log in (transactions, interactions, []))
    return dict(zip(TOPICS, by_time, strict=True))


def by_time_of(made: Event) -> str:
    return str(made["event_time"])


def topics_of(seed: int) -> dict[str, Records]:
    return {topic: records(topic, log) for topic, log in life(seed).items()}


def upto(seed: int, topic: str, day: float) -> int:
    """How many records of a topic lie before a day."""
    instants = [made["event_time"] for made in life(seed)[topic]]
    border = event("nps", day)["event_time"]
    return sum(instant < border for instant in instants)


class Reloaded:
    """A run whose parameters are replaced once all events before `CLOCK_DAY` are applied."""

    def __init__(self, seed: int, store: FakeStore | None = None, **options: Any) -> None:
        self.seed, self.store = seed, store or FakeStore()
        self.services = services(self.store, **options)
        self.sequencer = FedByHand(topics_of(seed), self.services)

    async def begin(self) -> None:
        """Own a partition in which what comes before is applied."""
        self.store.parts[0] = deepcopy(await before(self.seed))
        await self.sequencer.claim()

    def replace(self, model: ScoringModel = STRICT) -> None:
        """Put other parameters to use."""
        self.services.in_use.current = using(model)

    async def settle(self) -> None:
        """Let the partition find nothing to apply."""
        await self.sequencer.partition._settle()

    @property
    def states(self) -> dict[bytes, bytes]:
        return dict(sorted(self.store.parts[0].states.items()))

    @property
    def outcome(self) -> Any:
        part = self.store.parts[0]
        warnings = sorted(self.store.warnings(), key=lambda w: (w.warning_id, w.sequence))
        return self.states, part.due, part.clock, part.offsets, part.histogram, warnings


BEFORE: dict[int, Part] = {}


async def before(seed: int) -> Part:
    """What a store holds of a partition when all events before `CLOCK_DAY` are applied."""
    if seed not in BEFORE:
        store = FakeStore()
        sequencer = FedByHand(topics_of(seed), services(store))
        await sequencer.claim()
        for topic in TOPICS:
            sequencer.feed(topic, upto(seed, topic, CLOCK_DAY))
        await sequencer.advance()
        BEFORE[seed] = store.parts[0]
    return BEFORE[seed]


async def begun(seed: int = 1, store: FakeStore | None = None, **options: Any) -> Reloaded:
    run = Reloaded(seed, store, **options)
    await run.begin()
    return run


@cache
def undisturbed(seed: int) -> Any:
    async def run() -> Any:
        reloaded = await begun(seed)
        reloaded.replace()
        await reloaded.settle()
        await reloaded.sequencer.finish()
        return reloaded.outcome

    with ThreadPoolExecutor(1) as aside:  # whoever asks first may be in a loop of its own
        return aside.submit(asyncio.run, run()).result()


class Died(BaseException):
    """The process is gone."""


class Mortal(FakeStore):
    """Dies at one write, before or after it is made; counts from when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.left, self.after = -1, False

    async def commit(self, partition: int, commit: Commit) -> None:
        self._maybe_die(before=True)
        await super().commit(partition, commit)
        self._maybe_die(before=False)

    async def activate(self, partition: int, activation: Activation) -> None:
        self._maybe_die(before=True)
        await super().activate(partition, activation)
        self._maybe_die(before=False)

    def _maybe_die(self, *, before: bool) -> None:
        self.left -= before
        if self.left == 0 and before != self.after:
            self.left = -1
            raise Died
