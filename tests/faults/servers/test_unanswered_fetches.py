"""Kafka that answers everything but fetches: heartbeats go on, and nothing is read."""

import json
from collections.abc import Callable, Iterator

import pytest
from chaos.staging import broker_with
from harness import PATIENCE, Worker, await_that, make_settings, unused_port
from portfolio import portfolio
from servers.fetchless import FetchlessProxy
from traces import as_messages, ends, is_done, samples, write

from ebbwatch.stack import Stack, running

# As in production, but for how long a partition may go unheard: two minutes cut to some seconds.
QUICK_TO_DOUBT = """
from streams.config import Settings
from streams.partition import watchdog
from streams.run import run
watchdog.UNHEARD, watchdog.LOOK = 15.0, 1.0
run(Settings())
"""
TOLD = 5.0  # seconds; an idle partition's fetch is answered every quarter of one


@pytest.fixture
def fetchless() -> Iterator[tuple[Stack, FetchlessProxy]]:
    """A stack of its own, all of whose clients reach Kafka through the proxy."""
    with running() as stack:
        port = int(stack.kafka_bootstrap.rpartition(":")[2])
        with FetchlessProxy(port).open() as proxy:
            address = f"127.0.0.1:{proxy.port}"
            with broker_with(stack, {"advertised.listeners": f"PLAINTEXT://{address}"}):
                yield stack, proxy


@pytest.mark.slow
def test_a_worker_whose_fetches_go_unanswered_while_heartbeats_go_on_ends_and_says_why(
    fetchless: tuple[Stack, FetchlessProxy], topic_prefix: str, start: Callable[..., Worker]
) -> None:
    stack, proxy = fetchless
    settings = make_settings(stack, topic_prefix, metrics_port=unused_port(), partitions=1)
    log = portfolio(50, 7, per_customer=10.0)
    write(settings, settings.transaction_topic, as_messages(log.transactions))
    worker, upto = start(settings, ("-c", QUICK_TO_DOUBT)), ends(settings)
    await_that("all applied", lambda: is_done(settings, upto), worker)
    own = (("partition", "0"), ("topic", settings.transaction_topic))

    def fetch_age() -> float:
        return samples(settings, "ebbwatch_fetch_age_seconds").get(own, 0.0)

    assert fetch_age() < TOLD
    proxy.swallows = True
    await_that("an age of the last fetch", lambda: fetch_age() > TOLD, worker)
    assert worker.process.wait(timeout=PATIENCE) == 70
    proxy.swallows = False
    assert proxy.swallowed > 0
    lines = [json.loads(line) for line in worker.log.read_text().splitlines()]
    (ending,) = [line for line in lines if line["event"] == "ending"]
    assert f"{settings.transaction_topic}-0" in ending["error"]
    assert "no fetch answered for 15 s, Kafka answers" in ending["error"]
    claims = [line for line in lines if line["event"] == "claimed"]
    assert len(claims) == 1, "its heartbeats were answered all the time"

    write(settings, settings.transaction_topic, as_messages(log.transactions[:1]))
    worker, upto = start(settings), ends(settings)
    await_that("all applied again", lambda: is_done(settings, upto), worker)
    assert worker.stop() == 0
