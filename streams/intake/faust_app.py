"""Faust's app, with hooks around its start and stop."""

import logging
from collections.abc import Awaitable, Callable

import faust

from streams.intake.progress import Progress

Hook = Callable[[], Awaitable[None]]


class App(faust.App):  # type: ignore[misc]
    """A Faust app that reads where `progress` says, and ends where Faust would go on half alive.

    Attributes:
        failing: told of an error that nothing mends; does not return.
        progress: how far the partitions are; read by the transport.
        starting: called before the consumer starts, to wire what needs a running loop.
        leaving: called before the consumer stops.
        stopping: called once the consumer has stopped.
    """

    logger = logging.getLogger("faust.ebbwatch")  # quiet as a library is, not as this module
    failing: Callable[[BaseException], None]
    progress: Progress
    starting: Hook
    leaving: Hook
    stopping: Hook

    def _crash(self, reason: BaseException) -> None:
        self.failing(reason)

    async def on_start(self) -> None:
        """See `starting`."""
        try:
            await self.starting()
        except Exception as error:  # noqa: BLE001 - there is nothing to stop yet
            self.failing(error)
        await super().on_start()

    async def on_stop(self) -> None:
        """See `leaving` and `stopping`."""
        await self.leaving()
        await super().on_stop()
        await self.stopping()
