"""A stack that holds a log, and the settings of a worker on it."""

import os
import sys

from pydantic import SecretStr

from benchmarks.event_log import EventLog
from benchmarks.wire import write
from ebbwatch.stack import Stack
from ebbwatch.stack.ports import free_ports
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings


def prepare(stack: Stack, log: EventLog, partitions: int) -> Settings:
    """Create the topics, write the log to them, and tell the settings to run a worker with."""
    settings = Settings(
        kafka_bootstrap=stack.kafka_bootstrap,
        redis_url=SecretStr(stack.redis_url),
        partitions=partitions,
        mode="replay",
        log_level="error",
        metrics_port=free_ports(1)[0],
    )
    create_topics(stack.kafka_bootstrap, topic_specs(settings))
    print(f"writing {log.events:,} events of {log.customers:,} customers", file=sys.stderr)
    write(log, settings)
    return settings


def environment(settings: Settings) -> dict[str, str]:
    """This process's environment, and the settings that were given, for a worker process."""
    given = {name: str(getattr(settings, name)) for name in settings.model_fields_set}
    given["redis_url"] = settings.redis_url.get_secret_value()
    return {**os.environ, **{f"EBBWATCH_{name.upper()}": value for name, value in given.items()}}
