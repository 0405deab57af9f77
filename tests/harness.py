"""Real workers on a real stack: start them, await what they do, read what they wrote."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from kafka import KafkaConsumer, TopicPartition
from pydantic import SecretStr
from redis.asyncio import Redis

from scoring.state import STATE, States, unpack
from streams.config import Settings
from streams.kafka import ClientOptions
from streams.produce import Message, produce
from streams.stack import Stack
from streams.store import Claim, RedisStore
from streams.store.redis_store import connect
from streams.topics import create_topics, topic_specs

PLAIN_WORKER = (
    "-c",
    "from streams.config import Settings; from streams.worker import run; run(Settings())",
)
POLL = 0.05
T = TypeVar("T")
Event = dict[str, Any]


def make_settings(stack: Stack, prefix: str, **changes: Any) -> Settings:
    """Settings whose topics, group and Redis keys nobody else has; the topics exist."""
    names = {
        f"{name}_topic": f"{prefix}{name}"
        for name in ("transaction", "interaction", "risk", "relationship", "score")
    }
    settings = Settings(
        kafka_bootstrap=stack.kafka_bootstrap,
        redis_url=SecretStr(stack.redis_url),
        **{
            "redis_prefix": prefix.rstrip("."),
            "group": prefix.rstrip("."),
            "partitions": 4,
            "mode": "replay",
            "metrics_port": 0,
            "session_timeout": 6.0,  # the least a broker allows unless told otherwise
            **names,
            **changes,
        },
    )
    create_topics(settings.kafka_bootstrap, topic_specs(settings))
    return settings


def environment(settings: Settings) -> dict[str, str]:
    """Settings as the variables a worker process reads."""
    values = settings.model_dump(exclude_none=True)
    values["redis_url"] = settings.redis_url.get_secret_value()
    return {f"EBBWATCH_{name.upper()}": str(value) for name, value in values.items()}


@dataclass(frozen=True)
class Worker:
    """A worker process and its log."""

    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """SIGKILL, as a crash would; no error where it is dead already."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, as a supervisor would; returns the exit status."""
        self.process.terminate()
        return self.process.wait(timeout=30)

    def was_killed(self) -> bool:
        """Whether it died of SIGKILL; any other end is an error.

        Raises:
            AssertionError: it ended in another way.
        """
        status = self.process.poll()
        assert status in {None, -signal.SIGKILL}, f"exit status {status}:\n{self.tail()}"
        return status is not None

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4_000:]


@contextmanager
def crew(folder: Path) -> Iterator[Callable[..., Worker]]:
    """Start workers by calling what this yields; all are dead when the block is left."""
    started: list[Worker] = []

    def start(
        settings: Settings,
        command: Iterable[str] = PLAIN_WORKER,
        extra: Mapping[str, str] | None = None,
    ) -> Worker:
        log = folder / f"worker-{len(started)}.log"
        variables = {**os.environ, **environment(settings), **(extra or {})}
        with log.open("wb") as sink:
            started.append(
                Worker(
                    subprocess.Popen([sys.executable, *command], env=variables, stderr=sink), log
                )
            )
        return started[-1]

    try:
        yield start
    finally:
        for worker in started:
            worker.kill()


def await_that(what: str, happened: Callable[[], T], *workers: Worker, seconds: float = 120.0) -> T:
    """Poll until something truthy comes; the workers must live on meanwhile.

    Raises:
        AssertionError: it did not happen in time, or a worker ended.
    """
    deadline = time.monotonic() + seconds
    while not (answer := happened()):
        for worker in workers:
            assert worker.process.poll() is None, f"worker ended early:\n{worker.tail()}"
        tails = "\n".join(worker.tail() for worker in workers)
        assert time.monotonic() < deadline, f"expected within {seconds} s: {what}\n{tails}"
        time.sleep(POLL)
    return answer


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
    now = progress(settings)
    return sum(end - now.applied(place.topic, place.partition) for place, end in upto.items())


def is_done(settings: Settings, upto: Mapping[TopicPartition, int]) -> bool:
    """Whether everything is applied and published."""
    return lag(settings, upto) == 0 and progress(settings).waiting == 0


def read_all(settings: Settings, topic: str) -> list[Any]:
    """Read a topic from its beginning to its present end, as a read-committed reader sees it."""
    places = _places(settings, topic)
    found: list[Any] = []
    with reader(settings) as consumer:
        consumer.assign(places)
        consumer.seek_to_beginning(*places)
        upto = consumer.end_offsets(places)
        deadline = time.monotonic() + 30.0
        while any(consumer.position(place) < upto[place] for place in places):
            for records in consumer.poll(timeout_ms=200).values():
                found += records
            assert time.monotonic() < deadline, f"{topic}: expected to reach {upto}"
    return found


@contextmanager
def reader(settings: Settings) -> Iterator[KafkaConsumer]:
    """A kafka-python consumer that reads what is committed."""
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    try:
        yield consumer
    finally:
        consumer.close()


def _places(settings: Settings, topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in range(settings.partitions)]
