"""What the input topics still hold, as lines of wire events."""

import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from kafka import KafkaConsumer, TopicPartition

from modelling.history.cleaning import HistoryError
from streams.broker.clients import ClientOptions
from streams.config import Settings

POLL_MS: Final = 1_000
PATIENCE: Final = 30.0  # seconds without a record after which Kafka is given up on


def write_topics(settings: Settings, file: Path) -> int:
    """Write the committed records of both input topics, a line each, as they are up to now.

    Topics forget what is older than their retention; what a history lacks is not told by them.

    Args:
        settings: name and reach the topics.
        file: written anew.

    Returns:
        How many records.

    Raises:
        HistoryError: a topic does not exist, or Kafka stops answering.
        kafka.errors.KafkaError: Kafka cannot be reached.
    """
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        **ClientOptions(settings).kafka_python(),
    )
    try:
        with file.open("wb") as lines:
            return sum(
                lines.write(line) > 0 for line in _lines(consumer, _places(consumer, settings))
            )
    finally:
        consumer.close()


def _places(consumer: KafkaConsumer, settings: Settings) -> list[TopicPartition]:
    places = []
    for topic in (settings.transaction_topic, settings.interaction_topic):
        numbers = consumer.partitions_for_topic(topic)
        if not numbers:
            raise HistoryError(where="kafka", expected=f"topic {topic}", got="none")
        places += [TopicPartition(topic, number) for number in sorted(numbers)]
    return places


def _lines(consumer: KafkaConsumer, places: list[TopicPartition]) -> Iterator[bytes]:
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends = consumer.end_offsets(places)
    patience = time.monotonic() + PATIENCE
    while any(consumer.position(place) < ends[place] for place in places):
        records = list(chain.from_iterable(consumer.poll(timeout_ms=POLL_MS).values()))
        if records:
            patience = time.monotonic() + PATIENCE
        elif time.monotonic() > patience:
            expected = f"records within {PATIENCE:g} seconds"
            raise HistoryError(where="kafka", expected=expected, got="none")
        # A record without a value is a tombstone, and no event; one of several lines stays one.
        yield from (b" ".join(each.value.split(b"\n")) + b"\n" for each in records if each.value)
