"""The outbox relay on a real Kafka and a real Redis: each message once, whatever happens."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from relay_bench import Bench, drains, reaches, running

from streams.broker import bounded
from streams.broker.clients import ClientOptions
from streams.broker.headers import split_headers
from streams.outbox import relay as module


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
    generation = (await bench.store.peek(0)).generation
    assert (record.topic, record.key, record.value) == (bench.topics[0], b"c0", b"0")
    assert record.headers == (
        *split_headers(bench.told[0].headers),
        ("ebbwatch-outbox", f"0:1:{generation}".encode()),
    )


async def test_a_restart_goes_on_from_the_position_in_kafka(bench: Bench) -> None:
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


@dataclass(frozen=True)
class Breaking(ClientOptions):
    """Its producers break with a transaction's messages sent and its position not."""

    broke: asyncio.Event = field(default_factory=asyncio.Event)

    def producer(self, **options: Any) -> AIOKafkaProducer:
        made = super().producer(**options)

        send, sending = made.send_batch, list[asyncio.Task[Any]]()

        async def breaks(batch: Any, topic: str, **place: Any) -> Any:
            if topic != self.settings.position_topic:
                sending.append(asyncio.create_task(send(batch, topic, **place)))
                return await sending[-1]
            if sending:
                await asyncio.gather(*[await each for each in sending])  # till acknowledged
                self.broke.set()
                raise KafkaError("broken half-way")
            return await send(batch, topic, **place)

        made.send_batch = breaks
        return made


async def test_a_transaction_aborted_half_way_leaves_nothing_visible(bench: Bench) -> None:
    await bench.commit(20)
    breaking = Breaking(bench.settings)
    broken, whole = bench.relay(options=breaking), bench.relay()
    async with running(broken):
        async with asyncio.timeout(120):
            await breaking.broke.wait()
        await asyncio.sleep(0.1)
    assert broken.position.number == 0
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


@dataclass(frozen=True)
class Silent(ClientOptions):
    """Its first producer hears nothing more of Kafka, once it has sent a transaction's messages."""

    made: list[AIOKafkaProducer] = field(default_factory=list)

    def producer(self, **options: Any) -> AIOKafkaProducer:
        made = super().producer(**options)
        if not self.made:
            send, stop = made.send_batch, made.stop

            async def unanswered(*given: Any, **named: Any) -> Any:
                await send(*given, **named)
                await asyncio.Event().wait()

            async def never() -> None:
                await asyncio.gather(stop(), asyncio.Event().wait())

            made.send_batch, made.abort_transaction, made.stop = unanswered, never, never
        self.made.append(made)
        return made


async def test_what_kafka_leaves_unanswered_for_ever_is_begun_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded, "LIMIT", 3.0)
    await bench.commit(20)
    silent = Silent(bench.settings)
    relay = bench.relay(options=silent)
    async with running(relay):
        await reaches(relay, 20)
        await bench.commit(5)
        await reaches(relay, 25)
    assert len(silent.made) == 2
    await bench.once_each_in_order(25)
