"""What is waited for: told once, then now and then, and forgotten once it is over."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from structlog.testing import capture_logs

from streams.retry import Waits
from streams.retry.waits import PAUSE

FULL = ResponseError("MISCONF disk full")


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("streams.retry.waits.time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


async def test_many_waits_for_one_thing_are_one_line_and_another_a_minute_later(
    clock: Clock,
) -> None:
    waits = Waits()
    waits.name(redis="10.0.0.1:6379", kafka="10.0.0.2:9092")
    with capture_logs() as lines:
        for _ in range(64):
            with waits.trying("commit") as wait:
                for _ in range(10):
                    waits.note(wait, FULL)
        clock.now += PAUSE
        with waits.trying("load") as wait:
            waits.note(wait, FULL)
    told = [line for line in lines if line["event"] == "waiting"]
    assert [line["to"] for line in told] == ["commit", "load"]
    assert told[0] == {
        "event": "waiting",
        "log_level": "warning",
        "server": "redis",
        "address": "10.0.0.1:6379",
        "to": "commit",
        "who": "",
        "reason": "MISCONF disk full",
        "seconds": 0,
    }


async def test_each_server_and_each_reason_is_told_of_its_own() -> None:
    waits = Waits()
    with capture_logs() as lines, waits.trying("commit") as wait:
        for error in (FULL, RedisConnectionError("refused"), KafkaConnectionError("refused")):
            waits.note(wait, error)
    told = [(line["server"], line["reason"].split()[0]) for line in lines if "reason" in line]
    assert told == [
        ("redis", "MISCONF"),
        ("redis", "ConnectionError"),
        ("kafka", "KafkaConnectionError"),
    ]


async def test_the_end_is_told_once_when_the_last_stops_waiting(clock: Clock) -> None:
    waits = Waits()
    with capture_logs() as lines:
        with waits.trying("commit") as one, waits.trying("load") as other:
            waits.note(one, FULL)
            waits.note(other, FULL)
            clock.now += 7.0
        assert waits.now == []
    ends = [line for line in lines if line["event"] == "waited"]
    assert ends == [{"event": "waited", "log_level": "info", "server": "redis", "seconds": 7.0}]


async def test_what_never_waited_is_not_told() -> None:
    waits = Waits()
    with capture_logs() as lines, waits.trying("commit"):
        assert waits.now == []
    assert lines == []


async def test_a_wait_names_the_task_that_waits() -> None:
    waits = Waits()

    async def wait() -> list[Any]:
        with waits.trying("commit") as wait:
            waits.note(wait, FULL)
            return [(each.who, each.what, each.server, each.reason) for each in waits.now]

    found = await asyncio.create_task(wait(), name="partition 3")
    assert found == [("partition 3", "commit", "redis", "MISCONF disk full")]
