"""Purchases that go on while a fault does."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer
from traces import as_messages

from chaos.customers import Event, purchases_later
from streams.config import Settings

PATIENCE = 300.0  # seconds; a limit for what hangs
CHUNK, PAUSE = 40, 0.2  # events, and seconds between two chunks of them


@dataclass
class Feeder:
    """Purchases that go on while a fault does, from a thread of its own, at a steady pace."""

    settings: Settings
    customers: int
    seed: int
    deal: Callable[[int, int, int, int], list[Event]] = purchases_later
    written: int = 0
    chunk: int = CHUNK

    def __post_init__(self) -> None:
        self._producer = producer(self.settings)
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._stop.wait(PAUSE):
            send(self._producer, self.settings.transaction_topic, self.take(self.chunk))

    def take(self, size: int) -> list[Event]:
        """The next purchases, for whoever writes them."""
        with self._lock:
            events = self.deal(self.seed, self.customers, self.written, size)
            self.written += size
        return events

    @contextmanager
    def feeding(self) -> Iterator["Feeder"]:
        """Feed until the block is left, and until all is acknowledged."""
        self._thread.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop feeding; returns once all is acknowledged."""
        if self._stop.is_set():
            return
        self._stop.set()
        self._thread.join(PATIENCE)
        self._producer.flush(PATIENCE)
        self._producer.close()


def producer(settings: Settings, **more: Any) -> KafkaProducer:
    """A plain producer that tries for minutes and keeps the order."""
    return KafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap,
        acks="all",
        retries=1_000,
        max_in_flight_requests_per_connection=1,
        max_block_ms=PATIENCE * 1_000,
        delivery_timeout_ms=PATIENCE * 1_000,
        linger_ms=5,
        **more,
    )


def send(to: KafkaProducer, topic: str, events: Iterable[Event]) -> None:
    """Hand events to a producer."""
    for message in as_messages(events):
        to.send(topic, key=message.key, value=message.value)
