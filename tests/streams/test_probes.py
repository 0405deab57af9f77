"""The probes: alive is who gets on with what waits; ready is who can work."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import ClientSession
from harness import unused_port
from prometheus_client import CollectorRegistry
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, RedisClusterException, ResponseError

from streams.config import Settings
from streams.probes import STUCK, Probes
from streams.retry import WAITS
from streams.telemetry.metrics import Metrics

NOW = 1_000_000.0  # on the probes' clock, which stands


class Store:
    """Takes a write, or raises what is set, or hangs."""

    error: Exception | None = None
    hangs = False

    async def touch(self, _: int) -> None:
        if self.hangs:
            await asyncio.sleep(60)
        if self.error is not None:
            raise self.error


@dataclass
class Worker:
    """A worker's probes on a port of their own, its parts and its clock in the tests' hands."""

    url: str
    store: Store
    partitions: Any
    probes: Probes

    def owns(self, number: int, lag: int, idle: float, *, is_held: bool = False) -> None:
        """Let the worker own a partition that last got on `idle` seconds ago."""
        boxes = {"t": SimpleNamespace(lag=0), "i": SimpleNamespace(lag=lag)}
        brake = SimpleNamespace(is_closed=is_held)
        partition = SimpleNamespace(progressed_at=NOW - idle, inboxes=boxes, brake=brake)
        self.partitions.owned[number] = SimpleNamespace(partition=partition, has_ended=False)

    async def get(self, path: str) -> tuple[int, Any]:
        async with ClientSession() as session, session.get(self.url + path) as answer:
            read = answer.json if answer.content_type == "application/json" else answer.text
            return answer.status, await read()


@pytest.fixture
async def worker(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    monkeypatch.setattr("streams.probes.time", SimpleNamespace(monotonic=lambda: NOW))
    port = unused_port()
    store, partitions = Store(), SimpleNamespace(owned={}, is_assigned=False)
    metrics = Metrics(CollectorRegistry())
    metrics.timers.inc(3)
    probes = Probes(
        Settings(metrics_port=port), cast("Any", partitions), metrics, cast("Any", store)
    )
    await probes.start()
    yield Worker(f"http://127.0.0.1:{port}", store, partitions, probes)
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


async def test_an_outage_is_no_reason_to_be_restarted(worker: Worker) -> None:
    worker.owns(3, lag=9, idle=STUCK + 5.0)
    with waiting("commit", "MISCONF no space"):
        assert (await worker.get("/livez"))[0] == 200


async def test_after_an_outage_there_is_time_to_get_on_again(worker: Worker) -> None:
    worker.owns(3, lag=9, idle=STUCK + 5.0)
    with waiting("load", "BUSY a script"):
        await worker.get("/livez")
    assert (await worker.get("/livez"))[0] == 200
    worker.probes._away_at -= STUCK + 1.0
    assert (await worker.get("/livez"))[0] == 503


@contextmanager
def waiting(what: str, refusal: str) -> Iterator[None]:
    with WAITS.trying(what) as wait:
        WAITS.note(wait, ResponseError(refusal))
        yield


READY = {"ready": True, "redis": "", "assigned": True, "waiting": [], "ended": [], "held": []}


async def test_ready_is_who_was_assigned_and_may_write(worker: Worker) -> None:
    assert await worker.get("/readyz") == (503, {**READY, "ready": False, "assigned": False})
    worker.partitions.is_assigned = True
    assert await worker.get("/readyz") == (200, READY)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RedisConnectionError("refused"), "ConnectionError refused"),
        (ReadOnlyError("You can't write"), "READONLY You can't write"),
        (ResponseError("MISCONF disk full"), "MISCONF disk full"),
        (RedisClusterException("not covered"), "RedisClusterException not covered"),
    ],
)
async def test_who_may_not_write_is_not_ready_and_says_why(
    worker: Worker, error: Exception, reason: str
) -> None:
    worker.partitions.is_assigned, worker.store.error = True, error
    assert await worker.get("/readyz") == (503, {**READY, "ready": False, "redis": reason})


async def test_a_redis_that_hangs_is_told_in_time(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.probes.ANSWER", 0.01)
    worker.partitions.is_assigned, worker.store.hangs = True, True
    status, told = await worker.get("/readyz")
    assert (status, told["redis"]) == (503, "no answer within 0.01 s")


async def test_who_waits_is_not_ready_and_tells_what_for(worker: Worker) -> None:
    worker.partitions.is_assigned = True
    with waiting("commit", "NOREPLICAS Not enough good replicas to write."):
        status, told = await worker.get("/readyz")
    assert status == 503
    assert told["waiting"] == ["commit: redis: NOREPLICAS Not enough good replicas to write."]
    assert (await worker.get("/readyz"))[0] == 200


async def test_who_holds_warnings_back_is_ready_and_tells_of_it(worker: Worker) -> None:
    worker.partitions.is_assigned = True
    worker.owns(1, lag=0, idle=0.0)
    worker.owns(2, lag=0, idle=0.0, is_held=True)
    assert await worker.get("/readyz") == (200, {**READY, "held": [2]})


async def test_a_partition_whose_task_has_ended_is_not_ready(worker: Worker) -> None:
    worker.partitions.is_assigned = True
    worker.owns(2, lag=0, idle=0.0)
    worker.partitions.owned[2].has_ended = True
    status, told = await worker.get("/readyz")
    assert (status, told["ended"]) == (503, [2])


async def test_nothing_else_is_served(worker: Worker) -> None:
    assert (await worker.get("/table"))[0] == 404


async def test_port_zero_serves_nothing() -> None:
    unused = cast("Any", None)
    probes = Probes(Settings(metrics_port=0), unused, unused, unused)
    await probes.start()
    assert probes._runner is None
    await probes.stop()
