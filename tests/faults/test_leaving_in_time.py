"""Starting without servers, and leaving whatever is away: in time, and told in JSON throughout."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from harness import PATIENCE, Worker, await_that, make_settings, unused_port
from pydantic import SecretStr
from redis import Redis
from traces import scrape

from ebbwatch.stack import Stack, kill_kafka, kill_redis, running, start_kafka, start_redis
from streams.config import Settings

PROMISED = 10.0  # seconds from SIGTERM to the end


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """A stack whose servers may be killed."""
    with running() as started:
        yield started


def lines(worker: Worker) -> list[dict[str, Any]]:
    """A worker's log; whatever it wrote must be JSON."""
    written = worker.log.read_text().splitlines()
    assert [line for line in written if not line.startswith("{")] == []
    return [json.loads(line) for line in written]


def told(worker: Worker, event: str) -> list[dict[str, Any]]:
    return [line for line in lines(worker) if line["event"] == event]


def leave(worker: Worker) -> None:
    """Ask a worker to leave, which it does in time."""
    assert worker.stop() == 0, worker.tail()
    asked, left = (
        datetime.fromisoformat(told(worker, event)[-1]["timestamp"])
        for event in ("leaving", "left")
    )
    assert (left - asked).total_seconds() < PROMISED


def is_ready(settings: Settings) -> bool:
    return scrape(settings, "/readyz")[0] == 200


def test_a_healthy_life_is_told_in_json_without_an_error(
    own_stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    settings = make_settings(own_stack, topic_prefix, metrics_port=unused_port())
    worker = start(settings)
    await_that("readiness", lambda: is_ready(settings), worker)
    leave(worker)
    assert {line["level"] for line in lines(worker)} <= {"info", "warning"}
    assert lines(worker)[-1]["event"] == "left"


@pytest.mark.parametrize("absent", ["redis", "kafka"])
def test_a_server_absent_at_the_start_is_waited_for_and_told_once(
    absent: str, own_stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    kill, start_again, address = {
        "redis": (kill_redis, start_redis, own_stack.redis_url.split("/")[2]),
        "kafka": (kill_kafka, start_kafka, own_stack.kafka_bootstrap),
    }[absent]
    settings = make_settings(own_stack, topic_prefix, metrics_port=unused_port())
    kill(own_stack.folder)
    try:
        worker, impatient = start(settings), start(settings)
        for each in (worker, impatient):
            await_that("a line", lambda each=each: "waiting" in each.log.read_text(), each)
        leave(impatient)  # before its start has finished
    finally:
        start_again(own_stack.folder)
    await_that("readiness", lambda: is_ready(settings), worker)
    (waited_for,) = [line for line in told(worker, "waiting") if line["server"] == absent]
    assert (waited_for["address"], waited_for["to"]) == (address, "start")
    assert "Traceback" not in worker.log.read_text()
    leave(worker)


def test_with_all_servers_gone_a_worker_leaves_in_time(
    topic_prefix: str, start: Callable[..., Worker]
) -> None:
    with running() as stack:
        settings = make_settings(stack, topic_prefix, metrics_port=unused_port())
        worker = start(settings)
        await_that("readiness", lambda: is_ready(settings), worker)
        kill_kafka(stack.folder)
        kill_redis(stack.folder)
        await_that("unreadiness", lambda: not is_ready(settings), worker)
        await_that("a line on Kafka", lambda: "kafka" in str(told(worker, "waiting")), worker)
        leave(worker)
    assert "Traceback" not in worker.log.read_text()


def test_a_redis_that_evicts_is_refused_before_anything_is_read(
    own_stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    with Redis.from_url(own_stack.redis_url) as redis:
        redis.config_set("maxmemory-policy", "allkeys-lru")
        try:
            worker = start(make_settings(own_stack, topic_prefix))
            assert worker.process.wait(timeout=PATIENCE) == 70
        finally:
            redis.config_set("maxmemory-policy", "noeviction")
    (ending,) = told(worker, "ending")
    assert "expected maxmemory-policy noeviction, got allkeys-lru" in ending["error"]
    assert "Traceback" not in worker.log.read_text()


def test_who_may_not_enter_ends_in_one_line(
    own_stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    settings = make_settings(own_stack, topic_prefix)
    url = own_stack.redis_url.replace("redis://", "redis://nobody:secret@")
    worker = start(settings.model_copy(update={"redis_url": SecretStr(url)}))
    assert worker.process.wait(timeout=PATIENCE) == 70
    (ending,) = told(worker, "ending")
    assert ending["error"].startswith("WRONGPASS ")
    assert "secret" not in worker.log.read_text()
