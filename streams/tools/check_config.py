"""Trying out a configuration: files, Redis, Kafka, topics."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from aiokafka.errors import KafkaError as AIOKafkaError
from kafka.errors import KafkaError
from redis.exceptions import RedisClusterException, RedisError

from streams.broker.clients import ClientOptions
from streams.broker.partitioner import partitioner
from streams.broker.topics import PartitionCountError, list_topics, topic_specs
from streams.config import Settings
from streams.intake.rates import read_rates
from streams.panel.challenger import load_challenger
from streams.parameters.file import load_model
from streams.parameters.in_use import check_basis, version_of
from streams.retry import told as error_told
from streams.store import Activated, redis_url
from streams.store.clients import connect
from streams.store.health import judge
from streams.store.opening import opened, store_of
from streams.tools.currencies import told, without_rate

AWAY: Final = (AIOKafkaError, KafkaError, OSError)


class Finding(NamedTuple):
    """One check's result, in words."""

    what: str
    ok: bool
    found: str


def check_all(settings: Settings) -> list[Finding]:
    """Run every check; none of them changes anything."""
    checks: dict[str, Callable[[Settings], str]] = {
        "parameters": _parameters,
        "challenger": _challenger,
        "rates": _rates,
        "redis": _redis,
        "states": _states,
        "kafka and topics": _topics,
        "currencies": _currencies,
    }
    return [_tried(what, check, settings) for what, check in checks.items()]


def _tried(what: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(what, ok=True, found=check(settings))
    except (RedisError, RedisClusterException) as error:
        return Finding(what, ok=False, found=error_told(error))
    except (*AWAY, PartitionCountError, ValueError) as error:
        return Finding(what, ok=False, found=" ".join(str(error).split()) or type(error).__name__)


def _parameters(settings: Settings) -> str:
    parameters = load_model(settings).parameters
    found = f"{parameters.version} ({settings.parameters_file or 'packaged'})"
    if parameters.preset is None:
        return found
    return f"{found}; a preset, {parameters.preset}: make your own by ebbwatch calibrate"


def _challenger(settings: Settings) -> str:
    file = settings.challenger_file
    return "none" if file is None else load_challenger(file, load_model(settings)).name


def _rates(settings: Settings) -> str:
    read_rates(settings.rates_file, load_model(settings).parameters.book_currency)
    return str(settings.rates_file or "none, the book currency only")


def _currencies(settings: Settings) -> str:
    """Look for amounts that cannot be converted, at what comes in and at what was set aside."""
    book = load_model(settings).parameters.book_currency
    rates = read_rates(settings.rates_file, book)
    known = list_topics(settings.kafka_bootstrap, **ClientOptions(settings).kafka_python())
    if settings.transaction_topic not in known:
        return "nothing came in yet"
    if counts := asyncio.run(without_rate(settings, rates)):
        raise ValueError(told(counts, book))
    return f"{book}, and what has a rate to it"


def _redis(settings: Settings) -> str:
    return asyncio.run(_judged(settings))


async def _judged(settings: Settings) -> str:
    """Ask Redis for all that a worker rests on."""
    url = settings.redis_url.get_secret_value()
    redis = connect(url, settings.redis_timeout)
    try:
        store = store_of(redis, settings)
        found = await judge(redis, store, settings.partitions, settings.redis_replicas)
    finally:
        await redis.aclose()
    if wrong := [*found.refused, *found.risky]:
        raise ValueError("; ".join(wrong))
    return f"version {found.version} at {redis_url.parse(url).shown}"


def _states(settings: Settings) -> str:
    """Hold the parameters against those that the partitions were last scored with."""
    model = load_model(settings)
    scored_with = asyncio.run(_activated(settings))
    for number, activated in scored_with.items():
        check_basis(f"partition {number}", activated.basis, model)
    others = {each.version for each in scored_with.values()} - {version_of(model)}
    if not others:
        return f"{len(scored_with)} of {settings.partitions} partitions hold customers"
    return f"last scored with {', '.join(sorted(others))}: to be timed by {version_of(model)}"


async def _activated(settings: Settings) -> dict[int, Activated]:
    async with opened(settings) as store:
        claims = [await store.peek(number) for number in range(settings.partitions)]
    return {number: c.activated for number, c in enumerate(claims) if c.activated is not None}


def _topics(settings: Settings) -> str:
    partitioner(settings.partitioner)  # or there is none of this name
    found = list_topics(settings.kafka_bootstrap, **ClientOptions(settings).kafka_python())
    specs = topic_specs(settings)
    missing = [spec.name for spec in specs if spec.name not in found]
    if missing:
        raise ValueError(f"{len(missing)} topics missing, create them: ebbwatch topics create")
    for spec in specs:
        if found[spec.name] != spec.partitions:
            raise PartitionCountError(spec.name, spec.partitions, found[spec.name])
    return f"{len(specs)} topics of {settings.partitions} partitions at {settings.kafka_bootstrap}"
