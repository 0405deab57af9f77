"""The Redis of a choice: alone, or with a replica at the end of a long line."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from chaos.proxy import BLOCK, Line, Proxy
from redis_groups import await_it
from redis_servers import RedisServer

from benchmarks.durability import power
from ebbwatch.stack.ports import free_ports


@dataclass(frozen=True)
class Choice:
    """One way to set Redis up, and what befalls it.

    Attributes:
        name: as the table has it.
        fault: a power cut of the only server; or the only primary is gone with the line to its
            replica, which takes over.
        appendfsync: of the server.
        replicas: that are waited for before anything is published.
    """

    name: str
    fault: Literal["power cut", "failover"]
    appendfsync: str = "everysec"
    replicas: int = 0


CHOICES: Final = (
    Choice("`appendfsync everysec`", "power cut"),
    Choice("`appendfsync always`", "power cut", appendfsync="always"),
    Choice("`appendfsync no`", "power cut", appendfsync="no"),
    Choice("`EBBWATCH_REDIS_REPLICAS` 0", "failover"),
    Choice("`EBBWATCH_REDIS_REPLICAS` 1", "failover", replicas=1),
)  # the first that is run is what the others are held against


class LongLine(Proxy):
    """A line that everything is on for as long as `delay`, seconds, however much it is."""

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        underway: deque[tuple[float, bytes]] = deque()
        came = asyncio.Event()
        arriving = asyncio.create_task(_arrive(underway, came, writer))
        try:
            while block := await reader.read(BLOCK):
                underway.append((time.monotonic() + self.delay, block))
                came.set()
        finally:
            arriving.cancel()  # what was on the line is lost with it
        raise ConnectionResetError


async def _arrive(
    underway: deque[tuple[float, bytes]], came: asyncio.Event, writer: asyncio.StreamWriter
) -> None:
    while True:
        while underway:
            at, block = underway.popleft()
            await asyncio.sleep(at - time.monotonic())
            writer.write(block)
            await writer.drain()
        came.clear()
        await came.wait()


@dataclass
class Alone:
    """One server and no other."""

    primary: RedisServer


@dataclass
class Pair:
    """A primary, its replica, and the line between them."""

    primary: RedisServer
    replica: RedisServer
    line: LongLine

    def lose_primary(self) -> None:
        """Lose it, and with it what is on the line."""
        self.line.become(Line.CUT)
        self.primary.kill()

    def take_over(self) -> None:
        """Let the replica have the primary's address, and another server follow it."""
        left, taken = self.replica.port, self.primary.port
        self.replica.ask("REPLICAOF", "NO", "ONE")
        self.replica.ask("CONFIG", "SET", "port", taken)
        self.primary, self.replica = self.replica, self.primary
        self.primary.port, self.replica.port = taken, left
        self.line.become(Line.FINE, self.line.delay)
        self.replica.start(f"replicaof 127.0.0.1 {self.line.port}")


@contextmanager
def servers(choice: Choice, folder: Path, delay: float) -> Iterator[Alone | Pair]:
    """Run the servers of a choice in a folder, empty.

    Args:
        choice: how.
        folder: for their data.
        delay: seconds on the line to a replica, each way.
    """
    options = (
        f"appendfsync {choice.appendfsync}",
        "appendonly yes",
        "auto-aof-rewrite-percentage 0",
        "repl-diskless-sync-delay 0",
        "save ''",
    )
    ports, made = free_ports(2), []
    variables = power.noting(folder) if choice.fault == "power cut" else {}
    for number, port in enumerate(ports[: 1 + (choice.fault == "failover")]):
        made.append(RedisServer(folder / f"redis-{number}", port, options, variables=variables))
        made[-1].start()
    try:
        if choice.fault == "power cut":
            yield Alone(*made)
            return
        with LongLine(ports[0]).open() as line:
            line.become(Line.FINE, delay)
            made[1].ask("REPLICAOF", "127.0.0.1", line.port)
            await_it("a replica", lambda: made[1].info("replication")["master_link_status"] == "up")
            yield Pair(*made, line)
    finally:
        for server in made:
            server.kill()
