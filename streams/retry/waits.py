"""What this process waits for: told once and then now and then, and shown by `/readyz`."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Final

import structlog
from aiokafka.errors import KafkaError
from redis.exceptions import RedisClusterException, RedisError

from streams.retry.refusals import told

log = structlog.get_logger()

PAUSE: Final = 60.0  # seconds until the same is told again


@dataclass(eq=False)
class Wait:
    """One task waiting.

    Attributes:
        what: it tries to do.
        who: the task's name, "" where it has none of its own.
        server: that is in its way, `redis` or `kafka`; "" while nothing is.
        reason: what it last heard, in words.
    """

    what: str
    who: str
    server: str = ""
    reason: str = ""


@dataclass
class _Outage:
    """A server being away, from the first task that waits for it to the last."""

    since: float
    waiting: set[Wait] = field(default_factory=set)
    was_told: bool = False


class Waits:
    """All of a process's waits, as asyncio knows all of its tasks."""

    def __init__(self) -> None:
        self._addresses: Mapping[str, str] = {}
        self._outages: dict[str, _Outage] = {}
        self._told: dict[str, float] = {}

    def name(self, **addresses: str) -> None:
        """Name the addresses of `redis` and `kafka`, to be told with what is waited for."""
        self._addresses = addresses

    @property
    def now(self) -> list[Wait]:
        """What is waited for now; may be asked from any thread."""
        return [wait for outage in tuple(self._outages.values()) for wait in tuple(outage.waiting)]

    @contextmanager
    def trying(self, what: str) -> Iterator[Wait]:
        """Try something; it is waited for from the first `note` on, until the block is left."""
        task = asyncio.current_task()
        name = task.get_name() if task else ""
        wait = Wait(what, "" if name.startswith("Task-") else name)
        try:
            yield wait
        finally:
            self.over(wait)

    def note(self, wait: Wait, error: Exception) -> None:
        """Hear what is in a try's way; told unless the like was told within the last minute."""
        self.over(wait, server := server_of(error))
        wait.server, wait.reason, now = server, told(error), time.monotonic()
        outage = self._outages.setdefault(server, _Outage(now))
        outage.waiting.add(wait)
        kind = f"{server} {wait.reason.split()[0]}"
        if now - self._told.get(kind, -inf) < PAUSE:
            return
        self._told[kind], outage.was_told = now, True
        log.warning(
            "waiting",
            server=server,
            address=self._addresses.get(server, ""),
            to=wait.what,
            who=wait.who,
            reason=wait.reason,
            seconds=round(now - outage.since),
        )

    def over(self, wait: Wait, unless: str = "") -> None:
        """Forget that a task waits, unless it goes on waiting for the same server."""
        if not wait.server or wait.server == unless:
            return
        server, wait.server = wait.server, ""
        outage = self._outages[server]
        outage.waiting.discard(wait)
        if outage.waiting:
            return
        del self._outages[server]
        if outage.was_told:
            seconds = round(time.monotonic() - outage.since, 1)
            log.info("waited", server=server, seconds=seconds)


def server_of(error: Exception) -> str:
    """Whose error it is, `redis` or `kafka`; aiokafka lets the system's through as they are."""
    known = isinstance(error, RedisError | RedisClusterException)
    return "redis" if known and not isinstance(error, KafkaError) else "kafka"


WAITS: Final = Waits()
