"""What a run is given and what it leaves: events into Kafka, then all that Redis and Kafka hold."""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from harness import PATIENCE, Worker, await_that
from kafka import KafkaConsumer, TopicPartition
from prometheus_client.parser import text_string_to_metric_families
from redis.asyncio import Redis

from scoring.facts.packing import unpack
from scoring.facts.state import STATE, States
from streams.broker.clients import ClientOptions
from streams.broker.message import Message
from streams.broker.write import produce
from streams.config import Settings
from streams.store import Brake, Claim, RedisStore
from streams.store.clients import connect

T = TypeVar("T")
Event = dict[str, Any]


class Progress(NamedTuple):
    """How far all partitions are: what Redis holds."""

    claims: tuple[Claim, ...]
    waiting: int

    def applied(self, topic: str, partition: int) -> int:
        """Next offset to apply."""
        return self.claims[partition].offsets.get(topic, 0)


def progress(settings: Settings) -> Progress:
    """Read every partition's offsets and clock, and how many messages wait to be published."""

    async def read(store: RedisStore) -> Progress:
        numbers = range(settings.partitions)
        claims = await asyncio.gather(*map(store.peek, numbers))
        counts = await asyncio.gather(*(store.counts(number, 0.0) for number in numbers))
        return Progress(tuple(claims), sum(waiting for _, waiting, _ in counts))

    return with_store(settings, read)


def states(settings: Settings) -> dict[bytes, bytes]:
    """Every customer's packed state."""

    async def read(store: RedisStore) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        for number in range(settings.partitions):
            found |= await store.everyone(number)
        return found

    return with_store(settings, read)


def differences(got: Mapping[bytes, bytes], expected: Mapping[bytes, bytes]) -> dict[str, int]:
    """How many customers differ, by field of the state."""
    alone = got.keys() ^ expected.keys()
    both = sorted(got.keys() & expected.keys())
    left, right = (unpack([found[customer] for customer in both]) for found in (got, expected))
    counts = {name: _unequal(left[name], right[name]) for name in STATE.names or ()}
    return {name: count for name, count in {"alone": len(alone), **counts}.items() if count}


def _unequal(left: States, right: States) -> int:
    size = len(left)
    pairs = zip(left.reshape(size, -1), right.reshape(size, -1), strict=True)
    return sum(mine.tobytes() != other.tobytes() for mine, other in pairs)


def with_store(settings: Settings, use: Callable[[RedisStore], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine with the settings' store."""
    prefix, partitions = settings.redis_prefix, settings.partitions
    return with_redis(settings, lambda redis: use(RedisStore(redis, prefix, partitions)))


def with_redis(settings: Settings, use: Callable[[Redis], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine with a Redis client."""

    async def run() -> T:
        redis = connect(settings.redis_url.get_secret_value(), settings.redis_timeout)
        try:
            return await use(redis)
        finally:
            await redis.aclose()

    return asyncio.run(run())


def scrape(settings: Settings, path: str) -> tuple[int, str]:
    """HTTP status and body of a page of the worker's."""
    url = f"http://127.0.0.1:{settings.metrics_port}{path}"
    try:
        with urlopen(url, timeout=PATIENCE) as answer:
            return int(answer.status), answer.read().decode()
    except HTTPError as refused:
        return int(refused.code), refused.read().decode()
    except URLError:  # not listening yet
        return 0, ""


def samples(settings: Settings, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    """A metric's samples by their labels."""
    families = text_string_to_metric_families(scrape(settings, "/metrics")[1])
    found = (sample for family in families for sample in family.samples)
    return {tuple(sorted(s.labels.items())): s.value for s in found if s.name == name}


def write(settings: Settings, topic: str, messages: Iterable[Message]) -> int:
    """Write messages to the partitions their keys belong to."""

    async def run() -> int:
        producer = ClientOptions(settings).producer(max_batch_size=1 << 20)
        await producer.start()
        try:
            return await produce(producer, topic, messages, settings.partitions)
        finally:
            await producer.stop()

    return asyncio.run(run())


def as_messages(events: Iterable[Event]) -> Iterator[Message]:
    """Events as they stand on the wire."""
    return (Message(event["customer_id"].encode(), json.dumps(event).encode()) for event in events)


def ends(settings: Settings) -> dict[TopicPartition, int]:
    """Ends of all input partitions, for a read-committed reader."""
    with reader(settings) as consumer:
        ends: dict[TopicPartition, int] = consumer.end_offsets(
            [place for topic in settings.input_topics for place in _places(settings, topic)]
        )
        return ends


def lag(settings: Settings, upto: Mapping[TopicPartition, int]) -> int:
    """Offsets not yet applied."""
    return _lag(progress(settings), upto)


def _lag(now: Progress, upto: Mapping[TopicPartition, int]) -> int:
    return sum(end - now.applied(place.topic, place.partition) for place, end in upto.items())


def is_done(settings: Settings, upto: Mapping[TopicPartition, int]) -> bool:
    """Whether everything is applied and published, for a read-committed reader to see."""
    now = progress(settings)
    return _lag(now, upto) == 0 and now.waiting == 0 and _is_marked(settings)


def _is_marked(settings: Settings) -> bool:
    """Whether Kafka has marked all transactions as ended: it does so after it said so."""
    places = [place for topic in settings.output_topics for place in _places(settings, topic)]
    with reader(settings) as committed, reader(settings, "read_uncommitted") as written:
        seen: dict[TopicPartition, int] = committed.end_offsets(places)
        return seen == written.end_offsets(places)


def brakes(settings: Settings) -> list[Brake]:
    """Every partition's."""

    async def read(store: RedisStore) -> list[Brake]:
        return [await store.brake(number) for number in range(settings.partitions)]

    return with_store(settings, read)


def braked(settings: Settings) -> int:
    """How many partitions publish no further."""
    return sum(brake.after is not None for brake in brakes(settings))


def run_undisturbed(settings: Settings, start: Callable[..., Worker]) -> None:
    """Let one worker apply and publish everything; no such life is a storm."""
    worker, upto = start(settings), ends(settings)
    await_that("all applied", lambda: is_done(settings, upto), worker)
    assert worker.stop() == 0, worker.tail()
    assert braked(settings) == 0


def warnings_by_id(settings: Settings) -> dict[tuple[str, int], tuple[bytes, bytes]]:
    """Every published warning by id and sequence; none may be there twice."""
    topics = (settings.risk_topic, settings.relationship_topic)
    records = [record for topic in topics for record in read_all(settings, topic)]
    warnings = [json.loads(record.value) for record in records]
    ids = [(warning["warning_id"], warning["sequence"]) for warning in warnings]
    assert len(set(ids)) == len(ids), f"{len(ids) - len(set(ids))} warnings came twice"
    pairs = [(record.key, record.value) for record in records]
    return dict(zip(ids, pairs, strict=True))


def without_feeds(warnings: Iterable[bytes]) -> list[str]:
    """Warnings in order, without what tells of their feed: a backtest has one for everybody."""
    told = [json.loads(warning) for warning in warnings]
    for warning in told:
        del warning["feed"], warning["confidence"]
    return sorted(map(json.dumps, told))


def cases_by_id(settings: Settings) -> dict[tuple[str, int], bytes]:
    """Every published message of a case by id and sequence; none may be there twice."""
    bodies = [record.value for record in read_all(settings, settings.case_topic)]
    ids = [(case["case_id"], case["sequence"]) for case in map(json.loads, bodies)]
    assert len(set(ids)) == len(ids), f"{len(ids) - len(set(ids))} messages of cases came twice"
    return dict(zip(ids, bodies, strict=True))


def read_all(settings: Settings, topic: str) -> list[Any]:
    """Read a topic from its beginning to its present end, as a read-committed reader sees it."""
    places = _places(settings, topic)
    found: list[Any] = []
    with reader(settings) as consumer:
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        # Kafka marks a transaction as ended after it said so: what is stable may end too early.
        with reader(settings, "read_uncommitted") as written:
            upto = written.end_offsets(places)
        deadline = time.monotonic() + PATIENCE
        while any(consumer.position(place) < upto[place] for place in places):
            for records in consumer.poll(timeout_ms=200).values():
                found += records
            assert time.monotonic() < deadline, f"{topic}: expected to reach {upto}"
    return found


@contextmanager
def reader(settings: Settings, isolation: str = "read_committed") -> Iterator[KafkaConsumer]:
    """A kafka-python consumer, which reads what is committed."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        isolation_level=isolation,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    try:
        yield consumer
    finally:
        consumer.close()


def _places(settings: Settings, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in range(settings.partitions)]
