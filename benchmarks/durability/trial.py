"""One run of a choice: the whole job, a steady load, the fault, and what became of it all."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
from chaos.customers import lives
from chaos.evidence import judged
from chaos.scene import Scene
from harness import Worker, make_settings
from judge.laws import Law
from judge.verdict import Verdict
from pydantic import SecretStr
from traces import as_messages, progress, write

from benchmarks.durability.commits import Loss, commits, lost, sequences
from benchmarks.durability.load import Arrivals, Load
from benchmarks.durability.power import Growth, append_only_file, cut
from benchmarks.durability.servers import Alone, Choice, Pair, servers
from benchmarks.whole_job import measure
from ebbwatch.stack import Stack
from scoring.arrays import Floats
from streams.broker.clients import ClientOptions
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings
from streams.outbox.position import known_to_kafka
from streams.parameters.file import read_document, write_document

CUSTOMERS: Final = 300  # whose lives the judge goes through
PARTITIONS: Final = 4
OUTAGE: Final = 1.0  # seconds that Redis is away
AFTER: Final = 3.0  # seconds of load once all is applied again
SETTLED: Final = 10.0  # seconds before the fault, from which on it may show


@dataclass(frozen=True)
class Outcome:
    """What one run showed.

    Attributes:
        rate: events a second of the whole job, until all is published.
        waits: seconds from event to warning, of events sent some seconds before the fault.
        latest: the longest of them, the fault included.
        loss: of Redis.
        recovery: seconds from the fault until all was applied that was written by the end of it.
        verdict: the judge's.
    """

    rate: float
    waits: Floats
    latest: float
    loss: Loss
    recovery: float
    verdict: Verdict

    def told(self) -> str:
        """In a line, with what the judge objects to."""
        waits = " ".join(f"{1_000 * each:,.0f}" for each in np.quantile(self.waits, (0.5, 0.99)))
        return (
            f"{self.rate:,.0f} events/s, {waits} ms, {self.loss}, {self.recovery:.1f} s; "
            f"{self.verdict} {self.verdict.objections or ''}"
        )


@dataclass(frozen=True)
class Bench:
    """What all runs are made on.

    Attributes:
        stack: its Kafka, and a folder.
        start: starts a worker.
        bank: settings of the topics that hold a whole job, and its number of events.
        delay: seconds on the line to a replica, each way.
        seconds: of load before the fault.
        rates: visits and instalments overdue a second.
    """

    stack: Stack
    start: Callable[..., Worker]
    bank: tuple[Settings, int]
    delay: float
    seconds: float
    rates: tuple[float, float]

    def run(self, choice: Choice, number: int) -> Outcome:
        """Run a choice on servers of its own, as the so-manieth of all runs."""
        with self._served(choice) as (_, stack):
            rate = self._whole_job(choice, stack, number)
        with self._served(choice) as (redis, stack), self._staged(choice, stack, number) as scene:
            found = _broken(scene, redis, self.seconds)
        return replace(found, rate=rate)

    @contextmanager
    def _served(self, choice: Choice) -> Iterator[tuple[Alone | Pair, Stack]]:
        with (
            TemporaryDirectory(dir=self.stack.folder) as folder,
            servers(choice, Path(folder), self.delay) as redis,
        ):
            pids = {**self.stack.pids, "redis": redis.primary.pid}
            yield redis, replace(self.stack, redis_url=redis.primary.url, pids=pids)

    def _whole_job(self, choice: Choice, stack: Stack, number: int) -> float:
        """Events a second until all is published."""
        settings, events = self.bank
        own = {"redis_url": SecretStr(stack.redis_url), "redis_replicas": choice.replicas}
        settings = settings.model_copy(update={**own, "group": f"durability-{number}"})
        create_topics(settings.kafka_bootstrap, topic_specs(settings))
        found = measure(stack, settings, events)
        return found.events / (found.seconds + found.settled_seconds)

    @contextmanager
    def _staged(self, choice: Choice, stack: Stack, number: int) -> Iterator[Scene]:
        """Everything ready for a worker to begin."""
        prefix = f"durable{number}."
        file, document = stack.folder / f"{prefix}json", read_document(None)
        write_document(file, document)
        settings = make_settings(
            stack,
            prefix,
            partitions=PARTITIONS,
            parameters_file=file,
            redis_replicas=choice.replicas,
            brake_share=0.0,  # what is measured is a storm of warnings
        )
        log = lives(CUSTOMERS, number)
        write(settings, settings.transaction_topic, as_messages(log.transactions))
        write(settings, settings.interaction_topic, as_messages(log.interactions))
        lot, laws = random.Random(number), [Law(document)]
        load = Load(settings, CUSTOMERS, self.rates)
        scene = Scene(
            stack, settings, lambda: self.start(settings), lot, laws, load, None, None, None
        )
        try:
            yield scene
        finally:
            for worker in scene.workers:
                worker.kill()


def _broken(scene: Scene, redis: Alone | Pair, seconds: float) -> Outcome:
    """Let a load go on, strike, and judge; the rate is another's to tell."""
    scene.recruit()
    scene.await_published()
    file = append_only_file(redis.primary)
    with Arrivals(scene.settings).watched() as arrivals:
        with Growth(file).watching() as growth, scene.feeder.going_on():
            scene.rest(seconds)
            struck = time.monotonic()
            if isinstance(redis, Pair):
                loss = _failover(scene, redis)
            else:
                loss = _power_cut(scene, redis, growth)
            scene.await_applied()
            recovery = time.monotonic() - struck
            scene.rest(AFTER)
        scene.await_published()
        scene.rest(AFTER)
    for worker in list(scene.workers):
        scene.stop(worker)
    found = np.array(list(arrivals.waits(scene.feeder.sent))).reshape(-1, 2)
    before = found[found[:, 0] < struck - SETTLED, 1]
    return Outcome(0.0, before, found[:, 1].max(), loss, recovery, judged(scene))


def _power_cut(scene: Scene, redis: Alone, growth: Growth) -> Loss:
    """The only server's machine is without power for a moment."""
    log, left = cut(redis.primary, growth)
    time.sleep(OUTAGE)
    found, published = list(commits(log)), _published(scene.settings)
    redis.primary.start()
    return lost(found, sequences(each for each in found if each.end <= left), published)


def _failover(scene: Scene, redis: Pair) -> Loss:
    """The primary's machine is lost, and the replica has its address after a moment."""
    redis.lose_primary()
    log, kept = append_only_file(redis.primary).read_bytes(), _held(redis, scene.settings)
    time.sleep(OUTAGE)
    published = _published(scene.settings)
    redis.take_over()
    return lost(list(commits(log)), kept, published)


def _held(redis: Pair, settings: Settings) -> dict[int, int]:
    """How far the replica is, by partition."""
    url = SecretStr(redis.replica.url)
    claims = progress(settings.model_copy(update={"redis_url": url})).claims
    return {number: claim.sequence for number, claim in enumerate(claims)}


def _published(settings: Settings) -> dict[int, int]:
    """How many messages of each partition's outbox are on Kafka."""
    numbers, options = range(settings.partitions), ClientOptions(settings)

    async def ask() -> dict[int, int]:
        known = [await known_to_kafka(options, number) for number in numbers]
        return {n: each.position.number if each.position else 0 for n, each in enumerate(known)}

    return asyncio.run(ask())
