"""What a run left in Kafka and Redis, as the judge reads it."""

import json
import time
from typing import Any

from judge.stored import stored_states
from judge.topics import read
from judge.trial import Change, Place, Record, lived
from judge.verdict import Told, Verdict, verdict
from redis import Redis

from chaos.scene import Scene
from streams.config import dead_letter_topic


def records_now(scene: Scene) -> list[Record]:
    """The records of the input topics, as they are now."""
    found = read(scene.settings.kafka_bootstrap, scene.settings.input_topics)
    return [Record(each.topic, each.partition, each.offset, each.key, each.value) for each in found]


def judged(scene: Scene, *, refused: bool = False) -> Verdict:
    """What the judge says.

    Args:
        scene: of a run that is over.
        refused: whether the topics are not any more those that were applied.
    """
    settings, laws, bad = scene.settings, scene.laws, scene.bad
    kept = {record[:3]: record for record in scene.kept}
    kept |= {} if refused else {record[:3]: record for record in records_now(scene)}
    prefix, holders = settings.redis_prefix, scene.holders
    changes = [each for url in holders for each in activations(url, prefix)]
    left_out = [*bad, *scene.lost]
    clocks = {number: at for url in holders for number, at in clocks_of(url, prefix).items()}
    expected = lived(
        kept.values(), settings.input_topics, laws, bad=left_out, changes=changes, clocks=clocks
    )
    topics = {"risk": settings.risk_topic, "relationship": settings.relationship_topic}
    told = [
        Told(each.topic, each.partition, each.offset, json.loads(each.value))
        for each in read(settings.kafka_bootstrap, topics.values())
    ]
    dead = map(dead_letter_topic, settings.input_topics)
    # A letter goes out before the commit that passes its record, which may be lost in between.
    letters = {place_of(each) for each in read(settings.kafka_bootstrap, dead)} - set(scene.lost)
    states = {}
    for url in holders:
        states |= stored_states(url, prefix)
    cases = [
        json.loads(each.value) for each in read(settings.kafka_bootstrap, [settings.case_topic])
    ]
    latest = time.time() - settings.allowed_lateness if settings.mode == "live" else 0.0
    return verdict(
        expected, states, told, topics, laws, letters=letters, bad=bad, cases=cases, wall=latest
    )


def place_of(letter: Any) -> Place:
    """Where a dead letter's record stands, after its headers."""
    headers = {name: value.decode() for name, value in letter.headers}
    topic, *numbers = (headers[f"__streams.errors.{n}"] for n in ("topic", "partition", "offset"))
    return topic, int(numbers[0]), int(numbers[1])


def clocks_of(url: str, prefix: str) -> dict[int, float]:
    """Every partition's clock, which silence was judged by up to the end."""
    with Redis.from_url(url) as redis:
        keys = list(redis.scan_iter(f"{prefix}:*:meta"))
        return {number_of(key): float(redis.hget(key, "clock") or 0.0) for key in keys}


def number_of(key: bytes) -> int:
    """The partition that a key is of."""
    return int(key.decode().rpartition("{")[2].partition(".")[0])


def activations(url: str, prefix: str) -> list[Change]:
    """Every change of parameters that partitions noted."""
    found: list[Change] = []
    with Redis.from_url(url) as redis:
        for key in redis.scan_iter(f"{prefix}:*:activations"):
            number = number_of(key)
            lines = map(json.loads, redis.lrange(key, 0, -1))
            found += [Change(number, of["offsets"], of["clock"], of["version"]) for of in lines]
    return found
