"""Retrying in place while Redis or Kafka is away: the batch waits, nothing is skipped."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from aiokafka.errors import KafkaError, KafkaTimeoutError
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    OutOfMemoryError,
    ReadOnlyError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger()
T = TypeVar("T")

AWAY: Final = (
    RedisConnectionError,
    RedisTimeoutError,
    BusyLoadingError,
    ReadOnlyError,
    OutOfMemoryError,
    OSError,
    TimeoutError,
)
DENIED: Final = (AuthenticationError, AuthorizationError)  # connection errors by name only
FIRST: Final = 0.05
LONGEST: Final = 2.0


def away(error: Exception) -> bool:
    """Whether an error says no more than that Redis or Kafka cannot be reached for now."""
    if isinstance(error, DENIED):
        return False
    if isinstance(error, KafkaError):
        return bool(error.retriable) or isinstance(error, KafkaTimeoutError)
    return isinstance(error, AWAY)


async def persist(what: str, call: Callable[[], Awaitable[T]]) -> T:
    """Call until it succeeds, with backoff, as long as the other side is merely away.

    Args:
        what: named in the log.
        call: must be harmless to repeat.

    Returns:
        What the call returned. Any error that is not absence is raised at once.
    """
    wait = FIRST
    while True:
        try:
            answer = await call()
        except (*AWAY, KafkaError) as error:
            if not away(error):
                raise
            log.warning("waiting", what=what, error=type(error).__name__, seconds=round(wait, 2))
        else:
            _raise_if_cancelled()
            return answer
        await asyncio.sleep(wait)
        wait = min(wait * 2, LONGEST)


def _raise_if_cancelled() -> None:
    """Raise what `asyncio.wait_for` of Python 3.11, which redis-py calls, may have swallowed."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
