"""A run that is to be disturbed: servers, workers and their supervisor, a stream of events."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from harness import ASKING, Worker
from judge.laws import Law
from judge.trial import Place, Record
from kafka import KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from redis import Redis
from redis.exceptions import RedisError
from traces import as_messages, ends, progress

from chaos.customers import Event, purchases_later
from chaos.proxy import Proxy
from ebbwatch.stack import Stack
from streams.config import Settings

T = TypeVar("T")
PATIENCE = 300.0  # seconds; a limit for what hangs
POLL = 0.1
CHUNK, PAUSE = 40, 0.2  # events, and seconds between two chunks of them


@dataclass
class Scene:
    """What a fault is given to break.

    Attributes:
        stack: Kafka and Redis.
        settings: of the run.
        start: starts a worker.
        rng: of the run's seed.
        feeder: writes purchases all the time.
        network: between the workers and the server that the fault is about.
        brokers: all of them, where there are three.
        group: of Redis servers, where there are several.
        workers: those that should be alive.
        exits: how often one ended by itself and was started again.
        laws: parameters in force at first, and others that came into force later.
        bad: where records stand that are to be set aside.
        lost: where records stood that Kafka deleted before anybody read them.
        kept: records read before Kafka deleted any.
        leaving: what is to be done when the scene is over.
        everyone: all workers there ever were.
        refused_after: seconds it took workers to refuse what they found.
        notes: what a fault keeps until it is undone.
    """

    stack: Stack
    settings: Settings
    start: Callable[[], Worker]
    rng: random.Random
    laws: list[Law]
    feeder: "Feeder"
    network: Proxy
    brokers: Any
    group: Any
    workers: list[Worker] = field(default_factory=list)
    exits: int = 0
    bad: list[Place] = field(default_factory=list)
    lost: list[Place] = field(default_factory=list)
    kept: list[Record] = field(default_factory=list)
    leaving: ExitStack = field(default_factory=ExitStack)
    everyone: list[Worker] = field(default_factory=list)
    refused_after: float = 0.0
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def redis(self) -> Redis:
        """A client beside the workers'."""
        return Redis.from_url(self.stack.redis_url, socket_timeout=30.0)

    @property
    def holders(self) -> list[str]:
        """URLs of the servers that hold the states."""
        return [each.url for each in self.group.masters()] if self.group else [self.stack.redis_url]

    @property
    def clock(self) -> Path:
        """By how much workers' wall clocks are wrong, where the fault is about that."""
        return self.stack.folder / "clock"

    def recruit(self) -> Worker:
        """Start one more worker."""
        self.workers.append(self.start())
        self.everyone.append(self.workers[-1])
        return self.workers[-1]

    def kill(self, worker: Worker) -> None:
        """End a worker by SIGKILL."""
        self.workers.remove(worker)
        worker.kill()

    def stop(self, worker: Worker) -> None:
        """End a worker by SIGTERM, which it must obey; who has not begun yet just ends."""
        self.workers.remove(worker)
        orderly = {0} if worker.tail() else {0, -signal.SIGTERM}
        assert worker.stop() in orderly, f"expected an orderly end:\n{worker.tail()}"

    def anyone(self) -> Worker:
        """A worker, by lot."""
        return self.rng.choice(self.workers)

    def logged(self) -> list[str]:
        """All that workers ever logged, by line."""
        logs = (worker.log.read_text(errors="replace") for worker in self.everyone)
        return [line for log in logs for line in log.splitlines()]

    def rest(self, seconds: float) -> None:
        """Let events stream for a while, as a supervisor does."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.tend()
            time.sleep(POLL)

    def await_refusal(self, words: str) -> None:
        """Start a worker, which must end, and say why."""
        began, worker = time.monotonic(), self.recruit()
        assert worker.process.wait(timeout=PATIENCE) != 0, worker.tail()
        assert words in worker.log.read_text(errors="replace"), worker.tail()
        self.workers.remove(worker)
        self.refused_after = time.monotonic() - began

    def tend(self) -> None:
        """As a supervisor does: start anew who ended by itself."""
        for worker in [each for each in self.workers if each.process.poll() is not None]:
            self.exits += 1
            self.workers.remove(worker)
            time.sleep(1.0)
            self.recruit()

    def wait_until(self, what: str, happened: Callable[[], T], seconds: float = PATIENCE) -> T:
        """Poll, tending the workers, until something truthy comes; what is away is waited for."""
        deadline = time.monotonic() + seconds
        while True:
            self.tend()
            asked = time.monotonic()
            with suppress(RedisError, OSError):
                if answer := happened():
                    return answer
            took, tails = time.monotonic() - asked, "\n".join(w.tail() for w in self.workers)
            assert asked + took < deadline, f"expected within {seconds} s: {what}\n{tails}"
            time.sleep(max(POLL, min(ASKING * took, 1.0)))

    def left(self, upto: Mapping[TopicPartition, int]) -> int:
        """Records before `upto` that are not yet applied."""
        now = progress(self.settings)
        left = (end - now.applied(at.topic, at.partition) for at, end in upto.items())
        return sum(max(each, 0) for each in left)

    def await_progress(self, records: int = 200) -> None:
        """Wait until so many more of the records written by now are applied, or all of them."""
        upto = ends(self.settings)
        before = self.wait_until("a look", lambda: self.left(upto) + 1) - 1
        self.wait_until("progress", lambda: self.left(upto) <= max(before - records, 0))

    def await_applied(self) -> float:
        """Wait until all that is written by now is applied; seconds it took."""
        began, upto = time.monotonic(), ends(self.settings)
        self.wait_until("all applied", lambda: not self.left(upto))
        return time.monotonic() - began

    def await_published(self) -> None:
        """Wait until all is applied and published; nothing may be written meanwhile."""
        self.await_applied()
        self.wait_until("all published", lambda: not progress(self.settings).waiting)


@dataclass
class Feeder:
    """Purchases that go on while a fault does, from a thread of its own, at a steady pace."""

    settings: Settings
    customers: int
    seed: int
    written: int = 0
    chunk: int = CHUNK

    def __post_init__(self) -> None:
        self._producer = producer(self.settings)
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            send(self._producer, self.settings.transaction_topic, self.take(self.chunk))

    def take(self, size: int) -> list[Event]:
        """The next purchases, for whoever writes them."""
        with self._lock:
            events = purchases_later(self.seed, self.customers, self.written, size)
            self.written += size
        return events

    @contextmanager
    def feeding(self) -> Iterator["Feeder"]:
        """Feed until the block is left, and until all is acknowledged."""
        self._thread.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop feeding; returns once all is acknowledged."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._thread.join(PATIENCE)
        self._producer.flush(PATIENCE)
        self._producer.close()


def producer(settings: Settings, **more: Any) -> KafkaProducer:
    """A plain producer that tries for minutes and keeps the order."""
    return KafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap,
        acks="all",
        retries=1_000,
        max_in_flight_requests_per_connection=1,
        max_block_ms=PATIENCE * 1_000,
        delivery_timeout_ms=PATIENCE * 1_000,
        linger_ms=5,
        **more,
    )


def send(to: KafkaProducer, topic: str, events: Iterable[Event]) -> None:
    """Hand events to a producer."""
    for message in as_messages(events):
        to.send(topic, key=message.key, value=message.value)


@contextmanager
def ask(scene: Scene) -> Iterator[KafkaAdminClient]:
    """Kafka's own administration."""
    admin = KafkaAdminClient(bootstrap_servers=scene.settings.kafka_bootstrap)
    try:
        yield admin
    finally:
        admin.close()
