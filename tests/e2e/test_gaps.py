"""Records that are gone, topics that are others, ends that cannot be read: told, never passed."""

import signal
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from harness import Worker, await_that, in_environment, make_settings, unused_port
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from portfolio import DAY, START, purchase
from traces import as_messages, ends, is_done, progress, samples, states, write

from ebbwatch.cli.app import command_line
from ebbwatch.stack import Stack
from scoring.facts.packing import unpack
from scoring.facts.state import Count
from streams.broker.topics import create_topics, find_topics, topic_specs
from streams.config import Settings

ONE = "one-customer"


@pytest.fixture
def settings(stack: Stack, topic_prefix: str) -> Settings:
    return make_settings(stack, topic_prefix, partitions=1, metrics_port=unused_port())


def send(settings: Settings, days: range) -> None:
    events = [purchase(ONE, day, START + day * DAY) for day in days]
    write(settings, settings.transaction_topic, as_messages(events))


def admin(settings: Settings) -> Any:
    return closing(KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap))


def delete_before(settings: Settings, offset: int) -> None:
    with admin(settings) as client:
        client.delete_records({TopicPartition(settings.transaction_topic, 0): offset})


def make_anew(settings: Settings) -> None:
    topic = settings.transaction_topic
    before = find_topics(settings.kafka_bootstrap, [topic])[topic].id
    with admin(settings) as client:
        client.delete_topics([topic])
    spec = next(each for each in topic_specs(settings) if each.name == topic)

    def made() -> bool:
        create_topics(settings.kafka_bootstrap, [spec])
        found = find_topics(settings.kafka_bootstrap, [topic])
        return topic in found and found[topic].id != before

    await_that("the topic made anew", made)


def applied(settings: Settings) -> int:
    found = list(states(settings).values())
    return int(unpack(found)["counts"][:, Count.EVENTS].sum()) if found else 0


def lost(settings: Settings) -> float:
    counted = samples(settings, "ebbwatch_offsets_lost_total")
    return sum(value for labels, value in counted.items()
               if dict(labels)["topic"] == settings.transaction_topic)  # fmt: skip


def test_what_was_deleted_before_the_first_start_and_while_none_ran_is_counted(
    settings: Settings, start: Callable[..., Worker]
) -> None:
    send(settings, range(30))
    delete_before(settings, 29)
    worker = start(settings)
    await_that("the last one applied", lambda: is_done(settings, ends(settings)), worker)
    assert (applied(settings), lost(settings)) == (1, 29)
    assert worker.stop() == 0
    assert '"records lost"' in worker.tail()
    send(settings, range(30, 60))
    delete_before(settings, 50)
    worker = start(settings)
    await_that("the rest applied", lambda: is_done(settings, ends(settings)), worker)
    assert (applied(settings), lost(settings)) == (11, 20)
    assert worker.stop() == 0
    worker = start(settings)
    await_that("a page", lambda: samples(settings, "ebbwatch_offsets_lost_total"), worker)
    assert lost(settings) == 0
    assert worker.stop() == 0


def test_what_is_deleted_under_a_consumer_that_stands_still_is_counted(
    settings: Settings, start: Callable[..., Worker]
) -> None:
    send(settings, range(10))
    worker = start(settings)
    await_that("the first ten", lambda: is_done(settings, ends(settings)), worker)
    worker.process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(1.0)  # fetches that wait at the broker are answered, and what came is read
        send(settings, range(10, 20))
        send(settings, range(20, 60))
        delete_before(settings, 50)
    finally:
        worker.process.send_signal(signal.SIGCONT)
    await_that("the rest", lambda: is_done(settings, ends(settings)), worker)
    assert applied(settings) + lost(settings) == 60
    assert lost(settings) >= 30
    assert worker.stop() == 0


def test_a_topic_made_anew_with_more_records_is_refused_until_it_is_adopted(
    settings: Settings, start: Callable[..., Worker], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    send(settings, range(10))
    worker = start(settings)
    await_that("ten", lambda: is_done(settings, ends(settings)), worker)
    assert worker.stop() == 0
    make_anew(settings)
    send(settings, range(10, 60))
    refused = start(settings)
    assert refused.process.wait(timeout=120) != 0
    assert "ebbwatch topics adopt" in refused.tail()
    assert applied(settings) == 10
    adopt(settings, monkeypatch)
    assert "1 partitions" in capsys.readouterr().out
    worker = start(settings)
    await_that("all of the new", lambda: is_done(settings, ends(settings)), worker)
    assert applied(settings) == 60
    assert worker.stop() == 0


def adopt(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(settings, monkeypatch)
    command_line()(["topics", "adopt"], standalone_mode=False)


def test_a_topic_made_anew_under_a_worker_ends_it_and_is_refused(
    settings: Settings, start: Callable[..., Worker]
) -> None:
    send(settings, range(10))
    worker = start(settings)
    await_that("ten", lambda: is_done(settings, ends(settings)), worker)
    make_anew(settings)
    send(settings, range(10, 13))
    assert worker.process.wait(timeout=120) != 0
    refused = start(settings)
    assert refused.process.wait(timeout=120) != 0
    assert "topics adopt" in refused.tail()
    assert progress(settings).applied(settings.transaction_topic, 0) == 10
