"""A process whose fetches go unanswered ends, unless Kafka itself is away."""

from types import SimpleNamespace
from typing import Any

import pytest

from streams.partition.watchdog import UNHEARD, Watchdog


class Stage:
    def __init__(self, unheard: float, *, answers: bool = True) -> None:
        self.inbox = SimpleNamespace(unheard=unheard)
        self.answers, self.failed = answers, list[BaseException]()
        owned: Any = {3: SimpleNamespace(partition=SimpleNamespace(inboxes={"t": self.inbox}))}
        self.dog = Watchdog(lambda: owned, self.ask, self.failed.append)

    async def ask(self) -> bool:
        return self.answers


async def test_reading_that_is_stuck_ends_the_process_with_the_reason() -> None:
    stage = Stage(UNHEARD + 1.0)
    await stage.dog.look()
    assert stage.failed == []  # it may just have been stopped and woken
    await stage.dog.look()
    assert [str(error) for error in stage.failed] == [
        "t-3: no fetch answered for 120 s, Kafka answers"
    ]


@pytest.mark.parametrize(("unheard", "answers"), [(0.0, True), (UNHEARD, True), (1e6, False)])
async def test_whoever_is_heard_or_waits_for_kafka_goes_on(
    unheard: float, *, answers: bool
) -> None:
    stage = Stage(unheard, answers=answers)
    for _ in range(3):
        await stage.dog.look()
    assert stage.failed == []


async def test_what_is_heard_again_is_forgiven() -> None:
    stage = Stage(UNHEARD + 1.0)
    await stage.dog.look()
    stage.inbox.unheard = 0.0
    await stage.dog.look()
    stage.inbox.unheard = UNHEARD + 1.0
    await stage.dog.look()
    assert stage.failed == []
