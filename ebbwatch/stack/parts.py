"""One server of a stack by itself: killed as a crash would, launched, waited for."""

from functools import partial
from pathlib import Path

from ebbwatch.stack import kafka_server, redis_server
from ebbwatch.stack.failure import StackError
from ebbwatch.stack.layout import Ports, recorded_ports

_KAFKA_SECONDS = 90.0
_REDIS_SECONDS = 60.0


def kill_kafka(folder: Path) -> None:
    """SIGKILL Kafka, as a crash would; its data stays."""
    kafka_server.server(folder.resolve()).kill()


def kill_redis(folder: Path) -> None:
    """SIGKILL Redis, as a crash would; what its append-only file holds stays."""
    redis_server.server(folder.resolve()).kill()


def start_kafka(folder: Path) -> None:
    """Start Kafka again on the same port and data, and wait until it answers.

    Raises:
        StackError: No stack was started in the folder, or Kafka did not come up.
    """
    folder = folder.resolve()
    ports = _expected_ports(folder)
    launch_kafka(folder, ports)
    await_kafka(folder, ports)


def start_redis(folder: Path) -> None:
    """Start Redis again on the same port and data, and wait until it answers.

    Raises:
        StackError: No stack was started in the folder, or Redis did not come up.
    """
    folder = folder.resolve()
    ports = _expected_ports(folder)
    launch_redis(folder, ports)
    await_redis(folder, ports)


def launch_kafka(folder: Path, ports: Ports) -> None:
    """Start Kafka where it does not run, without waiting for it."""
    kafka = kafka_server.server(folder)
    if kafka.pid() is None:
        kafka_server.launch(kafka, ports.kafka, ports.controller)


def launch_redis(folder: Path, ports: Ports) -> None:
    """Start Redis where it does not run, without waiting for it."""
    store = redis_server.server(folder)
    if store.pid() is None:
        redis_server.launch(store, ports.redis)


def await_kafka(folder: Path, ports: Ports) -> None:
    """Wait until Kafka answers."""
    kafka = kafka_server.server(folder)
    ready = partial(kafka_server.is_ready, kafka, ports.kafka_bootstrap)
    kafka.await_ready(ready, _KAFKA_SECONDS)


def await_redis(folder: Path, ports: Ports) -> None:
    """Wait until Redis answers."""
    store = redis_server.server(folder)
    ready = partial(redis_server.is_ready, store, ports.redis_url)
    store.await_ready(ready, _REDIS_SECONDS)


def _expected_ports(folder: Path) -> Ports:
    ports = recorded_ports(folder)
    if ports is None:
        raise StackError(f"{folder}: expected the folder of a started stack, found none there")
    return ports
