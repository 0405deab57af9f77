"""What a plain read-committed consumer gets of topics, from their beginnings to their ends."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaConsumer, TopicPartition

PATIENCE = 120.0  # seconds; a limit for what hangs


def read(bootstrap: str, topics: Iterable[str]) -> list[Any]:
    """Every record of the topics, in no order but that of each partition's offsets."""
    found: list[Any] = []
    with _reader(bootstrap, "read_committed") as consumer:
        places = [
            TopicPartition(topic, number)
            for topic in topics
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        # Kafka marks a transaction as ended after it said so: what is stable may end too early.
        with _reader(bootstrap, "read_uncommitted") as written:
            ends = written.end_offsets(places)
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        deadline = time.monotonic() + PATIENCE
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=200).values():
                found += records
            assert time.monotonic() < deadline, f"expected to reach {ends}"
    return found


@contextmanager
def _reader(bootstrap: str, isolation: str) -> Iterator[Any]:
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level=isolation,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    try:
        yield consumer
    finally:
        consumer.close()
