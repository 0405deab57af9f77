"""Whether all that a worker rests on is as it should be, and what mends what is not.

Here belongs what can be found out from outside, changing nothing; how it is shown is a command's.
What a worker itself refuses is asked by the worker's own functions.
"""

import time
from collections.abc import Generator, Iterator
from typing import Final, TypeVar

from aiokafka.errors import KafkaError as AIOKafkaError
from kafka.errors import KafkaError
from redis.exceptions import RedisClusterException, RedisError

from scoring.arrays import DAY
from streams.broker.clients import ClientOptions
from streams.broker.cluster import Cluster, survey
from streams.broker.topics import topic_specs
from streams.config import Settings, dead_letter_topic
from streams.retry import told
from streams.tools.doctor.files import look_at_files
from streams.tools.doctor.finding import Finding
from streams.tools.doctor.progress import look_at_progress
from streams.tools.doctor.store import look_at_redis
from streams.tools.doctor.topics import look_at_topics

__all__ = ["Finding", "examine"]

AWAY: Final = (AIOKafkaError, KafkaError, OSError, ValueError)
REDIS: Final = ("export EBBWATCH_REDIS_URL=redis://USER:PASSWORD@HOST:PORT/0", "ebbwatch stack up")
KAFKA: Final = ("export EBBWATCH_KAFKA_BOOTSTRAP=HOST:PORT", "ebbwatch stack up")
LOGIN: Final = ("export EBBWATCH_KAFKA_USERNAME=USER EBBWATCH_KAFKA_PASSWORD=PASSWORD",)
T = TypeVar("T")


def examine(settings: Settings) -> Iterator[Finding]:
    """Run every check, none of which changes anything; what cannot be asked is told and left."""
    model = yield from look_at_files(settings)
    claims = yield from _reached("redis", REDIS, look_at_redis(settings, model))
    kafka = KAFKA if settings.kafka_username is None else LOGIN + KAFKA[:1]
    cluster = yield from _reached("kafka", kafka, _look_at_kafka(settings))
    if cluster is not None:
        progress = look_at_progress(settings, cluster, claims or {}, model)
        yield from _reached("progress", kafka, progress)


def _look_at_kafka(settings: Settings) -> Generator[Finding, None, Cluster]:
    names = [spec.name for spec in topic_specs(settings)]
    inputs = settings.input_topics
    measured = (*inputs, *map(dead_letter_topic, inputs))
    since = time.time() - DAY
    cluster = survey(ClientOptions(settings), names, settings.group, measured, since)
    yield from look_at_topics(settings, cluster)
    return cluster


def _reached(
    what: str, mend: tuple[str, ...], looking: Generator[Finding, None, T]
) -> Generator[Finding, None, T | None]:
    """What looking finds, and where it is cut short by a server that does not answer, that."""
    try:
        return (yield from looking)
    except (RedisError, RedisClusterException) as error:
        yield Finding(what, "wrong", told(error), mend)
    except AWAY as error:
        said = " ".join(str(error).split()) or type(error).__name__
        yield Finding(what, "wrong", said, mend)
    return None
