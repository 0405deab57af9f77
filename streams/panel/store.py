"""Where a partition's panel lives: one value beside its states, which only its owner writes."""

from typing import Any, Final, Protocol

from redis.asyncio import Redis

from streams.store import Fenced, RedisStore

# KEYS: meta, panel; ARGV: epoch, value.
KEEP: Final = """
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if epoch ~= ARGV[1] then return {'FENCED', epoch or ''} end
redis.call('SET', KEYS[2], ARGV[2])
return {'OK'}
"""


class PanelStore(Protocol):
    """One partition's panel, and all customers it can be chosen from."""

    async def customers(self, partition: int) -> list[bytes]:
        """Read the ids of all customers with a state, in any order."""

    async def panel(self, partition: int) -> bytes | None:
        """Read the packed panel, None before the first."""

    async def keep(self, partition: int, epoch: int, packed: bytes) -> None:
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
        self._redis, self._key = redis, store.key
        self._keep = redis.register_script(KEEP)

    async def customers(self, partition: int) -> list[bytes]:
        """See `PanelStore.customers`."""
        found: Any = await self._redis.hkeys(self._key(partition, "state"))
        return list(found)

    async def panel(self, partition: int) -> bytes | None:
        """See `PanelStore.panel`."""
        found: Any = await self._redis.get(self._key(partition, "panel"))
        packed: bytes | None = found
        return packed

    async def keep(self, partition: int, epoch: int, packed: bytes) -> None:
        """See `PanelStore.keep`."""
        keys = [self._key(partition, part) for part in ("meta", "panel")]
        answer = await self._keep(keys=keys, args=[epoch, packed])
        if answer[0] == b"FENCED":
            raise Fenced(f"partition {partition}: epoch {epoch} gave way to {answer[1]!r}")
