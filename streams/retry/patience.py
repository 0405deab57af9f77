"""Asking again and again, as long as the other side is merely away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from aiokafka.errors import KafkaError, KafkaTimeoutError
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ClusterError,
    RedisClusterException,
    SlotNotCoveredError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from streams.retry.refusals import Verdict, refusal
from streams.retry.waits import WAITS

T = TypeVar("T")

_UNREACHED: Final = (RedisConnectionError, RedisTimeoutError, ClusterError, OSError, TimeoutError)
_DENIED: Final = (AuthenticationError, AuthorizationError)  # connection errors by name only
FIRST: Final = 0.05
LONGEST: Final = 2.0


def away(error: BaseException) -> bool:
    """Whether an error says no more than that Redis or Kafka cannot do it for now."""
    if isinstance(error, KafkaError):
        return bool(error.retriable) or isinstance(error, KafkaTimeoutError)
    if isinstance(error, RedisClusterException):
        return _cluster_away(error)
    known = refusal(error) if isinstance(error, Exception) else None
    if known is not None:
        return known.verdict is not Verdict.END
    return isinstance(error, _UNREACHED) and not isinstance(error, _DENIED)


def _cluster_away(error: RedisClusterException) -> bool:
    """Whether no node was reached; redis-py says why only in the cause, where there is one."""
    if error.__cause__ is not None:
        return away(error.__cause__)
    reached = "cannot be connected", "not covered"
    return type(error) is SlotNotCoveredError or any(words in str(error) for words in reached)


@contextmanager
def passing() -> Iterator[None]:
    """Leave a block at an error that says no more than that Redis or Kafka is away."""
    try:
        yield
    except Exception as error:
        if not away(error):
            raise


async def persist(what: str, call: Callable[[], Awaitable[T]]) -> T:
    """Call until it succeeds, with backoff, as long as the other side is merely away.

    Args:
        what: named in the log, and by `/readyz`.
        call: must be harmless to repeat.

    Returns:
        What the call returned. Any error that is not absence is raised at once.
    """
    pause = FIRST
    with WAITS.trying(what) as wait:
        while True:
            try:
                answer = await call()
            except Exception as error:
                if not away(error):
                    raise
                WAITS.note(wait, error)
            else:
                _raise_if_cancelled()
                return answer
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST)


def _raise_if_cancelled() -> None:
    """Raise what `asyncio.wait_for` of Python 3.11, which redis-py calls, may have swallowed."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
