"""A server process that outlives or follows its starter, found again by its configuration file.

The process identifier alone proves nothing, since the kernel reuses it. So a process counts as ours
only while its command line names our configuration file.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ebbwatch.stack.failure import PortTakenError, StackError

# The child records itself, so that none is lost when its starter is killed in that moment.
_LAUNCHER = 'printf %s "$$" >"$0"; exec "$@"'
_POLL_SECONDS = 0.05
_SPAWN_SECONDS = 10.0
_EXEC_LOOKS = 1_000


@dataclass(frozen=True)
class Server:
    """One server of the stack.

    Attributes:
        name: What messages call it.
        config: Absolute path of its configuration file, an argument on its command line; the
            process identifier and the console output are kept beside it.
    """

    name: str
    config: Path

    @property
    def folder(self) -> Path:
        """The folder that holds all the server's files."""
        return self.config.parent

    @property
    def console(self) -> Path:
        """The file that receives standard output and standard error."""
        return self.folder / "console.log"

    @property
    def log(self) -> Path:
        """The file that the server logs to."""
        return self.folder / "server.log"

    @property
    def pid_file(self) -> Path:
        """The file that holds the process identifier."""
        return self.folder / "pid"

    def pid(self) -> int | None:
        """The identifier of the living process, or None."""
        pid = _recorded(self.pid_file)
        return pid if pid is not None and os.fsencode(self.config) in _arguments(pid) else None

    def spawn(self, command: Sequence[str]) -> None:
        """Start the server in a session of its own, out of reach of the terminal's Ctrl-C.

        Args:
            command: The program's absolute path and its arguments, the configuration among them.

        Raises:
            StackError: The process did not even record itself.
        """
        argv = ["/bin/sh", "-c", _LAUNCHER, str(self.pid_file), *command]
        self.pid_file.unlink(missing_ok=True)
        _set_aside(self.console, self.log)
        os.posix_spawn(
            argv[0], argv, _environment(), file_actions=_streams(self.console), setsid=True
        )
        if not wait_until(lambda: _recorded(self.pid_file) is not None, _SPAWN_SECONDS):
            raise StackError(f"{self.name}: no process after {_SPAWN_SECONDS:.0f} s")

    def kill(self) -> None:
        """SIGKILL the process, as a crash would, and wait until it is gone."""
        self._end(signal.SIGKILL, 10.0)

    def end(self, grace_seconds: float = 20.0) -> None:
        """SIGTERM the process, and SIGKILL it when it is still there after the grace.

        Args:
            grace_seconds: How long an orderly end may take.

        Raises:
            StackError: The process survived even SIGKILL.
        """
        if not self._end(signal.SIGTERM, grace_seconds) and not self._end(signal.SIGKILL, 10.0):
            raise StackError(f"{self.name}: process {self.pid()} did not end on SIGKILL")

    def _end(self, signum: signal.Signals, seconds: float) -> bool:
        pid = self.pid()
        if pid is None:
            return True
        _signal_group(pid, signum)
        return wait_until(lambda: self.pid() is None and _is_reaped(pid), seconds)

    def await_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until the server answers.

        Args:
            ready: Whether it does.
            seconds: How long it may take.

        Raises:
            PortTakenError: It ended because somebody else holds its port.
            StackError: It ended, or it lives and does not answer in time.
        """
        if wait_until(lambda: self.pid() is None or ready(), seconds) and self.pid() is not None:
            return
        said = _last_lines(self.console) + _last_lines(self.log)
        if any("Address already in use" in line for line in said):
            raise PortTakenError(f"{self.name}: its port was taken by another program")
        fate = "no answer after" if self.pid() else "ended within"
        raise StackError(
            f"{self.name}: {fate} {seconds:.0f} s; see {self.log}: {' | '.join(said[-3:])}"
        )


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask every 50 ms until the condition holds or the time is over; tell which.

    >>> wait_until(lambda: True, seconds=60.0)
    True
    """
    deadline = time.monotonic() + seconds
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return holds


def _set_aside(*logs: Path) -> None:
    """Keep the last run's logs under another name: what is read is about this run."""
    for log in logs:
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))


def _last_lines(path: Path, count: int = 200) -> list[str]:
    text = path.read_text(errors="replace") if path.exists() else ""
    return text.splitlines()[-count:]


def _recorded(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text())
    except (FileNotFoundError, ValueError):
        return None


def _arguments(pid: int) -> list[bytes]:
    """The command line of a process; empty for one that ended, even if nobody reaped it yet."""
    if sys.platform == "linux":
        return _proc_arguments(Path(f"/proc/{pid}"))
    command = ["/bin/ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, check=False).stdout.split()  # noqa: S603 fixed program


def _proc_arguments(process: Path) -> list[bytes]:
    for _ in range(_EXEC_LOOKS):
        if (found := _read(process / "cmdline")) or _has_ended(process):
            return found.split(b"\0")
        time.sleep(0.001)  # it is just turning into another program, and has none for a moment
    return []


def _has_ended(process: Path) -> bool:
    state = _read(process / "stat").rpartition(b") ")[2][:1]
    return state in {b"", b"Z", b"X"}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _signal_group(pid: int, signum: signal.Signals) -> None:
    try:
        os.killpg(pid, signum)
    except ProcessLookupError:
        return


def _is_reaped(pid: int) -> bool:
    """Reap an ended child; a process that is somebody else's child counts as reaped."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _environment() -> Mapping[str, str]:
    """The environment without the variables that would change how a JVM starts."""
    unwanted = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "KAFKA_OPTS", "KAFKA_HEAP_OPTS"}
    return {name: value for name, value in os.environ.items() if name not in unwanted}


def _streams(console: Path) -> list[tuple[int, int, str, int, int] | tuple[int, int, int]]:
    write = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(console), write, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
