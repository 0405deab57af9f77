"""A run that is to be disturbed: servers, workers and their supervisor, a stream of events."""

import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from harness import ASKING, Worker
from judge.laws import Law
from judge.trial import Place, Record
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from redis import Redis
from redis.exceptions import RedisError
from traces import ends, progress

from chaos.feeder import PATIENCE, Feeder
from chaos.proxy import Proxy
from ebbwatch.stack import Stack
from streams.config import Settings

T = TypeVar("T")
POLL = 0.1


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
        peak: most memory that a worker had at once, bytes.
    """

    stack: Stack
    settings: Settings
    start: Callable[[], Worker]
    rng: random.Random
    laws: list[Law]
    feeder: Feeder
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
    peak: int = 0

    @property
    def holders(self) -> list[str]:
        """URLs of the servers that hold the states."""
        return [each.url for each in self.group.masters()] if self.group else [self.stack.redis_url]

    @property
    def stores(self) -> list[Redis]:
        """Clients of these, beside the workers'."""
        return [Redis.from_url(url, socket_timeout=30.0) for url in self.holders]

    @property
    def redis(self) -> Redis:
        """The one of them, where there is one."""
        (redis,) = self.stores
        return redis

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
        self.weigh()
        self.workers.remove(worker)
        worker.kill()

    def stop(self, worker: Worker) -> None:
        """End a worker by SIGTERM, which it must obey; who has not begun yet just ends."""
        self.weigh()
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
        self.weigh()
        for worker in [each for each in self.workers if each.process.poll() is not None]:
            self.exits += 1
            print(f"  ended: {worker.tail()[-500:].strip()}", flush=True)  # noqa: T201
            self.workers.remove(worker)
            time.sleep(1.0)
            self.recruit()

    def weigh(self) -> None:
        """Note the most memory that workers ever had, as Linux tells it of each that is alive."""
        for worker in self.workers:
            with suppress(OSError):  # who is gone
                status = Path(f"/proc/{worker.process.pid}/status").read_text()
                told = [line.split()[1] for line in status.splitlines() if "VmHWM" in line]
                self.peak = max([self.peak, *(int(kilobytes) << 10 for kilobytes in told)])

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

    def await_silence(self) -> None:
        """Wait until silence alone, which goes by the wall, has moved every partition's clock."""
        now = time.time()
        self.wait_until("clocks that follow the wall", lambda: min(self._clocks()) > now)

    def _clocks(self) -> list[float]:
        return [claim.clock for claim in progress(self.settings).claims]

    def await_published(self) -> None:
        """Wait until all is applied and published; nothing may be written meanwhile."""
        self.await_applied()
        self.wait_until("all published", lambda: not progress(self.settings).waiting)


@contextmanager
def ask(scene: Scene) -> Iterator[KafkaAdminClient]:
    """Kafka's own administration."""
    admin = KafkaAdminClient(bootstrap_servers=scene.settings.kafka_bootstrap)
    try:
        yield admin
    finally:
        admin.close()
