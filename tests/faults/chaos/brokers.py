"""Three brokers instead of one, of which one may die."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest import mock

from ebbwatch.stack import kafka_server
from ebbwatch.stack.ports import free_ports
from ebbwatch.stack.process import Server

COUNT, SECONDS = 3, 120.0


@dataclass(frozen=True)
class Brokers:
    """A cluster of brokers that are controllers as well.

    Attributes:
        servers: their processes.
        ports: for clients, and for controllers.
        cluster: its identifier.
    """

    servers: tuple[Server, ...]
    ports: tuple[tuple[int, int], ...]
    cluster: str

    @property
    def bootstrap(self) -> str:
        """All of them."""
        return ",".join(f"127.0.0.1:{port}" for port, _ in self.ports)

    def launch(self, number: int) -> None:
        """Start one, without waiting for it."""
        text = _properties(number, [controller for _, controller in self.ports])
        with (
            mock.patch.object(kafka_server, "_PROPERTIES", text),
            mock.patch.object(kafka_server, "_cluster_id", return_value=self.cluster),
        ):
            kafka_server.launch(self.servers[number], *self.ports[number])

    def wait(self, number: int) -> None:
        """Wait until one answers."""
        server, (port, _) = self.servers[number], self.ports[number]
        server.await_ready(partial(kafka_server.is_ready, server, f"127.0.0.1:{port}"), SECONDS)


@contextmanager
def three_brokers(folder: Path) -> Iterator[Brokers]:
    """Run a cluster in a folder; all of it is gone when the block is left."""
    free = iter(free_ports(2 * COUNT))
    servers = tuple(kafka_server.server(folder / f"broker-{n}") for n in range(COUNT))
    cluster = urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=").replace("-", "x")
    brokers = Brokers(servers, tuple(zip(free, free, strict=True)), cluster)
    try:
        for number in range(COUNT):
            brokers.launch(number)
        for number in range(COUNT):
            brokers.wait(number)
        yield brokers
    finally:
        for server in servers:
            server.kill()


def _properties(number: int, controllers: list[int]) -> str:
    """The stack's, of one of several; its own ports are filled in at the launch."""
    voters = ",".join(f"{n + 1}@127.0.0.1:{port}" for n, port in enumerate(controllers))
    changed = {"node.id": number + 1, "controller.quorum.voters": voters}
    lines = []
    for line in kafka_server._PROPERTIES.splitlines():
        name, _, value = line.partition("=")
        of_copies = name.endswith("replication.factor")
        other = COUNT if of_copies else COUNT - 1 if name.endswith("min.isr") else value
        lines.append(f"{name}={changed.get(name, other)}")
    return "\n".join([*lines, ""])
