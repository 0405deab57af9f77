"""Real Redis servers on free ports and in temporary folders, which tests may hurt."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from redis import Redis
from redis.exceptions import RedisError

from ebbwatch.stack.ports import free_ports

SECONDS: Final = 60.0  # a limit for what hangs


@dataclass
class RedisServer:
    """A Redis server, or a Sentinel, and its data.

    Attributes:
        folder: its own, kept while it is down.
        port: on loopback.
        options: of the command line, as `name value`.
        variables: of its environment, beside ours.
    """

    folder: Path
    port: int
    options: tuple[str, ...] = ()
    is_sentinel: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def is_alive(self) -> bool:
        """Whether its process is."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of its process."""
        assert self._process is not None
        return self._process.pid

    def start(self, *options: str, wait: bool = True) -> "RedisServer":
        """Start it, or start it again on what it left, with more options."""
        self.folder.mkdir(parents=True, exist_ok=True)
        ours = () if self.is_sentinel else ("enable-debug-command yes",)
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self.folder}",
            *ours,
            "enable-protected-configs yes",
            *self.options,
            *options,
        ]
        config = self.folder / "redis.conf"
        config.write_text("\n".join(lines) + "\n")
        command = ["redis-server", str(config)] + ["--sentinel"] * self.is_sentinel
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self.variables},
            )
        if wait:
            self.until_it_answers()
        return self

    def until_it_answers(self) -> None:
        """Wait until it answers, be it by a refusal."""
        deadline = time.monotonic() + SECONDS
        while True:
            with suppress(RedisError, OSError), self.client() as redis:
                redis.execute_command("INFO", "server")
                return
            assert time.monotonic() < deadline, (self.folder / "redis.log").read_text()[-2_000:]
            time.sleep(0.02)

    def client(self) -> "Redis":
        """A blocking client, for the test's own hands."""
        return Redis(port=self.port, protocol=3, socket_timeout=SECONDS)

    def ask(self, *command: Any) -> Any:
        """Send one command."""
        with self.client() as redis:
            return redis.execute_command(*command)

    def info(self, section: str) -> dict[str, Any]:
        """What it says of itself."""
        with self.client() as redis:
            found: dict[str, Any] = redis.info(section)
            return found

    def kill(self) -> None:
        """SIGKILL, as a crash would; no error where it is dead already."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@dataclass
class RedisServers:
    """Makes servers of their own for one test."""

    folder: Path
    made: list[RedisServer] = field(default_factory=list)

    def start(self, *options: str) -> RedisServer:
        """Start another server."""
        (port,) = free_ports(1)
        self.made.append(RedisServer(self.folder / f"redis-{len(self.made)}", port, options))
        return self.made[-1].start()


@contextmanager
def own_redis(folder: Path) -> Iterator[RedisServers]:
    """Make servers that do not outlive the block."""
    servers = RedisServers(folder)
    try:
        yield servers
    finally:
        for server in servers.made:
            server.kill()


@pytest.fixture
def redis_servers(tmp_path: Path) -> Iterator[RedisServers]:
    """Makes Redis servers that do not outlive the test."""
    with own_redis(tmp_path) as servers:
        yield servers
