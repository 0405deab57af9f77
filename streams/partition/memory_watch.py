"""Shows how full Redis is: without memory to spare it takes no commit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from prometheus_client import Gauge

from streams.retry import away, told
from streams.store.health import MemoryTaken

log = structlog.get_logger()

LOOK: Final = 30.0  # seconds
HELP: Final = "grant INFO to the user of EBBWATCH_REDIS_URL; nobody is told of a Redis nearly full"


class MemoryWatch:
    """Asks Redis now and then, beside all that is committed; nothing rests on its answer.

    Args:
        ask: for the memory of the server that is nearest its limit.
        gauge: shows bytes `used`, and `most` where there is a limit; without an answer neither.
    """

    def __init__(self, ask: Callable[[], Awaitable[MemoryTaken]], gauge: Gauge) -> None:
        self._ask, self._gauge, self._has_told = ask, gauge, False

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        """Show what Redis tells; where it tells nothing, say so once, unless it is merely away."""
        try:
            found = await self._ask()
        except Exception as error:  # noqa: BLE001 - whatever it answers, all goes on
            self._gauge.clear()
            self._miss(error)
        else:
            self._show(found)

    def _show(self, found: MemoryTaken) -> None:
        self._gauge.clear()  # a limit may have been lifted
        self._gauge.labels("used").set(found.used)
        if found.most:
            self._gauge.labels("most").set(found.most)

    def _miss(self, error: Exception) -> None:
        if not (self._has_told or away(error)):
            self._has_told = True
            log.warning("redis does not tell its memory", error=told(error), help=HELP)
