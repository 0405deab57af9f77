"""Ends a process whose reading is stuck: fetches go unanswered, though Kafka answers."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from streams.partition.owned import Owned

UNHEARD: Final = 120.0  # seconds; an idle partition's fetch is answered every quarter of one
LOOK: Final = 5.0


class StuckError(Exception):
    """Nothing is read any more, which starting anew mends."""


class Watchdog:
    """Looks after the reading of all partitions that are owned.

    Args:
        owned: by number, as it is now.
        answers: whether Kafka answers: while it is away nothing is stuck.
        fail: told of reading that is stuck; ends the process.
    """

    def __init__(
        self,
        owned: Callable[[], Mapping[int, Owned]],
        answers: Callable[[], Awaitable[bool]],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._owned, self._answers, self._fail = owned, answers, fail
        self._before: set[str] = set()

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Fail where a partition is unheard twice in a row: the process may have been stopped."""
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
