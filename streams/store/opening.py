"""The store that settings name, and as tools open it: for a while."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis

from streams.config import Settings
from streams.store.clients import connect
from streams.store.lookups import Lookups
from streams.store.redis_store import RedisStore
from streams.store.snapshots import Snapshots


def store_of(redis: Redis, settings: Settings) -> RedisStore:
    """The store that settings name, on a client of theirs."""
    return RedisStore(
        redis, settings.redis_prefix, settings.partitions, partitioner=settings.partitioner
    )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[RedisStore]:
    """Open the settings' store, and close its connections at the end.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached; by the first call, not by opening.
    """
    async with _connected(settings) as (_, store):
        yield store


@asynccontextmanager
async def opened_snapshots(settings: Settings) -> AsyncIterator[Snapshots]:
    """The same, to take its partitions whole."""
    async with _connected(settings) as (redis, store):
        yield Snapshots(redis, store)


@asynccontextmanager
async def opened_lookups(settings: Settings) -> AsyncIterator[Lookups]:
    """The same, to look at customers."""
    async with _connected(settings) as (redis, store):
        yield Lookups(redis, store)


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[tuple[Redis, RedisStore]]:
    redis = connect(settings.redis_url.get_secret_value(), settings.redis_timeout)
    try:
        yield redis, store_of(redis, settings)
    finally:
        await redis.aclose()
