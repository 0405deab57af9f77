"""The outbox relay on a real Kafka and a real Redis: each message once, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from fakes import until
from kafka.admin import KafkaAdminClient
from relay_bench import PARTITIONS, Bench, Untrimming

from ebbwatch.stack import Stack
from streams.broker.clients import ClientOptions
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings
from streams.outbox import relay as module
from streams.outbox.relay import Relay
from streams.store import RedisStore
from streams.store.clients import connect


@pytest.fixture
async def bench(stack: Stack, topic_prefix: str) -> AsyncIterator[Bench]:
    settings = Settings.model_validate(
        {
            "kafka_bootstrap": stack.kafka_bootstrap,
            "redis_url": stack.redis_url,
            "redis_prefix": topic_prefix.rstrip("."),
            "partitions": PARTITIONS,
            "group": f"{topic_prefix}group",
            "transaction_topic": f"{topic_prefix}transactions",
            "interaction_topic": f"{topic_prefix}interactions",
            "risk_topic": f"{topic_prefix}risk",
            "relationship_topic": f"{topic_prefix}relationship",
            "score_topic": f"{topic_prefix}score",
        }
    )
    wanted = {settings.transaction_topic, settings.risk_topic, settings.relationship_topic}
    specs = [spec for spec in topic_specs(settings) if spec.name in wanted]
    create_topics(stack.kafka_bootstrap, specs)
    redis = connect(stack.redis_url, 10.0)
    where = redis, settings.redis_prefix, PARTITIONS
    yield Bench(settings, RedisStore(*where), Untrimming(*where))
    await redis.aclose()


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


async def reaches(relay: Relay, position: int) -> None:
    relay.wake()
    await until(lambda: relay.position == position)


async def drains(bench: Bench) -> None:
    """Wait until a relay has trimmed the outbox, which follows upon its position."""
    async with asyncio.timeout(120):
        while not await bench.drained():  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)


async def test_an_outbox_is_published_in_order_once_and_trimmed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STRETCH", 40)
    await bench.commit(100)
    relay = bench.relay()
    async with running(relay):
        await reaches(relay, 100)
        await bench.commit(10)
        await reaches(relay, 110)
        await drains(bench)
    await bench.once_each_in_order(110)
    assert [int(entry.value) for entry in bench.told] == list(range(110))


async def test_a_message_keeps_key_and_headers_and_carries_its_number(bench: Bench) -> None:
    await bench.commit(1)
    relay = bench.relay()
    async with running(relay):
        await reaches(relay, 1)
    (record,) = await bench.published()
    assert (record.topic, record.key, record.value) == (bench.topics[0], b"c0", b"0")
    assert record.headers == (("ce_id", "ä".encode()), ("ebbwatch-outbox", b"0:1"))


async def test_a_restart_goes_on_from_the_groups_position(bench: Bench) -> None:
    await bench.commit(30)
    first, second = bench.relay(store=bench.dying), bench.relay()
    async with running(first):
        await reaches(first, 30)
    assert not await bench.drained()
    await bench.commit(20)
    async with running(second):
        await reaches(second, 50)
        await drains(bench)
    await bench.once_each_in_order(50)


async def test_what_is_committed_to_kafka_and_not_trimmed_is_only_trimmed(bench: Bench) -> None:
    await bench.commit(30)
    first, second = bench.relay(store=bench.dying), bench.relay()
    async with running(first):
        await reaches(first, 30)
    async with running(second):
        await reaches(second, 30)
        await drains(bench)
    await bench.once_each_in_order(30)


def forget(bench: Bench) -> None:
    """Delete the group's positions, as Kafka does of a group long idle."""
    admin = KafkaAdminClient(bootstrap_servers=bench.settings.kafka_bootstrap)
    try:
        admin.delete_groups([bench.settings.relay_group])
    finally:
        admin.close()


@pytest.mark.parametrize("more", [0, 7])
async def test_a_forgotten_position_is_found_in_the_topics_tails(bench: Bench, more: int) -> None:
    await bench.commit(30)
    await bench.commit(50, partition=1)
    first = [bench.relay(number, store=bench.dying) for number in range(PARTITIONS)]
    async with running(*first):
        await reaches(first[0], 30)
        await reaches(first[1], 50)
    forget(bench)
    if more:
        await bench.commit(more)
    second = bench.relay()
    async with running(second):
        await reaches(second, 30 + more)
        await drains(bench)
    await bench.once_each_in_order(80 + more)


async def test_a_forgotten_position_of_an_empty_outbox_loses_nothing_that_comes(
    bench: Bench,
) -> None:
    await bench.commit(5)
    first, second = bench.relay(), bench.relay()
    async with running(first):
        await reaches(first, 5)
    forget(bench)
    async with running(second):
        await bench.commit(5)
        await reaches(second, 10)
    await bench.once_each_in_order(10)


async def test_an_idle_relay_commits_its_position_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.commit(3)
    relay = bench.relay(store=bench.dying)
    async with running(relay):
        await reaches(relay, 3)
    forget(bench)
    monkeypatch.setattr(module, "RECOMMIT", 0.0)
    relay = bench.relay(store=bench.dying)
    async with running(relay):
        await reaches(relay, 3)
        await until(lambda: relay._confirmed)
        assert await relay._recover() == 3


@dataclass(frozen=True)
class Breaking(ClientOptions):
    """Its producers break after sending a transaction's messages and before its offsets."""

    broke: asyncio.Event = field(default_factory=asyncio.Event)

    def producer(self, **options: Any) -> AIOKafkaProducer:
        made = super().producer(**options)

        async def breaks(*_: object) -> None:
            await made.flush()
            self.broke.set()
            raise KafkaError("broken half-way")

        made.send_offsets_to_transaction = breaks
        return made


async def test_a_transaction_aborted_half_way_leaves_nothing_visible(bench: Bench) -> None:
    await bench.commit(20)
    breaking = Breaking(bench.settings)
    broken, whole = bench.relay(options=breaking), bench.relay()
    async with running(broken):
        async with asyncio.timeout(120):
            await breaking.broke.wait()
        await asyncio.sleep(0.1)
    assert broken.position == 0
    assert bench.told == []
    assert await bench.published() == []
    async with running(whole):
        await reaches(whole, 20)
    await bench.once_each_in_order(20)
    assert len(await bench.published("read_uncommitted")) > 20


async def test_relays_fighting_over_a_partition_publish_once_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STRETCH", 5)
    total = 200
    await bench.commit(total // 2)
    relays = [bench.relay(), bench.relay()]
    async with running(*relays):
        for _ in range(10):
            await bench.commit(total // 20)
            await asyncio.sleep(0.1)
        await drains(bench)
    await bench.once_each_in_order(total)
