"""Real worker processes on a real stack: start them, await what they do, end them."""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr

from ebbwatch.stack import Stack
from ebbwatch.stack.ports import is_free
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings

PLAIN_WORKER = (
    "-c",
    "from streams.config import Settings; from streams.run import run; run(Settings())",
)
POLL = 0.05
ASKING = 5.0  # times as long as asking took, until it is asked again
PATIENCE = 240.0  # seconds; a limit for what hangs, never reached by what is merely slow
T = TypeVar("T")


def make_settings(stack: Stack, prefix: str, **changes: Any) -> Settings:
    """Settings whose topics, group and Redis keys nobody else has; the topics exist."""
    names = {
        f"{name}_topic": f"{prefix}{name}"
        for name in (
            *("transaction", "interaction", "outcome"),
            *("risk", "relationship", "case", "score", "assignment", "progress"),
        )
    }
    settings = Settings(
        kafka_bootstrap=stack.kafka_bootstrap,
        redis_url=SecretStr(stack.redis_url),
        **{
            "redis_prefix": prefix.rstrip("."),
            "group": prefix.rstrip("."),
            "partitions": 4,
            "mode": "replay",
            "metrics_port": 0,
            "session_timeout": 6.0,  # the least a broker allows unless told otherwise
            **names,
            **changes,
        },
    )
    create_topics(settings.kafka_bootstrap, topic_specs(settings))
    return settings


def in_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is typed find these settings."""
    for name in settings.model_fields_set:
        value = getattr(settings, name)
        told = value.get_secret_value() if isinstance(value, SecretStr) else value
        if told is not None:
            monkeypatch.setenv(f"EBBWATCH_{name.upper()}", str(told))


def inputs_of(settings: Settings) -> dict[str, str]:
    """The input topics of a run, for another one over the same input."""
    names = ("transaction_topic", "interaction_topic", "outcome_topic")
    return {name: getattr(settings, name) for name in names}


def fresh(name: str) -> str:
    """A prefix of topics that nobody has had: fixtures of a module may be made more than once."""
    return f"{name}{uuid.uuid4().hex[:8]}."


def unused_port() -> int:
    """A port for a worker's pages, which nothing else of this test run is given meanwhile."""
    return next(port for port in _PORTS if is_free(port))


# Below those that stacks choose from; each of pytest's processes has its own, in no order, since
# other test runs may go on beside this one.
_SHARE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PORTS = iter(random.SystemRandom().sample(range(12_000 + _SHARE % 16, 20_000, 16), 500))


def environment(settings: Settings) -> dict[str, str]:
    """Settings as the variables a worker process reads."""
    values = settings.model_dump(exclude_none=True)
    return {
        f"EBBWATCH_{name.upper()}": value.get_secret_value()
        if isinstance(value, SecretStr)
        else str(value)
        for name, value in values.items()
    }


@dataclass(frozen=True)
class Worker:
    """A worker process and its log."""

    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """SIGKILL, as a crash would; no error where it is dead already."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, as a supervisor would; returns the exit status."""
        self.process.terminate()
        return self.process.wait(timeout=PATIENCE)

    def was_killed(self) -> bool:
        """Whether it died of SIGKILL; any other end is an error.

        Raises:
            AssertionError: it ended in another way.
        """
        status = self.process.poll()
        assert status in {None, -signal.SIGKILL}, f"exit status {status}:\n{self.tail()}"
        return status is not None

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4_000:]


@contextmanager
def crew(folder: Path) -> Iterator[Callable[..., Worker]]:
    """Start workers by calling what this yields; all are dead when the block is left."""
    started: list[Worker] = []

    def start(
        settings: Settings,
        command: Iterable[str] = PLAIN_WORKER,
        extra: Mapping[str, str] | None = None,
    ) -> Worker:
        log = folder / f"worker-{len(started)}.log"
        variables = {**os.environ, **environment(settings), **(extra or {})}
        with log.open("wb") as sink:
            started.append(
                Worker(
                    subprocess.Popen(
                        [sys.executable, *command], env=variables, stdout=sink, stderr=sink
                    ),
                    log,
                )
            )
        return started[-1]

    try:
        yield start
    finally:
        for worker in started:
            worker.kill()


def await_that(
    what: str, happened: Callable[[], T], *workers: Worker, seconds: float = PATIENCE
) -> T:
    """Poll until something truthy comes; the workers must live on meanwhile.

    Raises:
        AssertionError: it did not happen in time, or a worker ended.
    """
    asked = time.monotonic()
    deadline = asked + seconds
    while not (answer := happened()):
        for worker in workers:
            assert worker.process.poll() is None, f"worker ended early:\n{worker.tail()}"
        tails = "\n".join(worker.tail() for worker in workers)
        assert time.monotonic() < deadline, f"expected within {seconds} s: {what}\n{tails}"
        took = time.monotonic() - asked  # to ask must not take the processor from what happens
        time.sleep(max(POLL, min(ASKING * took, 1.0)))
        asked = time.monotonic()
    return answer


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Starts workers that do not outlive the test."""
    with crew(tmp_path) as start_worker:
        yield start_worker
