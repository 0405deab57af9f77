"""The probes: alive is who gets on with what waits; ready is who can work."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientSession
from harness import unused_port
from prometheus_client import CollectorRegistry
from redis.exceptions import ConnectionError as RedisConnectionError

from streams.config import Settings
from streams.probes import STUCK, Probes
from streams.telemetry.metrics import Metrics

NOW = 1_000_000.0  # on the probes' clock, which stands


@dataclass
class Redis:
    """Answers a ping, or is away."""

    away: bool = False

    async def ping(self) -> bool:
        if self.away:
            raise RedisConnectionError("away")
        return True


@dataclass
class Worker:
    """A worker's probes on a port of their own, its parts and its clock in the tests' hands."""

    url: str
    redis: Redis
    partitions: Any
    probes: Probes

    def owns(self, number: int, lag: int, idle: float) -> None:
        """Let the worker own a partition that last got on `idle` seconds ago."""
        boxes = {"t": SimpleNamespace(lag=0), "i": SimpleNamespace(lag=lag)}
        partition = SimpleNamespace(progressed_at=NOW - idle, inboxes=boxes)
        self.partitions.owned[number] = SimpleNamespace(partition=partition)

    async def get(self, path: str) -> tuple[int, Any]:
        async with ClientSession() as session, session.get(self.url + path) as answer:
            read = answer.json if answer.content_type == "application/json" else answer.text
            return answer.status, await read()


@pytest.fixture
async def worker(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    monkeypatch.setattr("streams.probes.time", SimpleNamespace(monotonic=lambda: NOW))
    port = unused_port()
    redis, partitions = Redis(), SimpleNamespace(owned={}, is_assigned=False)
    metrics = Metrics(CollectorRegistry())
    metrics.timers.inc(3)
    probes = Probes(
        Settings(metrics_port=port), cast("Any", partitions), metrics, cast("Any", redis)
    )
    await probes.start()
    yield Worker(f"http://127.0.0.1:{port}", redis, partitions, probes)
    await probes.stop()


async def test_metrics_are_exposed_as_text(worker: Worker) -> None:
    status, text = await worker.get("/metrics")
    assert status == 200
    assert "ebbwatch_timers_total 3.0" in text.splitlines()


async def test_a_worker_without_partitions_is_alive(worker: Worker) -> None:
    assert await worker.get("/livez") == (200, {"status": "alive"})


@pytest.mark.parametrize(("lag", "idle"), [(0, 10 * STUCK), (9, 0.0), (9, STUCK - 5.0), (0, 0.0)])
async def test_who_has_nothing_waiting_or_gets_on_is_alive(
    worker: Worker, lag: int, idle: float
) -> None:
    worker.owns(3, lag, idle)
    assert await worker.get("/livez") == (200, {"status": "alive"})


async def test_who_leaves_records_waiting_is_stuck(worker: Worker) -> None:
    worker.owns(1, lag=9, idle=0.0)
    worker.owns(3, lag=9, idle=STUCK + 5.0)
    assert await worker.get("/livez") == (503, {"status": "stuck", "partitions": [3]})


async def test_an_outage_of_redis_is_no_reason_to_be_restarted(worker: Worker) -> None:
    worker.owns(3, lag=9, idle=STUCK + 5.0)
    worker.redis.away = True
    assert (await worker.get("/livez"))[0] == 200


async def test_after_an_outage_there_is_time_to_get_on_again(worker: Worker) -> None:
    worker.owns(3, lag=9, idle=STUCK + 5.0)
    worker.redis.away = True
    await worker.get("/livez")
    worker.redis.away = False
    assert (await worker.get("/livez"))[0] == 200
    worker.probes._away_at -= STUCK + 1.0
    assert (await worker.get("/livez"))[0] == 503


@pytest.mark.parametrize(
    ("away", "assigned", "status"),
    [(False, True, 200), (False, False, 503), (True, True, 503), (True, False, 503)],
)
async def test_ready_is_who_reaches_redis_and_was_assigned(
    worker: Worker,
    *,
    away: bool,
    assigned: bool,
    status: int,
) -> None:
    worker.redis.away, worker.partitions.is_assigned = away, assigned
    assert await worker.get("/readyz") == (status, {"redis": not away, "assigned": assigned})


async def test_nothing_else_is_served(worker: Worker) -> None:
    assert (await worker.get("/table"))[0] == 404


async def test_port_zero_serves_nothing() -> None:
    unused = cast("Any", None)
    probes = Probes(Settings(metrics_port=0), unused, unused, unused)
    await probes.start()
    assert probes._runner is None
    await probes.stop()
