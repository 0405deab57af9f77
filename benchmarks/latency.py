"""`python -m benchmarks.latency`: milliseconds from an event's sending to its warning's arrival.

Instalments fall overdue one by one, each of a customer of its own and each a warning, among other
customers' purchases. One worker, live, on a stack of its own; sent and received by kafka-python.
"""

import argparse
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from pydantic import SecretStr

from benchmarks.machine import describe
from benchmarks.progress import Truth, wait_applied
from benchmarks.report import save, typed
from benchmarks.whole_job import working
from ebbwatch.stack import Stack, running
from ebbwatch.stack.ports import free_ports
from scoring.arrays import Floats
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings

QUANTILES: Final = (0.5, 0.95, 0.99, 1.0)
PATIENCE: Final = 60.0  # seconds for the last warnings
EVERY: Final = 0.01  # seconds between two looks at the clock


def main() -> None:
    """Measure, print the page, and write it to the results unless asked otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=500.0, help="purchases a second")
    parser.add_argument("--warnings", type=float, default=20.0, help="a second")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with running() as stack:
        latencies = _measured(stack, options)
    page = _page(options, latencies)
    print(page)
    if options.save:
        save("latency", page)


def _measured(stack: Stack, options: argparse.Namespace) -> Floats:
    """Milliseconds, one a warning."""
    settings = live(stack, options.partitions, metrics_port=free_ports(1)[0])
    sender = Sender(settings)
    with working(settings):
        return 1_000 * waits(settings, sender, threading.Thread(target=sender.run, args=(options,)))


def live(stack: Stack, partitions: int, **changes: Any) -> Settings:  # noqa: ANN401 - settings
    """Settings of a live worker on a stack, whose topics are made."""
    settings = Settings(
        kafka_bootstrap=stack.kafka_bootstrap,
        redis_url=SecretStr(stack.redis_url),
        partitions=partitions,
        mode="live",
        log_level="error",
        brake_share=0.0,  # what is measured is a storm of warnings
        **changes,
    )
    create_topics(settings.kafka_bootstrap, topic_specs(settings))
    return settings


def waits(settings: Settings, sender: "Sender", sending: threading.Thread) -> Floats:
    """Seconds from each event that a thread sends to its warning, in the order sent.

    Raises:
        TimeoutError: some warnings never came.
    """
    sender.purchase()
    wait_applied(Truth(settings), 1)
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, isolation_level="read_committed"
    )
    places = [TopicPartition(settings.risk_topic, n) for n in range(settings.partitions)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    sending.start()
    arrived = dict(_arrivals(consumer, sender, sending))
    sending.join()
    consumer.close()
    missing = sender.sent.keys() - arrived.keys()
    if missing:
        raise TimeoutError(f"warnings: expected {len(sender.sent)}, {len(missing)} never came")
    return np.array([arrived[who] - at for who, at in sender.sent.items()])


class Sender:
    """Sends events of now.

    Args:
        settings: name the topics.

    Attributes:
        sent: when each customer's instalment was given to the producer, by customer.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings, self._number = settings, 0
        self._producer = KafkaProducer(bootstrap_servers=settings.kafka_bootstrap, acks="all")
        self.sent: dict[bytes, float] = {}

    def run(self, options: argparse.Namespace, goes_on: Callable[[], bool] | None = None) -> None:
        """Send purchases and instalments at their rates, for some seconds or as long as told."""
        began = time.monotonic()
        bought = overdue = passed = 0.0
        while passed < options.seconds if goes_on is None else goes_on():
            passed = time.monotonic() - began
            for _ in range(int(options.rate * passed - bought)):
                self.purchase()
                bought += 1
            for _ in range(int(options.warnings * passed - overdue)):
                self.overdue()
                overdue += 1
            time.sleep(EVERY)
        self._producer.flush()

    def purchase(self) -> None:
        """Of one of a thousand customers."""
        more = {"amount": 1_250, "currency": "USD", "merchant_id": "m1", "channel": "pos"}
        more |= {"merchant_category": "5411", "card_id": "card-1"}
        who = b"c%03d" % (self._number % 1_000)
        self._send(self._settings.transaction_topic, who, "purchase", more)

    def overdue(self) -> None:
        """Of a customer of its own."""
        more = {"amount": 9_900, "currency": "USD", "instalment_id": "i1", "days_overdue": 3}
        who = b"late%06d" % self._number
        self.sent[who] = time.monotonic()
        self._send(self._settings.interaction_topic, who, "instalment_overdue", more)

    def _send(self, topic: str, who: bytes, kind: str, more: dict[str, object]) -> None:
        self._number += 1
        event = {
            "event_id": f"e{self._number}",
            "customer_id": who.decode(),
            "event_time": datetime.now(UTC).isoformat(),
            "type": kind,
            **more,
        }
        self._producer.send(topic, key=who, value=json.dumps(event).encode())


def _arrivals(
    consumer: KafkaConsumer, sender: Sender, thread: threading.Thread
) -> Iterator[tuple[bytes, float]]:
    """Customers warned about and when that was seen, until all are."""
    count, until = 0, float("inf")
    while thread.is_alive() or (count < len(sender.sent) and time.monotonic() < until):
        for records in consumer.poll(timeout_ms=100).values():
            now = time.monotonic()
            for record in records:
                count += 1
                yield record.key, now
        if not thread.is_alive() and until == float("inf"):
            until = time.monotonic() + PATIENCE


def _page(options: argparse.Namespace, latencies: Floats) -> str:
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    cells = " | ".join(f"{value:,.0f}" for value in np.quantile(latencies, QUANTILES))
    return f"""# From event to warning, {datetime.now(UTC).date().isoformat()}

{facts}

{options.rate:,.0f} purchases and {options.warnings:,.0f} instalments overdue a second for
{options.seconds:,.0f} seconds, each of the latter a warning; one worker, {options.partitions}
partitions.

| warnings | median, ms | 95% | 99% | most |
| ---: | ---: | ---: | ---: | ---: |
| {len(latencies):,} | {cells} |

From the call that sends the event to the poll that returns its warning, to a read-committed
consumer. Measure again with

```
{typed("benchmarks.latency")}
```
"""


if __name__ == "__main__":
    main()
