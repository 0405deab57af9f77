"""What partitions' brakes hold, and letting it through."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Final, NamedTuple

from streams.broker.headers import split_headers
from streams.config import Settings
from streams.store import Brake, Store
from streams.store.opening import opened

SLICE: Final = 4_000  # messages read at once
Held = tuple[str, str]  # rule and lifecycle


class BrakeAt(NamedTuple):
    """One partition's brake that is closed.

    Attributes:
        partition: its number.
        brake: what it holds.
        warnings: those held by rule and lifecycle.
    """

    partition: int
    brake: Brake
    warnings: Mapping[Held, int]


async def read_brakes(settings: Settings) -> list[BrakeAt]:
    """Every brake that is closed, by partition, and how many of which warnings it holds.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    topics = {settings.risk_topic, settings.relationship_topic}
    async with opened(settings) as store:
        brakes = [(number, await store.brake(number)) for number in range(settings.partitions)]
        return [
            BrakeAt(number, brake, await _warnings(store, number, brake.after, topics))
            for number, brake in brakes
            if brake.after is not None
        ]


async def _warnings(store: Store, number: int, after: int, topics: set[str]) -> Mapping[Held, int]:
    found = Counter[Held]()
    while entries := await store.outbox(number, after, SLICE):
        after = entries[-1][0]
        for _, entry in entries:
            if entry.topic in topics:
                rule = dict(split_headers(entry.headers))["ce_rule"].decode()
                found[rule, json.loads(entry.value)["lifecycle"]] += 1
    return found


async def release(settings: Settings, partition: int | None = None) -> list[BrakeAt]:
    """Let through what is held, of all partitions or one, whether workers run or not.

    Returns:
        What was held.

    Raises:
        redis.exceptions.RedisError: Redis cannot be reached.
    """
    numbers = range(settings.partitions) if partition is None else [partition]
    async with opened(settings) as store:
        done = [BrakeAt(number, await store.release(number), {}) for number in numbers]
    return [each for each in done if each.brake.after is not None]
