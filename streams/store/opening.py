"""The store as tools open it: for a while, by the settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from streams.config import Settings
from streams.store.clients import connect
from streams.store.redis_store import RedisStore


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[RedisStore]:
    """Open the settings' store, and close its connections at the end.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached; by the first call, not by opening.
    """
    redis = connect(settings.redis_url.get_secret_value(), settings.redis_timeout)
    try:
        yield RedisStore(redis, settings.redis_prefix, settings.partitions)
    finally:
        await redis.aclose()
