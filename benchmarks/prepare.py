"""A stack that holds a log, and the settings of a worker on it."""

import os
import sys
from collections.abc import Callable

from pydantic import SecretStr

from ebbwatch.stack import Stack
from ebbwatch.stack.ports import free_ports
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings


def prepare(
    stack: Stack, write: Callable[[Settings], int], partitions: int
) -> tuple[Settings, int]:
    """Create the topics and have a log written to them.

    Args:
        stack: to hold the log.
        write: writes it to the input topics and returns how many events it has.
        partitions: of each topic.

    Returns:
        The settings to run a worker with, and how many events there are.
    """
    settings = Settings(
        kafka_bootstrap=stack.kafka_bootstrap,
        redis_url=SecretStr(stack.redis_url),
        partitions=partitions,
        mode="replay",
        log_level="error",
        metrics_port=free_ports(1)[0],
    )
    create_topics(stack.kafka_bootstrap, topic_specs(settings))
    print("writing the log", file=sys.stderr)
    return settings, write(settings)


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment, and the settings that were given, for a worker process."""
    given = {name: str(getattr(settings, name)) for name in settings.model_fields_set}
    given["redis_url"] = settings.redis_url.get_secret_value()
    return {**os.environ, **{f"EBBWATCH_{name.upper()}": value for name, value in given.items()}}
