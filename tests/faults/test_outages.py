from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from brake import DYING_WORKER, Brake
from harness import Worker, await_that, inputs_of, make_settings, unused_port
from portfolio import portfolio
from traces import (
    as_messages,
    differences,
    ends,
    is_done,
    lag,
    run_undisturbed,
    scrape,
    states,
    warnings_by_id,
    write,
)

from ebbwatch.stack import Stack, kill_kafka, kill_redis, running, start_kafka, start_redis
from streams.config import Settings

SEED = 20_260_303


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """A stack whose servers may be killed."""
    with running() as started:
        yield started


def inputs(settings: Settings) -> None:
    log = portfolio(1_000, SEED, per_customer=16.0)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.interaction_topic, as_messages(log.interactions))


@pytest.mark.slow
def test_a_worker_outlives_redis_and_kafka_and_ends_as_if_nothing_had_been(
    own_stack: Stack, topic_prefix: str, start: Callable[..., Worker], tmp_path: Path
) -> None:
    calm = make_settings(own_stack, topic_prefix)
    inputs(calm)
    run_undisturbed(calm, start)
    settings = make_settings(
        own_stack,
        f"{topic_prefix}outage.",
        batch_records=100,
        inbox_records=1_000,
        metrics_port=unused_port(),
        redis_timeout=1.0,
        **inputs_of(calm),
    )

    def status(path: str) -> int:
        return scrape(settings, path)[0]

    def are_fine() -> bool:
        return (status("/livez"), status("/readyz")) == (200, 200)

    brake, upto = Brake(tmp_path / "brake"), ends(settings)
    total = lag(settings, upto)
    brake.hold_at(600)
    worker = start(settings, DYING_WORKER, brake.variables)
    await_that("a start", lambda: lag(settings, upto) < total - 1_000, worker)
    assert (status("/livez"), status("/readyz")) == (200, 200)

    brake.hold_at(1_200)
    kill_redis(own_stack.folder)
    await_that("unready", lambda: status("/readyz") == 503, worker)
    assert status("/livez") == 200
    start_redis(own_stack.folder)
    await_that("readiness", lambda: status("/readyz") == 200, worker)
    left = lag(settings, upto)
    brake.hold_at(1_800)
    await_that("progress after Redis", lambda: lag(settings, upto) < left - 1_000, worker)

    brake.hold_at(2_000)
    kill_kafka(own_stack.folder)
    assert status("/livez") == 200
    start_kafka(own_stack.folder)
    assert lag(settings, upto) > 1_000
    brake.release()
    await_that("all applied", lambda: is_done(settings, upto), worker)
    await_that("content probes", are_fine, worker)
    assert worker.stop() == 0

    assert differences(states(settings), states(calm)) == {}
    assert warnings_by_id(settings) == warnings_by_id(calm)
