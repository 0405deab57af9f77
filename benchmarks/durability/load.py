"""Events at a steady pace, and when the warnings came that some of them are due.

All in one topic: between two, what counts first would be chance, and not for the judge to know.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from chaos.customers import LATER
from chaos.feeder import producer
from kafka import KafkaConsumer, TopicPartition
from portfolio import at, visit

from streams.config import Settings

EVERY: Final = 0.02  # seconds between two looks at the clock
APART: Final = 300.0  # seconds of event time between two events

PRIME: Final = 7_919  # by which visitors follow one another


class Load:
    """Visits of a portfolio's customers, and instalments overdue of others, each a warning.

    Args:
        settings: name the topics.
        customers: of the portfolio.
        rates: visits and instalments overdue a second.

    Attributes:
        sent: when each instalment's customer was told of, by the monotonic clock.
    """

    def __init__(self, settings: Settings, customers: int, rates: tuple[float, float]) -> None:
        self._topic, self._customers, self._rates = settings.interaction_topic, customers, rates
        self._producer = producer(settings)
        self._over = threading.Event()
        self._visits = 0
        self.sent: dict[bytes, float] = {}

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Send until the block is left, and until all of it is acknowledged."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()
            self._producer.flush()
            self._producer.close()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._over.wait(EVERY):
            passed = time.monotonic() - began
            while self._visits < int(self._rates[0] * passed):
                number = self._visits
                whose = f"customer-{number * PRIME % self._customers:06d}"
                self._send(visit(whose, 1_000_000 + number, self._now()))
                self._visits += 1
            while len(self.sent) < int(self._rates[1] * passed):
                event = _overdue(len(self.sent), self._now())
                self.sent[event["customer_id"].encode()] = time.monotonic()
                self._send(event)

    def _now(self) -> float:
        """Event time goes on with every event."""
        return LATER + APART * (self._visits + len(self.sent))

    def _send(self, event: dict[str, Any]) -> None:
        key, value = event["customer_id"].encode(), json.dumps(event).encode()
        self._producer.send(self._topic, key=key, value=value)


def _overdue(number: int, seconds: float) -> dict[str, Any]:
    return {
        "event_id": f"late{number}",
        "customer_id": f"late-{number:06d}",
        "event_time": at(seconds),
        "type": "instalment_overdue",
        "amount": 9_900,
        "currency": "USD",
        "instalment_id": "i-1",
        "days_overdue": 3,
    }


class Arrivals:
    """When a read-committed consumer first got a warning about each customer.

    Args:
        settings: name the topic.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._over = settings, threading.Event()
        self._came: dict[bytes, float] = {}

    @contextmanager
    def watched(self) -> Iterator["Arrivals"]:
        """Poll until the block is left."""
        thread = threading.Thread(target=self._poll, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()

    def waits(self, sent: dict[bytes, float]) -> Iterator[tuple[float, float]]:
        """When each event was sent, and how many seconds later its warning was there."""
        return ((then, self._came[who] - then) for who, then in sent.items() if who in self._came)

    def _poll(self) -> None:
        settings = self._settings
        consumer = KafkaConsumer(
            bootstrap_servers=settings.kafka_bootstrap, isolation_level="read_committed"
        )
        places = [TopicPartition(settings.risk_topic, n) for n in range(settings.partitions)]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        while not self._over.is_set():
            for records in consumer.poll(timeout_ms=100).values():
                now = time.monotonic()
                for record in records:
                    self._came.setdefault(record.key, now)
        consumer.close()
