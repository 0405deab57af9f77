import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from harness import (
    await_that,
    crew,
    ends,
    is_done,
    make_settings,
    read_all,
    states,
    with_redis,
)
from hostility import Hostile, hostile_records
from portfolio import START, purchase
from redis.asyncio import Redis

from scoring.state import Count, unpack
from streams.config import Settings, dead_letter_topic
from streams.kafka import ClientOptions
from streams.produce import partition_of
from streams.stack import Stack

SEED = 20_260_302
HOSTILE, GOOD, CUSTOMERS = 1_000, 3_000, 50
KEPT_UPTO = 65_536
Place = tuple[str, int, int]


@dataclass(frozen=True)
class Siege:
    """What one run over good and hostile records left behind.

    Attributes:
        hostile: the hostile records by where they stand.
        good: number of good events by customer.
        letters: all dead letters.
        published: all warnings and scores.
        redis: everything in Redis under the run's prefix.
        log: the worker's log.
    """

    hostile: dict[Place, Hostile]
    good: Counter[bytes]
    states: dict[bytes, bytes]
    letters: list[Any]
    published: list[Any]
    redis: bytes
    log: bytes


@pytest.fixture(scope="module")
def siege(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    settings = make_settings(stack, f"hostile{SEED}.")
    hostile, good = asyncio.run(write_mixed(settings))
    with crew(tmp_path_factory.mktemp("siege")) as start:
        worker = start(settings)
        await_that("all applied", lambda: is_done(settings, ends(settings)), worker)
        assert worker.stop() == 0
    outputs = (settings.risk_topic, settings.relationship_topic, settings.score_topic)
    yield Siege(
        hostile,
        good,
        states(settings),
        [each for name in settings.input_topics for each in read_all(settings, dead_letter_topic(name))],
        [each for name in outputs for each in read_all(settings, name)],
        with_redis(settings, lambda redis: everything(redis, settings.redis_prefix)),
        worker.log.read_bytes(),
    )


async def write_mixed(settings: Settings) -> tuple[dict[Place, Hostile], Counter[bytes]]:
    """Write good and hostile records in one seeded, random order."""
    rng = np.random.default_rng(SEED)
    bad = list(hostile_records(HOSTILE, rng))
    places: dict[Place, Hostile] = {}
    good: Counter[bytes] = Counter()
    async with ClientOptions(settings).producer() as producer:
        sent = []
        for number in rng.permutation(HOSTILE + GOOD).tolist():
            record = bad[number] if number < HOSTILE else good_record(number)
            topic = settings.input_topics[number % 20 == 0 and number < HOSTILE]
            where = partition_of(record.key or b"", settings.partitions)
            future = await producer.send(topic, record.value, record.key, where)
            sent.append((record, future))
        for record, future in sent:
            at = await future
            if record.reasons:
                places[at.topic, at.partition, at.offset] = record
            else:
                good[record.key] += 1
    return places, good


def good_record(number: int) -> Hostile:
    """A record there is nothing to say against."""
    raise NotImplementedError
