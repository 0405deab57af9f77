import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata
from harness import await_that, crew, fresh, make_settings
from hostility import Hostile, hostile_records, in_fours
from portfolio import Event, portfolio
from redis.asyncio import Redis
from traces import as_messages, ends, is_done, read_all, states, with_redis

from ebbwatch.stack import Stack
from schemas.rejections import REASONS
from scoring.facts.packing import unpack
from scoring.facts.state import Count
from streams.broker.clients import ClientOptions
from streams.broker.message import Message, partition_of
from streams.config import Settings, dead_letter_topic

SEED = 20_260_302
HOSTILE, CUSTOMERS, PARTITIONS = 1_000, 200, 4
KEPT_UPTO = 65_536
Place = tuple[str, int, int]


@dataclass(frozen=True)
class Siege:
    """What one run over good and hostile records left behind.

    Attributes:
        hostile: the hostile records by where they stand.
        good: the good events.
        states: the packed states.
        letters: all dead letters.
        published: all warnings and scores.
        stored: every key and value in Redis.
        log: of the worker.
    """

    hostile: dict[Place, Hostile]
    good: list[Event]
    states: dict[bytes, bytes]
    letters: list[Any]
    published: list[Any]
    stored: list[bytes]
    log: bytes


@pytest.fixture(scope="module")
def siege(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Siege:
    settings = make_settings(stack, fresh("siege"), partitions=PARTITIONS)
    log = portfolio(CUSTOMERS, SEED)
    hostile = asyncio.run(write_mixed(settings, log.transactions, log.interactions))
    with crew(tmp_path_factory.mktemp("siege")) as start:
        worker, upto = start(settings), ends(settings)
        await_that("all applied", lambda: is_done(settings, upto), worker)
        assert worker.stop() == 0
    dead = [dead_letter_topic(name) for name in settings.input_topics]
    published = (settings.risk_topic, settings.relationship_topic, settings.score_topic)
    return Siege(
        hostile,
        log.transactions + log.interactions,
        states(settings),
        [letter for name in dead for letter in read_all(settings, name)],
        [record for name in published for record in read_all(settings, name)],
        with_redis(settings, lambda redis: everything(redis, settings.redis_prefix)),
        worker.log.read_bytes(),
    )


async def write_mixed(settings: Settings, *good: list[Event]) -> dict[Place, Hostile]:
    """Write good events in their order, hostile records at seeded random places among them."""
    rng = np.random.default_rng(SEED)
    places: dict[Place, Hostile] = {}
    bad = list(hostile_records(HOSTILE, rng))
    async with ClientOptions(settings).producer() as producer:
        for number, (topic, events) in enumerate(zip(settings.input_topics[:2], good, strict=True)):
            records = mix(events, [each for each in bad if each.topic == number], rng)
            sent = [await send(producer, topic, record) for record in records]
            for record, written in zip(records, await asyncio.gather(*sent), strict=True):
                if isinstance(record, Hostile):
                    places[topic, written.partition, written.offset] = record
    return places


async def send(
    producer: AIOKafkaProducer, topic: str, record: Message | Hostile
) -> "asyncio.Future[RecordMetadata]":
    """Write a record to where its key belongs, even one of nothing, which `send` refuses."""
    partition = partition_of(record.key or b"", PARTITIONS)
    batch = producer.create_batch()
    batch.append(key=record.key, value=record.value, timestamp=None)
    written: asyncio.Future[RecordMetadata]
    written = await producer.send_batch(batch, topic, partition=partition)
    return written


def mix(
    events: list[Event], bad: list[Hostile], rng: np.random.Generator
) -> list[Message | Hostile]:
    """Put hostile records between events, whose order stays."""
    good = list(as_messages(events))
    order = rng.permutation([True] * len(good) + [False] * len(bad))
    turns = iter(good), iter(bad)
    return [next(turns[0]) if is_good else next(turns[1]) for is_good in order.tolist()]


async def everything(redis: Redis, prefix: str) -> list[bytes]:
    """Every key under a prefix, and what it holds, hash fields and stream entries included."""
    found: list[bytes] = []
    async for key in redis.scan_iter(f"{prefix}:*"):
        found += [key, repr(await contents(redis, key)).encode()]
    return found


async def contents(redis: Redis, key: bytes) -> Any:
    """What a key holds."""
    match await redis.type(key):
        case b"hash":
            return await redis.hgetall(key)
        case b"zset":
            return await redis.zrange(key, 0, -1)
        case b"stream":
            return await redis.xrange(key)
        case b"string":
            return await redis.get(key)
        case b"list":
            return await redis.lrange(key, 0, -1)
        case other:
            raise AssertionError(f"{key!r}: unexpected type {other!r}")


def place(letter: Any) -> Place:
    """Where a dead letter's record stands, after its headers."""
    headers = {name: value.decode() for name, value in letter.headers}
    at = [headers[f"__streams.errors.{name}"] for name in ("topic", "partition", "offset")]
    return at[0], int(at[1]), int(at[2])


def test_every_good_event_is_applied_once(siege: Siege) -> None:
    expected = Counter(event["customer_id"].encode() for event in siege.good)
    counts = unpack(list(siege.states.values()))["counts"][:, Count.EVENTS].tolist()
    assert dict(zip(siege.states, counts, strict=True)) == expected


def test_every_bad_record_is_a_dead_letter_once(siege: Siege) -> None:
    assert len(siege.hostile) == HOSTILE
    assert Counter(map(place, siege.letters)) == Counter(siege.hostile.keys())


def test_a_dead_letter_says_why(siege: Siege) -> None:
    wrong: Counter[tuple[str, str]] = Counter()
    for letter in siege.letters:
        headers = {name: value.decode() for name, value in letter.headers}
        reason, record = headers["__streams.errors.exception"], siege.hostile[place(letter)]
        message = headers["__streams.errors.message"]
        is_usable = reason in REASONS and ": expected " in message and ", got " in message
        wrong[record.kind, reason] += not (is_usable and reason in record.reasons)
    assert +wrong == Counter()


def test_a_dead_letter_keeps_what_may_be_kept(siege: Siege) -> None:
    for letter in siege.letters:
        record = siege.hostile[place(letter)]
        if record.secret:
            assert (letter.key, letter.value) == (None, b""), record.kind
        elif len(record.value or b"") <= KEPT_UPTO:
            value = b"" if record.key is record.value is None else record.value
            assert (letter.key, letter.value) == (record.key, value), record.kind


def test_no_card_number_is_kept_anywhere(siege: Siege) -> None:
    records = siege.letters + siege.published
    parts = [part for each in records for part in (each.key, each.value) if part is not None]
    parts += [value for record in records for _, value in record.headers]
    kept = b"\n".join([*parts, *siege.stored, siege.log])
    secrets = {record.secret for record in siege.hostile.values()} - {""}
    assert len(secrets) > HOSTILE / 5
    written = [form.encode() for s in secrets for form in (s, in_fours(s, " "), in_fours(s, "-"))]
    assert [form for form in written if form in kept] == []
    assert siege.stored, "something is stored"
