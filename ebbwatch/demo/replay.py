"""Writing the log to Kafka, and following the worker until all of it is applied and published."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ebbwatch.demo.child import Child, DemoError, last_line
from ebbwatch.demo.listener import Listener, Warned
from ebbwatch.demo.progress import Reading, read
from streams.broker.clients import ClientOptions
from streams.broker.message import Message
from streams.broker.partitioner import partitioner
from streams.broker.write import BATCH_BYTES, produce
from streams.config import Settings
from streams.store import RedisStore
from streams.store.clients import connect
from streams.store.opening import store_of

POLL_MS: Final = 100
STUCK: Final = 90.0  # seconds without any progress after which the demo gives up


class Watcher(Protocol):
    """Who is told how the replay goes."""

    def follow(self, progress: Reading, rate: float, warnings: list[Warned]) -> None:
        """Hear how far it is, applied events per second so far, and all warnings so far."""


@dataclass(frozen=True)
class DemoReplay:
    """How a replay ended.

    Attributes:
        progress: the last reading.
        warnings: all published, in order of arrival.
        dead: records set aside.
        seconds: from the last reading before the first applied event to the first after the last.
    """

    progress: Reading
    warnings: list[Warned]
    dead: int
    seconds: float


async def write(settings: Settings, log: Mapping[str, Sequence[Message]]) -> dict[str, int]:
    """Write the log; nothing reads it yet, so that the replay's merge sees all topics whole.

    Args:
        settings: The demo's.
        log: Messages by input topic, in event-time order.

    Returns:
        Records written by input topic; all are acknowledged.
    """
    producer = ClientOptions(settings).producer(max_batch_size=BATCH_BYTES)
    by = partitioner(settings.partitioner)
    await producer.start()
    try:
        return {
            topic: await produce(producer, topic, waiting, settings.partitions, partitioner=by)
            for topic, waiting in log.items()
        }
    finally:
        await producer.stop()


async def follow(
    settings: Settings, written: Mapping[str, int], child: Child, watcher: Watcher
) -> DemoReplay:
    """Follow the worker to the end of the log.

    Raises:
        DemoError: The worker ended, or makes no progress.
    """
    redis = connect(settings.redis_url.get_secret_value(), settings.redis_timeout)
    store = store_of(redis, settings)
    listener = Listener(settings)
    await listener.start()
    try:
        pace = await _to_the_end(
            _Reader(store, settings.partitions, written), child, listener, watcher
        )
        await listener.drain()
        watcher.follow(pace.last, pace.rate, listener.warnings)
        return DemoReplay(pace.last, listener.warnings, await listener.dead_letters(), pace.seconds)
    finally:
        await listener.stop()
        await redis.aclose()


@dataclass(frozen=True)
class _Reader:
    store: RedisStore
    partitions: int
    written: Mapping[str, int]

    async def __call__(self) -> Reading:
        return await read(self.store, self.partitions, self.written)


class Pace:
    """Times a replay by its readings."""

    def __init__(self, first: Reading, now: float) -> None:
        self.last, self._began, self._ended, self._moved = first, now, now, now

    def take(self, progress: Reading, now: float) -> None:
        """Take a reading made at `now`, seconds on any clock."""
        if progress.stepped == 0:
            self._began = now
        if progress.stepped != self.last.stepped:
            self._ended = now
        if progress != self.last:
            self._moved = now
        self.last = progress

    @property
    def seconds(self) -> float:
        """From before the first applied event to the last."""
        return max(self._ended - self._began, 1e-3)

    @property
    def rate(self) -> float:
        """Applied events per second so far."""
        return self.last.stepped / self.seconds

    def idle(self, now: float) -> float:
        """Seconds since the readings last changed."""
        return now - self._moved


async def _to_the_end(reading: _Reader, child: Child, listener: Listener, watcher: Watcher) -> Pace:
    pace = Pace(await reading(), time.monotonic())
    while not pace.last.is_done:
        child.check()
        if pace.idle(time.monotonic()) > STUCK:
            raise DemoError(f"no progress for {STUCK:.0f} s: {last_line(child.log)}")
        await asyncio.gather(listener.listen(0), asyncio.sleep(POLL_MS / 1000))
        pace.take(await reading(), time.monotonic())
        watcher.follow(pace.last, pace.rate, listener.warnings)
    return pace
