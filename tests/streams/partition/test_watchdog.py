"""A process whose fetches go unanswered ends, unless Kafka itself is away."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import GroupAuthorizationFailedError, GroupLoadInProgressError

from streams.partition.watchdog import UNHEARD, Watchdog


class Member:
    """Of a group, outside it for an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error

    def outside(self) -> BaseException | None:
        return self.error

    def go_on(self) -> None:
        self.error = None


class Stage:
    def __init__(
        self, unheard: float = 0.0, *, answers: bool = True, member: Member | None = None
    ) -> None:
        self.inbox = SimpleNamespace(unheard=unheard)
        self.answers, self.failed = answers, list[BaseException]()
        owned: Any = {3: SimpleNamespace(partition=SimpleNamespace(inboxes={"t": self.inbox}))}
        self.dog = Watchdog(lambda: member, lambda: owned, self.ask, self.failed.append)

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


async def test_whoever_the_group_refuses_ends_and_goes_on_after_what_passes() -> None:
    refused, passing = GroupAuthorizationFailedError("ebbwatch"), GroupLoadInProgressError()
    member = Member(passing)
    stage = Stage(member=member)
    await stage.dog.look()
    assert (stage.failed, member.error) == ([], None)
    await stage.dog.look()
    assert stage.failed == []
    member.error = refused
    await stage.dog.look()
    assert stage.failed == [refused]
