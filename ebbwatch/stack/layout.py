"""What a stack's folder holds: the two servers' folders and the ports they were given."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ebbwatch.stack import kafka_server, redis_server
from ebbwatch.stack.ports import free_ports
from ebbwatch.stack.process import Server


@dataclass(frozen=True)
class Ports:
    """The loopback ports of one stack."""

    kafka: int
    controller: int
    redis: int

    @property
    def kafka_bootstrap(self) -> str:
        """Where Kafka's clients connect first, `host:port`."""
        return f"127.0.0.1:{self.kafka}"

    @property
    def redis_url(self) -> str:
        """Where Redis answers, as a URL of its database 0."""
        return f"redis://127.0.0.1:{self.redis}/0"


def new_ports(folder: Path) -> Ports:
    """Choose free ports and record them in the folder."""
    ports = Ports(*free_ports(3))
    _ports_file(folder).write_text(json.dumps(asdict(ports)))
    return ports


def recorded_ports(folder: Path) -> Ports | None:
    """The ports recorded in the folder, or None when no stack was started there."""
    path = _ports_file(folder)
    return Ports(**json.loads(path.read_text())) if path.exists() else None


def servers(folder: Path) -> tuple[Server, Server]:
    """Kafka and Redis, in this order."""
    return kafka_server.server(folder), redis_server.server(folder)


def wipe(folder: Path) -> None:
    """Remove the stack's own files from the folder, and nothing else."""
    for server in servers(folder):
        shutil.rmtree(server.folder, ignore_errors=True)
    _ports_file(folder).unlink(missing_ok=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder against another start or stop of the same stack."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _ports_file(folder: Path) -> Path:
    return folder / "ports.json"
