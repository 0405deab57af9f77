"""What a plain read-committed consumer gets of topics, from their beginnings to their ends."""

import time
from collections.abc import Iterable
from typing import Any

from kafka import KafkaConsumer, TopicPartition

PATIENCE = 120.0  # seconds; a limit for what hangs


def read(bootstrap: str, topics: Iterable[str]) -> list[Any]:
    """Every record of the topics, in no order but that of each partition's offsets."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    found: list[Any] = []
    try:
        places = [
            TopicPartition(topic, number)
            for topic in topics
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        ends, deadline = consumer.end_offsets(places), time.monotonic() + PATIENCE
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=200).values():
                found += records
            assert time.monotonic() < deadline, f"expected to reach {ends}"
    finally:
        consumer.close()
    return found
