"""Reading some customers' states, with the places of their partitions: nothing is written."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from redis.asyncio import Redis

from streams.store.meta import read_claim
from streams.store.redis_store import RedisStore
from streams.store.types import Claim


class LookedUp(NamedTuple):
    """What was found of some customers.

    Attributes:
        states: packed, None where nothing is held, in the order asked.
        claims: of every partition asked for, by its number.
    """

    states: Sequence[bytes | None]
    claims: Mapping[int, Claim]


class Lookups:
    """Reads a store in one round trip, by commands that only read.

    Args:
        redis: the store's client.
        store: names the keys.
    """

    def __init__(self, redis: Redis, store: RedisStore) -> None:
        self._redis, self._store = redis, store

    async def find(self, asked: Sequence[tuple[int, bytes]]) -> LookedUp:
        """Read the states of customers, each with its partition's number.

        Raises:
            DamagedError: a partition is of another layout.
            redis.exceptions.RedisError: Redis cannot be reached.
        """
        numbers = sorted({number for number, _ in asked})
        pipe: Any = self._redis.pipeline(transaction=False)
        for number in numbers:
            pipe.hgetall(self._store.key(number, "meta"))
        for number, customer in asked:
            pipe.hget(self._store.key(number, "state"), customer)
        answers = await pipe.execute()
        metas = zip(numbers, answers, strict=False)
        claims = {number: read_claim(number, meta, {}) for number, meta in metas}
        return LookedUp(answers[len(numbers) :], claims)

    async def slice(
        self, partition: int, cursor: int, count: int
    ) -> tuple[int, Mapping[bytes, bytes]]:
        """Read about `count` states of a partition from a cursor on; 0 begins, and 0 ends.

        What is there from beginning to end is returned at least once.
        """
        key = self._store.key(partition, "state")
        found: Any = await self._redis.hscan(key, cursor, count=count)
        following, states = found
        return following, states

    async def customers(self, partitions: int) -> int:
        """How many customers there are in all partitions."""
        pipe: Any = self._redis.pipeline(transaction=False)
        for number in range(partitions):
            pipe.hlen(self._store.key(number, "state"))
        return sum(await pipe.execute())
