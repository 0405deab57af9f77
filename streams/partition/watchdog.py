"""Ends a process that reads no more: outside its group for good, or its fetches unanswered."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from streams.partition.owned import Owned
from streams.retry import away

UNHEARD: Final = 120.0  # seconds; an idle partition's fetch is answered every quarter of one
LOOK: Final = 5.0


class StuckError(Exception):
    """Nothing is read any more, which starting anew mends."""


class InGroup(Protocol):
    """A member of a group of consumers."""

    def outside(self) -> BaseException | None:
        """The error for which it is outside its group until `go_on`."""

    def go_on(self) -> None:
        """Join it again."""


class Watchdog:
    """Looks after the reading of all partitions that are owned.

    Args:
        member: of the group; None before it is made.
        owned: by number, as it is now.
        answers: whether Kafka answers: while it is away nothing is stuck.
        fail: told of reading that is stuck; ends the process.
    """

    def __init__(
        self,
        member: Callable[[], InGroup | None],
        owned: Callable[[], Mapping[int, Owned]],
        answers: Callable[[], Awaitable[bool]],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._member, self._owned = member, owned
        self._answers, self._fail = answers, fail
        self._before: set[str] = set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Fail where a partition is unheard twice in a row: the process may have been stopped.

        So does whoever is refused by the group; an error that passes is one to go on after.
        """
        member = self._member()
        error = member and member.outside()
        if member and error:
            member.go_on() if away(error) else self._fail(error)
        unheard = {
            f"{topic}-{number}"
            for number, owned in self._owned().items()
            for topic, inbox in owned.partition.inboxes.items()
            if inbox.unheard > UNHEARD
        }
        again, self._before = unheard & self._before, unheard
        if again and await self._answers():
            stuck = ", ".join(sorted(again))
            self._fail(StuckError(f"{stuck}: no fetch answered for {UNHEARD:.0f} s, Kafka answers"))
