"""How full Redis is shows beside the work, and nothing that it answers ends anything."""

import asyncio

import pytest
from fakes import until
from prometheus_client import CollectorRegistry
from redis.exceptions import ConnectionError as Away
from redis.exceptions import NoPermissionError, OutOfMemoryError, ResponseError
from redis_servers import RedisServers
from redis_servers import redis_servers as redis_servers  # noqa: PLC0414 - a fixture
from structlog.testing import capture_logs

from streams.partition import memory_watch
from streams.partition.memory_watch import MemoryWatch
from streams.store.clients import connect
from streams.store.health import MemoryTaken, fullest
from streams.telemetry.metrics import Metrics


class Stage:
    """A watch of a Redis that answers what it is told to."""

    def __init__(self, answer: MemoryTaken | Exception) -> None:
        self.answer, self.asked = answer, 0
        self.metrics = Metrics(CollectorRegistry())
        self.watch = MemoryWatch(self.ask, self.metrics.redis_memory)

    async def ask(self) -> MemoryTaken:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def look(self, answer: MemoryTaken | Exception | None = None) -> list[str]:
        """Look once, at another answer if told one; the lines logged."""
        self.answer = answer or self.answer
        with capture_logs() as logs:
            await self.watch.look()
        return [f"{line['event']}: {line['error']}" for line in logs]

    @property
    def shown(self) -> dict[str, float]:
        samples = next(iter(self.metrics.redis_memory.collect())).samples
        return {sample.labels["of"]: sample.value for sample in samples}


async def test_used_and_most_show_and_most_only_while_there_is_a_limit() -> None:
    stage = Stage(MemoryTaken(used=900, most=1_000))
    assert await stage.look() == []
    assert stage.shown == {"used": 900.0, "most": 1_000.0}
    await stage.look(MemoryTaken(used=950, most=0))
    assert stage.shown == {"used": 950.0}


@pytest.mark.parametrize("error", [Away("refused"), OutOfMemoryError("full"), TimeoutError()])
async def test_while_redis_is_away_nothing_shows_and_nothing_is_said(error: Exception) -> None:
    stage = Stage(MemoryTaken(used=900, most=1_000))
    await stage.look()
    assert await stage.look(error) == []
    assert stage.shown == {}
    await stage.look(MemoryTaken(used=1, most=2))
    assert stage.shown == {"used": 1.0, "most": 2.0}


@pytest.mark.parametrize(
    "error",
    [NoPermissionError("no INFO"), ResponseError("unknown command"), ValueError("1.5"), KeyError()],
)
async def test_one_that_does_not_tell_is_logged_once_and_ends_nothing(error: Exception) -> None:
    stage = Stage(error)
    (line,) = await stage.look()
    assert line.startswith("redis does not tell its memory: ")
    assert await stage.look() == []
    assert stage.shown == {}
    assert await stage.look(MemoryTaken(used=1, most=2)) == []
    assert stage.shown == {"used": 1.0, "most": 2.0}
    assert await stage.look(error) == []


async def test_it_asks_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_watch, "LOOK", 0.0)
    stage = Stage(NoPermissionError("no INFO"))
    task = asyncio.create_task(stage.watch.run())
    await until(lambda: stage.asked > 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_user_who_may_not_ask_hears_it_once_from_a_real_redis(
    redis_servers: RedisServers,
) -> None:
    redis = redis_servers.start("save ''")
    redis.ask("ACL", "SETUSER", "worker", "on", ">secret", "~p:*", "+@all", "-info")
    client = connect(redis.url.replace("//", "//worker:secret@"), 10.0)
    stage = Stage(ValueError())
    stage.watch = MemoryWatch(lambda: fullest(client), stage.metrics.redis_memory)
    (line,) = await stage.look()
    assert "info" in line
    assert await stage.look() == []
    redis.ask("ACL", "SETUSER", "worker", "+info")
    await stage.look()
    await client.aclose()
    assert stage.shown.keys() == {"used"}
