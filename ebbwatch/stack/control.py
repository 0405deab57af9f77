"""Start, stop and look at a whole stack."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from pathlib import Path

from ebbwatch.stack.failure import PortTakenError
from ebbwatch.stack.layout import Ports, locked, new_ports, recorded_ports, servers, wipe
from ebbwatch.stack.parts import await_kafka, await_redis, launch_kafka, launch_redis
from ebbwatch.stack.ports import is_free

_ATTEMPTS = 3


@dataclass(frozen=True)
class Stack:
    """A running stack.

    Attributes:
        kafka_bootstrap: Where Kafka's clients connect first, `host:port`.
        redis_url: Where Redis answers, `redis://host:port/0`.
        folder: The absolute folder that holds its data, logs and configuration.
        pids: The identifier of every living process by its server's name, `kafka` and `redis`.
    """

    kafka_bootstrap: str
    redis_url: str
    folder: Path
    pids: Mapping[str, int]


def start(folder: Path, *, fresh: bool = False) -> Stack:
    """Start what is not running yet and wait until both servers answer.

    The processes outlive the caller; `stop` ends them. Data of an earlier run is kept, though its
    ports may change when somebody else has taken them meanwhile.

    Args:
        folder: Where data, logs and configuration live; made when missing.
        fresh: Stop what runs there and remove its data first.

    Raises:
        StackError: A program is missing, or a server did not come up.
    """
    folder = folder.resolve()
    with locked(folder):
        if fresh:
            _end(folder)
            wipe(folder)
        return _bring_up(folder)


def stop(folder: Path) -> None:
    """End the stack of a folder, orderly, and keep its data.

    Only processes that name the folder's own configuration are touched. Stopping what does not run
    is no error.

    Args:
        folder: The folder given to `start`.

    Raises:
        StackError: A process did not end, not even on SIGKILL.
    """
    folder = folder.resolve()
    if recorded_ports(folder) is not None:
        with locked(folder):
            _end(folder)


def status(folder: Path) -> Stack | None:
    """Describe what runs in a folder.

    Args:
        folder: The folder given to `start`.

    Returns:
        The stack, its `pids` naming the living servers only, or None when none lives.
    """
    folder = folder.resolve()
    ports, pids = recorded_ports(folder), _living(folder)
    return _describe(folder, ports, pids) if ports and pids else None


@contextmanager
def running(folder: Path | None = None) -> Iterator[Stack]:
    """Run a stack for the time of a `with` block.

    It is stopped whatever way the block is left. Should this process be killed outright, a warden
    process notices within a second and stops the stack in its place.

    Args:
        folder: Where it runs, kept afterwards; a temporary folder, removed afterwards, when None.

    Yields:
        The running stack.

    Raises:
        StackError: A program is missing, or a server did not come up.
    """
    end = stop if folder else discard
    home = folder.resolve() if folder else _unused_folder()
    warden = None
    try:  # before anything is made: a signal may come at any line
        home.mkdir(mode=0o700, parents=True, exist_ok=folder is not None)
        warden = _post_warden(home, end.__name__)
        yield start(home)
    finally:
        end(home)
        # Not reached when a second Ctrl-C interrupts the line above: the warden then ends the job.
        if warden is not None:
            warden.kill()
            warden.wait()


def _unused_folder() -> Path:
    return Path(tempfile.gettempdir()).resolve() / f"ebbwatch-stack-{secrets.token_hex(8)}"


def discard(folder: Path) -> None:
    """Kill the stack of a folder and remove the whole folder."""
    for server in servers(folder):
        server.kill()
    shutil.rmtree(folder, ignore_errors=True)


def _bring_up(folder: Path) -> Stack:
    for _ in range(_ATTEMPTS - 1):
        with suppress(PortTakenError):
            return _launch(folder)
    return _launch(folder)


def _launch(folder: Path) -> Stack:
    """Launch what does not run; after a failure nothing runs."""
    ports = _usable_ports(folder)
    try:
        launch_redis(folder, ports)
        launch_kafka(folder, ports)
        await_redis(folder, ports)
        await_kafka(folder, ports)
    except BaseException:
        _end(folder)
        raise
    return _describe(folder, ports, _living(folder))


def _usable_ports(folder: Path) -> Ports:
    """The recorded ports while a server lives on them or nobody else took them, else new ones."""
    ports = recorded_ports(folder)
    if ports and (_living(folder) or all(map(is_free, astuple(ports)))):
        return ports
    return new_ports(folder)


def _end(folder: Path) -> None:
    for server in servers(folder):
        server.end()


def _living(folder: Path) -> dict[str, int]:
    return {server.name: pid for server in servers(folder) if (pid := server.pid())}


def _describe(folder: Path, ports: Ports, pids: Mapping[str, int]) -> Stack:
    return Stack(ports.kafka_bootstrap, ports.redis_url, folder, pids)


def _post_warden(folder: Path, end: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-P",
        "-m",
        "ebbwatch.stack.warden",
        str(os.getpid()),
        str(folder),
        end,
    ]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(  # noqa: S603 our own module
        command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
