import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from aiokafka import AIOKafkaProducer
from harness import Worker, await_that, make_settings, unused_port
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient
from portfolio import DAY, START, purchase, visit
from traces import reader, samples, states

from ebbwatch.stack import Stack
from scoring.facts.packing import unpack
from scoring.facts.state import Count
from streams.broker.clients import ClientOptions
from streams.broker.message import partition_of
from streams.config import Settings

CUSTOMERS = [f"customer-{number}" for number in range(40)]
GHOST = "customer-of-an-aborted-transaction"


class Bank:
    """Writes events in Kafka transactions.

    Args:
        producer: transactional, started.
        settings: where to.
        runner: of the producer's loop.
    """

    def __init__(
        self, producer: AIOKafkaProducer, settings: Settings, runner: asyncio.Runner
    ) -> None:
        self._producer, self._settings, self._runner = producer, settings, runner

    def begin(self, *topics: str, days: range, customers: list[str]) -> None:
        """Open a transaction, its events written: one a day, customer and topic."""
        self._runner.run(self._begin(topics, days, customers))

    def commit(self) -> None:
        """Let them count."""
        self._runner.run(self._producer.commit_transaction())

    def abort(self) -> None:
        """Let them never have been."""
        self._runner.run(self._producer.abort_transaction())

    async def _begin(self, topics: tuple[str, ...], days: range, customers: list[str]) -> None:
        await self._producer.begin_transaction()
        for day in days:
            for customer in customers:
                for topic in topics:
                    await self._send(topic, customer, day)
        await self._producer.flush()

    async def _send(self, topic: str, customer: str, day: int) -> None:
        make = purchase if topic == self._settings.transaction_topic else visit
        event, key = make(customer, day, START + day * DAY), customer.encode()
        partition = partition_of(key, self._settings.partitions)
        await self._producer.send(topic, json.dumps(event).encode(), key, partition)


@pytest.fixture
def settings(stack: Stack, topic_prefix: str) -> Settings:
    return make_settings(stack, topic_prefix, metrics_port=unused_port())


@contextmanager
def banking(settings: Settings, name: str) -> Iterator[Bank]:
    """A bank whose producer lives for the time of a block."""

    async def started() -> AIOKafkaProducer:
        producer = ClientOptions(settings).producer(transactional_id=f"{settings.group}-{name}")
        await producer.start()
        return producer

    with asyncio.Runner() as runner:
        producer = runner.run(started())
        yield Bank(producer, settings, runner)
        runner.run(producer.stop())


@pytest.fixture
def bank(settings: Settings) -> Iterator[Bank]:
    with banking(settings, "bank") as bank:
        yield bank


def await_events(settings: Settings, worker: Worker, expected: int) -> None:
    """Wait until each customer has so many events, and nobody else any."""
    wanted = {customer.encode(): expected for customer in CUSTOMERS}
    await_that(f"{expected} events each", lambda: counts(settings) == wanted, worker)


def counts(settings: Settings) -> dict[bytes, int]:
    """Number of events applied, by customer."""
    found = states(settings)
    events = unpack(list(found.values()))["counts"][:, Count.EVENTS].tolist()
    return dict(zip(found, events, strict=True))


def test_aborted_events_do_not_count_and_markers_hold_up_nothing(
    settings: Settings, bank: Bank, start: Callable[..., Worker]
) -> None:
    for first in (0, 10):
        bank.begin(*settings.input_topics[:2], days=range(first, first + 5), customers=CUSTOMERS)
        bank.commit()
        aborted = range(first + 5, first + 10)
        bank.begin(*settings.input_topics[:2], days=aborted, customers=[*CUSTOMERS, GHOST])
        bank.abort()
    worker = start(settings)
    await_events(settings, worker, 20)

    def lags() -> list[float]:
        return list(samples(settings, "ebbwatch_lag_messages").values())

    await_that("no lag", lambda: len(lags()) == 3 * settings.partitions and not any(lags()), worker)


def test_an_open_transaction_holds_up_what_may_lie_behind_it_and_is_told(
    settings: Settings, bank: Bank, start: Callable[..., Worker]
) -> None:
    bank.begin(*settings.input_topics[:2], days=range(3), customers=CUSTOMERS)
    bank.commit()
    worker = start(settings)
    await_events(settings, worker, 6)
    bank.begin(settings.transaction_topic, days=range(3, 5), customers=CUSTOMERS)
    with banking(settings, "other") as other:
        other.begin(settings.interaction_topic, days=range(5, 6), customers=CUSTOMERS)
        other.commit()

    def told() -> bool:
        lags = samples(settings, "ebbwatch_lag_messages")
        by_topic = [
            sum(lag for labels, lag in lags.items() if dict(labels)["topic"] == topic)
            for topic in settings.input_topics
        ]
        return by_topic[0] == 2 * len(CUSTOMERS) and by_topic[1] >= len(CUSTOMERS)

    await_that("lag of both", told, worker)
    await_events(settings, worker, 6)
    bank.commit()
    await_events(settings, worker, 9)
    await_that("offsets that no lag tool finds behind", lambda: not group_lag(settings), worker)
    assert worker.stop() == 0


def group_lag(settings: Settings) -> int:
    """What a lag tool finds of the group: ends less committed offsets, of all input partitions."""
    with reader(settings) as consumer:
        numbers = range(settings.partitions)
        places = [TopicPartition(t, n) for t in settings.input_topics for n in numbers]
        upto = consumer.end_offsets(places)
    admin = KafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    try:
        groups = admin.list_group_offsets({settings.group: places})
    finally:
        admin.close()
    committed = groups[settings.group]
    return sum(end - (committed[place].offset if place in committed else 0)
               for place, end in upto.items())  # fmt: skip
