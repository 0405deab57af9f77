from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import Worker, await_that, make_settings
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
from ebbwatch.stack.ports import free_ports
from streams.config import Settings

SLOW_WORKER = (str(Path(__file__).with_name("dying_worker.py")),)
SEED = 20_260_303


@pytest.fixture
def own_stack() -> Iterator[Stack]:
    """A stack whose servers may be killed."""
    with running() as started:
        yield started


def inputs(settings: Settings) -> None:
    log = portfolio(1_500, SEED, per_customer=16.0)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    write(settings, settings.interaction_topic, as_messages(log.interactions))


@pytest.mark.timeout(300)
def test_a_worker_outlives_redis_and_kafka_and_ends_as_if_nothing_had_been(
    own_stack: Stack, topic_prefix: str, start: Callable[..., Worker], tmp_path: Path
) -> None:
    calm = make_settings(own_stack, topic_prefix)
    inputs(calm)
    run_undisturbed(calm, start)
    settings = make_settings(
        own_stack,
        f"{topic_prefix}outage.",
        transaction_topic=calm.transaction_topic,
        interaction_topic=calm.interaction_topic,
        batch_records=100,
        inbox_records=1_000,
        metrics_port=free_ports(1)[0],
        redis_timeout=1.0,
    )

    def status(path: str) -> int:
        return scrape(settings, path)[0]

    brake, upto = tmp_path / "brake", ends(settings)
    brake.write_text("0.25")
    worker = start(settings, SLOW_WORKER, {"BRAKE": str(brake)})
    total = lag(settings, upto)
    await_that("a start", lambda: lag(settings, upto) < total - 1_000, worker)
    assert (status("/livez"), status("/readyz")) == (200, 200)

    kill_redis(own_stack.folder)
    await_that("unready", lambda: status("/readyz") == 503, worker)
    assert status("/livez") == 200
    start_redis(own_stack.folder)
    await_that("readiness", lambda: status("/readyz") == 200, worker)
    left = lag(settings, upto)
    await_that("progress after Redis", lambda: lag(settings, upto) < left - 1_000, worker)

    kill_kafka(own_stack.folder)
    assert status("/livez") == 200
    start_kafka(own_stack.folder)
    assert lag(settings, upto) > 1_000
    brake.unlink()
    await_that("all applied", lambda: is_done(settings, upto), worker)
    assert (status("/livez"), status("/readyz")) == (200, 200)
    assert worker.stop() == 0

    assert differences(states(settings), states(calm)) == {}
    assert warnings_by_id(settings) == warnings_by_id(calm)
