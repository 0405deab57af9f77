"""A partition that is owned: its tasks, how they end, and how a process does."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import Any, Final

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisError

from streams.outbox.relay import Relay
from streams.partition.sequencer import Sequencer
from streams.retry import told
from streams.store import Store

log = structlog.get_logger()

DRAINED: Final = 0.05  # seconds between looks at what the relay has left
PATIENCE: Final = 2.0  # seconds a cancelled task may take to end
CRASHED: Final = 70  # exit status after an error that no retry mends


class Owned:
    """A partition, its relay and their tasks."""

    def __init__(
        self, partition: Sequencer, relay: Relay, fail: Callable[["Owned", BaseException], None]
    ) -> None:
        self.partition, self.relay = partition, relay
        self._fail = partial(fail, self)
        number = partition.number
        self._tasks = [
            self._start(self._sequence(), f"partition {number}"),
            self._start(relay.run(), f"relay {number}"),
        ]

    async def _sequence(self) -> None:
        """Commit nothing before it is known that the store is as far as it was."""
        await self.relay.stood()
        await self.partition.run()

    @property
    def has_ended(self) -> bool:
        """Whether a task of it has, so that nothing of it, or all but its relay, goes on."""
        return any(task.done() for task in self._tasks)

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(ended_by(self._fail))
        return task

    def stop(self) -> None:
        """Stop both soon."""
        for task in self._tasks:
            task.cancel()

    async def drain(self, store: Store) -> None:
        """Stop the partition alone, and wait until its relay has published what it committed."""
        await _cancelled(self._tasks[:1])
        while not self._tasks[1].done() and (await store.counts(self.partition.number, 0.0))[1]:  # noqa: ASYNC110
            await asyncio.sleep(DRAINED)

    async def release(self) -> None:
        """Stop both; what a cancelled commit did or did not, the next claim finds out."""
        await _cancelled(self._tasks)


async def _cancelled(tasks: Iterable["asyncio.Task[None]"]) -> None:
    """Cancel tasks, again and again if need be: clients' own waiting may swallow a cancellation."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=PATIENCE)


def ended_by(fail: Callable[[BaseException], None]) -> "Callable[[asyncio.Task[None]], None]":
    """Make the callback of a task that should only ever end by being cancelled."""

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            fail(error)

    return ended


def end_process(error: BaseException) -> None:
    """End at once and leave the restart to the supervisor: nothing half-done can be committed."""
    is_told = isinstance(error, ValueError | RedisError | KafkaError)  # by its text, whole
    log.critical("ending", error=told(error), exc_info=None if is_told else error)
    os._exit(CRASHED)
