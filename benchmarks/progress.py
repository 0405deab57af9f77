"""What Redis and the kernel say of a running worker."""

import time
from collections.abc import Mapping
from typing import Any, Final

import redis

from benchmarks.machine import usage
from streams.config import Settings
from streams.store.clients import connect
from streams.store.opening import store_of

POLL: Final = 1 / 30
STUCK: Final = 180.0  # seconds without progress


class Truth:
    """Progress as committed.

    Args:
        settings: of the worker.
    """

    def __init__(self, settings: Settings) -> None:
        url = settings.redis_url.get_secret_value()
        self.redis = redis.Redis.from_url(url)
        store = store_of(connect(url, 1.0), settings)
        self._keys = {
            part: [store.key(number, part) for number in range(settings.partitions)]
            for part in ("meta", "state")
        }

    def applied(self) -> int:
        """Applied offsets, summed over topics and partitions."""
        fields = (field for meta in self._each("meta", "hgetall") for field in meta.items())
        return sum(int(value) for name, value in fields if name.startswith(b"offset:"))

    def numbered(self) -> int:
        """Messages that were put in the outboxes so far."""
        return sum(int(meta.get(b"outbox", 0)) for meta in self._each("meta", "hgetall"))

    def unpublished(self) -> int:
        """Messages that wait in the outboxes."""
        published = (int(meta.get(b"published", 0)) for meta in self._each("meta", "hgetall"))
        return self.numbered() - sum(published)

    def customers(self) -> int:
        """Customers with a state."""
        return sum(self._each("state", "hlen"))

    def used_bytes(self) -> int:
        """Memory Redis uses."""
        memory: Any = self.redis.info("memory")
        return int(memory["used_memory"])

    def _each(self, part: str, command: str) -> list[Any]:
        pipe = self.redis.pipeline(transaction=False)
        for key in self._keys[part]:
            getattr(pipe, command)(key)
        return pipe.execute()


class Moment:
    """Progress and processor use at one instant.

    Args:
        truth: what is applied.
        pids: of the processes that do the work, by name.
    """

    def __init__(self, truth: Truth, pids: Mapping[str, int]) -> None:
        self.applied, self.at = truth.applied(), time.monotonic()
        self.usage = {name: usage(pid) for name, pid in pids.items()}

    def cpu_since(self, before: "Moment") -> dict[str, float]:
        """Processor microseconds an event since an earlier moment, by process."""
        events = self.applied - before.applied
        return {
            name: (now.cpu_seconds - before.usage[name].cpu_seconds) / events * 1e6
            for name, now in self.usage.items()
        }


def wait_applied(truth: Truth, count: int) -> None:
    """Wait until that many events are applied.

    Raises:
        TimeoutError: nothing moved for three minutes.
    """
    seen, moved = -1, time.monotonic()
    while (now := truth.applied()) < count:
        if now != seen:
            seen, moved = now, time.monotonic()
        if time.monotonic() - moved > STUCK:
            raise TimeoutError(f"applied: expected {count}, got {now} and no more")
        time.sleep(POLL)


def wait_published(truth: Truth) -> None:
    """Wait until the outboxes are empty, however long that takes while it goes on."""
    seen, moved = -1, time.monotonic()
    while now := truth.unpublished():
        if now != seen:
            seen, moved = now, time.monotonic()
        if time.monotonic() - moved > STUCK:
            raise TimeoutError(f"outbox: expected 0 messages, got {now} and no fewer")
        time.sleep(POLL)
