"""Where a partition's panel lives: one value beside its states, which only its owner writes."""

from typing import Any, Protocol

from redis.asyncio import Redis

from streams.store import RedisStore


class PanelStore(Protocol):
    """One partition's panel, and all customers it can be chosen from."""

    async def customers(self, partition: int) -> list[bytes]:
        """Read the ids of all customers with a state, in any order."""

    async def panel(self, partition: int) -> bytes | None:
        """Read the packed panel, None before the first."""

    async def keep(self, partition: int, owner: str, packed: bytes) -> None:
        """Replace the packed panel; harmless to repeat.

        Raises:
            Fenced: another worker has claimed the partition.
        """


class RedisPanelStore:
    """Implements `PanelStore`.

    Args:
        redis: client, which the caller closes.
        store: names the keys.
    """

    def __init__(self, redis: Redis, store: RedisStore) -> None:
        self._redis, self._store, self._key = redis, store, store.key

    async def customers(self, partition: int) -> list[bytes]:
        """See `PanelStore.customers`."""
        found: Any = await self._redis.hkeys(self._key(partition, "state"))
        return list(found)

    async def panel(self, partition: int) -> bytes | None:
        """See `PanelStore.panel`."""
        found: Any = await self._redis.get(self._key(partition, "panel"))
        packed: bytes | None = found
        return packed

    async def keep(self, partition: int, owner: str, packed: bytes) -> None:
        """See `PanelStore.keep`."""
        await self._store.keep_panel(partition, owner, packed)
