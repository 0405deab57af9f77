"""Waiting while Redis or Kafka is away, and for nothing else."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
    ProducerFenced,
    TopicAuthorizationFailedError,
)
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    ResponseError,
    SlotNotCoveredError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from streams.retry import away, persist
from streams.store import Fenced, Lost

PASSING = [
    RedisConnectionError("refused"),
    RedisTimeoutError("slow"),
    BusyLoadingError("loading"),
    ReadOnlyError("a replica"),
    OutOfMemoryError("full"),
    NoScriptError("gone"),
    ResponseError("MISCONF Redis is configured to save RDB snapshots"),
    ResponseError("NOREPLICAS Not enough good replicas to write."),
    SlotNotCoveredError("Slot 1 is not covered by the cluster."),
    RedisClusterException("Redis Cluster cannot be connected. Please provide"),
    ConnectionResetError("reset"),
    TimeoutError("slow"),
    KafkaConnectionError("refused"),
    KafkaTimeoutError("slow"),
    NotLeaderForPartitionError("moved"),
]
LASTING = [
    AuthenticationError("wrong password"),
    AuthorizationError("no permission"),
    ResponseError("wrong type"),
    RedisClusterException("Cluster mode is not enabled on this node"),
    MessageSizeTooLargeError("too large"),
    TopicAuthorizationFailedError("no permission"),
    ProducerFenced("another"),
    Fenced(0, "1-a", "2-b"),
    Lost("another past"),
    ValueError("a mistake"),
]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds waited, without waiting."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr("streams.retry.patience.asyncio.sleep", sleep)
    return found


def failing(*errors: Exception) -> "Callable[[], asyncio.Future[str]]":
    left = list(errors)

    async def call() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return lambda: asyncio.ensure_future(call())


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
async def test_absence_is_waited_for(error: Exception, waits: list[float]) -> None:
    assert away(error)
    assert await persist("it", failing(error, error)) == "done"
    assert waits == [0.05, 0.1]


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
async def test_anything_else_is_raised_at_once(error: Exception, waits: list[float]) -> None:
    assert not away(error)
    with pytest.raises(type(error)):
        await persist("it", failing(error))
    assert waits == []


async def test_waits_double_up_to_the_longest(waits: list[float]) -> None:
    await persist("it", failing(*[RedisConnectionError()] * 9))
    assert waits == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0]


async def test_waiting_can_be_cancelled() -> None:
    waiting = asyncio.create_task(persist("it", failing(*[RedisConnectionError()] * 99)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_cancellation_the_call_swallowed_is_heeded() -> None:
    async def swallows() -> str:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        return "done"

    waiting = asyncio.create_task(persist("it", swallows))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
