"""A relay's bench: topics, keys and an outbox of its own on the real stack."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aiokafka import TopicPartition
from fakes import until
from redis.asyncio import Redis

from streams.broker.clients import ClientOptions
from streams.broker.headers import join_headers
from streams.config import Settings
from streams.outbox.relay import Relay
from streams.store import Commit, Entry, RedisStore
from streams.store.meta import KEYS

PARTITIONS = 2


class Untrimming(RedisStore):
    """A store on which a relay dies before it trims, every time."""

    async def forget_published(self, partition: int, owner: str, upto: int) -> None:
        pass


class Past(NamedTuple):
    """What Redis held of a partition, and how many messages and commits had been made."""

    held: dict[str, bytes | None]
    count: int = 0
    sequence: int = 0


@dataclass
class Bench:
    """Topics and keys of one test, what its relays said they published, and who went back."""

    settings: Settings
    redis: Redis
    store: RedisStore
    dying: RedisStore
    told: list[Entry] = field(default_factory=list)
    owner: dict[int, str] = field(default_factory=dict)
    sequence: dict[int, int] = field(default_factory=dict)
    backs: list[int] = field(default_factory=list)
    count: int = 0

    @property
    def options(self) -> ClientOptions:
        return ClientOptions(self.settings)

    @property
    def topics(self) -> tuple[str, str]:
        return self.settings.risk_topic, self.settings.relationship_topic

    @property
    def places(self) -> list[TopicPartition]:
        return [TopicPartition(topic, n) for topic in self.topics for n in range(PARTITIONS)]

    def relay(
        self,
        number: int = 0,
        store: RedisStore | None = None,
        options: ClientOptions | None = None,
        owner: str = "",
    ) -> Relay:
        return Relay(
            number,
            owner or self.owner.get(number, ""),
            store or self.store,
            options or self.options,
            on_published=self.told.append,
            on_went_back=lambda: self.backs.append(number),
        )

    async def claim(self, partition: int = 0) -> None:
        """Become a partition's next owner."""
        self.sequence.setdefault(partition, 0)
        self.owner[partition] = (await self.store.claim(partition)).owner

    async def commit(self, count: int, partition: int = 0) -> None:
        """Put messages into the outbox, their values numbered on; their times are the clock's."""
        if partition not in self.sequence:
            await self.claim(partition)
        entries = [self._entry(number) for number in range(self.count, self.count + count)]
        sequence = self.sequence.setdefault(partition, 0)
        commit = Commit(
            self.owner[partition], sequence, self.count + count - 0.5, {}, outbox=entries
        )
        await self.store.commit(partition, commit)
        self.sequence[partition] += 1
        self.count += count

    def _entry(self, number: int) -> Entry:
        topic = self.topics[number % 2]
        at = datetime.fromtimestamp(number, UTC).isoformat()
        headers = [("ce_id", f"ä{number}".encode()), ("ce_time", at.encode())]
        return Entry(topic, b"c%d" % (number % 7), b"%d" % number, join_headers(headers))

    async def remember(self, partition: int = 0) -> "Past":
        """What Redis holds of a partition now."""
        keys = [self.store.key(partition, part) for part in ("meta", *KEYS)]
        held = {key: await self.redis.dump(key) for key in keys}
        return Past(held, self.count, self.sequence.get(partition, 0))

    async def go_back(self, past: "Past", partition: int = 0) -> None:
        """Give Redis back what it held, and claim the partition as its next owner."""
        for key, held in past.held.items():
            await self.redis.delete(key)
            if held is not None:
                await self.redis.restore(key, 0, held)
        self.count, self.sequence[partition] = past.count, past.sequence
        await self.claim(partition)

    async def publish(self, *cuts: int) -> None:
        """Relay what waits of partition 0, then commits of so many messages, as a worker does."""
        await self.claim()
        relay = self.relay()
        async with running(relay):
            await relay.stood()
            for count in cuts:
                await self.commit(count)
            await reaches(relay, (await self.store.peek(0)).outbox)
            await drains(self)

    async def drained(self, partition: int = 0) -> bool:
        return not await self.store.outbox(partition, 0, 1)

    async def published(self, isolation: str = "read_committed") -> list[Any]:
        """All records a consumer sees, by topic-partition and offset."""
        consumer = self.options.consumer(isolation_level=isolation)
        await consumer.start()
        consumer.assign(self.places)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(self.places)
        found: list[Any] = []
        while any([await consumer.position(place) < ends[place] for place in self.places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
        await consumer.stop()
        return found

    async def settled(self) -> None:
        """Wait for the marks of transactions, which Kafka writes after it said they had ended."""
        async with AsyncExitStack() as stack, asyncio.timeout(60):
            readers = [
                self.options.consumer(isolation_level=level)
                for level in ("read_committed", "read_uncommitted")
            ]
            for reader in readers:
                await reader.start()
                stack.push_async_callback(reader.stop)
            stable, ends = [await reader.end_offsets(self.places) for reader in readers]
            while stable != ends:
                await asyncio.sleep(0.01)
                stable = await readers[0].end_offsets(self.places)

    async def once_each_in_order(self, total: int) -> None:
        """Assert that values 0 to `total` are published once each, in order."""
        await self.settled()
        found = await self.published()
        assert sorted(int(record.value) for record in found) == list(range(total))
        for place in {(record.topic, record.partition) for record in found}:
            numbers = [int(r.value) for r in found if (r.topic, r.partition) == place]
            assert numbers == sorted(numbers)


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
    await until(lambda: relay.position.number == position)


async def drains(bench: Bench) -> None:
    """Wait until a relay has trimmed the outbox, which follows upon its position."""
    async with asyncio.timeout(120):
        while not await bench.drained():  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.01)
