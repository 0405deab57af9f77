"""A relay's bench: topics, keys and an outbox of its own on the real stack."""

from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from streams.broker.clients import ClientOptions
from streams.broker.headers import join_headers
from streams.config import Settings
from streams.outbox.relay import Relay
from streams.store import Commit, Entry, RedisStore

PARTITIONS = 2


class Untrimming(RedisStore):
    """A store on which a relay dies before it trims, every time."""

    async def forget_published(self, partition: int, owner: str, upto: int) -> None:
        pass


@dataclass
class Bench:
    """Topics and keys of one test, and what its relays said they published."""

    settings: Settings
    store: RedisStore
    dying: RedisStore
    told: list[Entry] = field(default_factory=list)
    owner: dict[int, str] = field(default_factory=dict)
    sequence: dict[int, int] = field(default_factory=dict)
    count: int = 0

    @property
    def options(self) -> ClientOptions:
        return ClientOptions(self.settings)

    @property
    def topics(self) -> tuple[str, str]:
        return self.settings.risk_topic, self.settings.relationship_topic

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
            group=self.settings.relay_group,
            placeholder=self.settings.transaction_topic,
            topics=self.topics,
            on_published=self.told.append,
        )

    async def commit(self, count: int, partition: int = 0) -> None:
        """Put messages into the outbox, their values numbered on."""
        if partition not in self.sequence:
            self.owner[partition] = (await self.store.claim(partition)).owner
        entries = [self._entry(number) for number in range(self.count, self.count + count)]
        sequence = self.sequence.setdefault(partition, 0)
        commit = Commit(self.owner[partition], sequence, 0.0, {}, outbox=entries)
        await self.store.commit(partition, commit)
        self.sequence[partition] += 1
        self.count += count

    def _entry(self, number: int) -> Entry:
        topic = self.topics[number % 2]
        return Entry(
            topic, b"c%d" % (number % 7), b"%d" % number, join_headers([("ce_id", "ä".encode())])
        )

    async def drained(self, partition: int = 0) -> bool:
        return not await self.store.outbox(partition, 0, 1)

    async def published(self, isolation: str = "read_committed") -> list[Any]:
        """All records a consumer sees, by topic-partition and offset."""
        consumer = self.options.consumer(isolation_level=isolation)
        await consumer.start()
        places = [TopicPartition(topic, n) for topic in self.topics for n in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning()
        ends = await consumer.end_offsets(places)
        found: list[Any] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
        await consumer.stop()
        return found

    async def once_each_in_order(self, total: int) -> None:
        """Assert that values 0 to `total` are published once each, in order."""
        found = await self.published()
        assert sorted(int(record.value) for record in found) == list(range(total))
        for place in {(record.topic, record.partition) for record in found}:
            numbers = [int(r.value) for r in found if (r.topic, r.partition) == place]
            assert numbers == sorted(numbers)
