"""Writing a file's events to the input topics: each to the topic of its type, keyed by customer.

Whether an event keeps its contract is the worker's to judge. Only what cannot be routed or keyed is
refused here.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from streams.broker.clients import ClientOptions
from streams.broker.message import Message
from streams.broker.routing import topic_of
from streams.broker.topics import list_topics
from streams.broker.write import BATCH_BYTES, produce
from streams.config import Settings

AT_ONCE: Final = 20_000  # lines read before they are written


class LineError(ValueError):
    """A line that is no event; the events before it are written.

    Attributes:
        line: its number, from 1.
        written: events written before it.
    """

    def __init__(self, line: int, expected: str, got: str, written: int = 0) -> None:
        message = f"{line}: expected {expected}, got {got[:64]}; {written} events before it written"
        super().__init__(message)
        self.line, self.expected, self.got, self.written = line, expected, got, written


class MissingTopicError(LookupError):
    """Events are for a topic that does not exist."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"{topic}: no such topic; create the topics: ebbwatch topics create")
        self.topic = topic


Routed = tuple[str, Message]


async def write_lines(
    settings: Settings, lines: Iterable[bytes], topic: str | None
) -> dict[str, int]:
    """Write JSON lines; blank lines are skipped.

    Args:
        settings: Name and reach the topics.
        lines: One event each.
        topic: Where all go; None sends each to the topic of its type.

    Returns:
        How many events were written, by topic.

    Raises:
        LineError: A line is not a JSON object with a customer, or of no known type.
        MissingTopicError: A topic does not exist.
        kafka.errors.KafkaError: Kafka cannot be reached, or refuses.
    """
    partitions = list_topics(settings.kafka_bootstrap, **ClientOptions(settings).kafka_python())
    written: Counter[str] = Counter()
    producer = ClientOptions(settings).producer(max_batch_size=BATCH_BYTES)
    await producer.start()
    try:
        for good, refused in route_lines(settings, lines, topic):
            written += await _send(producer, good, partitions)
            if refused is not None:
                raise LineError(refused.line, refused.expected, refused.got, written.total())
    finally:
        await producer.stop()
    return dict(written)


async def _send(
    producer: AIOKafkaProducer, routed: Iterable[Routed], partitions: Mapping[str, int]
) -> Counter[str]:
    by_topic: dict[str, list[Message]] = defaultdict(list)
    for topic, message in routed:
        by_topic[topic].append(message)
    for topic in by_topic:
        if topic not in partitions:
            raise MissingTopicError(topic)
    return Counter(
        {
            topic: await produce(producer, topic, messages, partitions[topic])
            for topic, messages in by_topic.items()
        }
    )


def route_lines(
    settings: Settings, lines: Iterable[bytes], topic: str | None
) -> Iterator[tuple[list[Routed], LineError | None]]:
    """Cut the lines into stretches; the last ends before the line that is refused."""
    numbered = enumerate(lines, start=1)
    while stretch := list(islice(numbered, AT_ONCE)):
        good, refused = _routed(settings, stretch, topic)
        yield good, refused
        if refused is not None:
            return


def _routed(
    settings: Settings, stretch: Iterable[tuple[int, bytes]], topic: str | None
) -> tuple[list[Routed], LineError | None]:
    good: list[Routed] = []
    for number, line in stretch:
        try:
            good += [_route(settings, number, line, topic)] if line.strip() else []
        except LineError as refused:
            return good, refused
    return good, None


def _route(settings: Settings, number: int, line: bytes, topic: str | None) -> Routed:
    event = _object(number, line)
    customer = event.get("customer_id")
    if not isinstance(customer, str) or not customer:
        raise LineError(number, "a customer_id", f"{customer!r}")
    place = topic or topic_of(event.get("type"), settings)
    if place is None:
        raise LineError(number, "a known type, or --topic", f"{event.get('type')!r}")
    return place, Message(customer.encode(), line.strip())


def _object(number: int, line: bytes) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError as error:
        raise LineError(number, "a JSON object", f"no JSON ({error})") from error
    if not isinstance(event, dict):
        raise LineError(number, "a JSON object", type(event).__name__)
    return event
