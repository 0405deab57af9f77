"""A partition's keys whole: taken at one instant, put back together, or discarded."""

from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis

from streams.store.meta import PARTS
from streams.store.redis_store import RedisStore


class Snapshots:
    """Takes and puts back partitions of a store.

    Args:
        redis: the store's client.
        store: names the keys.
    """

    def __init__(self, redis: Redis, store: RedisStore) -> None:
        self._redis, self._store = redis, store

    async def take(self, partition: int) -> dict[str, bytes]:
        """Each key there is, serialised by Redis, all as of one instant between two commits."""
        pipe: Any = self._redis.pipeline(transaction=True)
        for key in self._store.keys(partition):
            pipe.dump(key)
        found = await pipe.execute()
        return {part: value for part, value in zip(PARTS, found, strict=True) if value is not None}

    async def is_empty(self, partition: int) -> bool:
        """Whether there is no key of the partition."""
        pipe: Any = self._redis.pipeline(transaction=True)
        for key in self._store.keys(partition):
            pipe.exists(key)
        return not any(await pipe.execute())

    async def put_back(self, partition: int, parts: Mapping[str, bytes]) -> None:
        """Write keys that are not there, all or none of them.

        Raises:
            redis.exceptions.ResponseError: a key is there, or was serialised by a later Redis.
        """
        pipe: Any = self._redis.pipeline(transaction=True)
        for part, value in parts.items():
            pipe.restore(self._store.key(partition, part), 0, value)
        await pipe.execute()

    async def discard(self, partition: int) -> None:
        """Delete all keys of the partition."""
        await self._redis.unlink(*self._store.keys(partition))
