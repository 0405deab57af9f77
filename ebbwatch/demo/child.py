"""The demo's worker, desk and page: processes of their own, as in life, that never outlive it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from ebbwatch.demo.settings import child_environment
from streams.config import Settings

PROGRAM: Final = (sys.executable, "-P", "-m", "ebbwatch.cli")
GRACE: Final = 15.0  # seconds a worker may take to end


class DemoError(RuntimeError):
    """The demo cannot go on; one line says why and where to read more."""


class Child:
    """A running process of the demo's.

    Args:
        process: the worker, the desk, or what serves the page.
        log: the file its log goes to.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process, self.log = process, log

    def check(self) -> None:
        """Do nothing while it lives.

        Raises:
            DemoError: It ended.
        """
        code = self._process.poll()
        if code is not None:
            raise DemoError(f"the process ended with exit code {code}: {last_line(self.log)}")

    def first_line(self) -> str:
        """What it says first, "" where it ended before."""
        assert self._process.stdout is not None  # noqa: S101 - only asked where there is one
        line = self._process.stdout.readline().decode().strip()
        if not line:
            self._process.wait(GRACE)
        return line

    def end(self) -> None:
        """Ask it to end, and kill it when it does not."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
        finally:
            self._process.kill()
            self._process.wait()
            if self._process.stdout is not None:
                self._process.stdout.close()


@contextmanager
def worker(settings: Settings, log: Path) -> Iterator[Child]:
    """Run a worker for the time of a `with` block."""
    with log.open("wb") as console, _running(("worker",), settings, log, console) as child:
        yield child


@contextmanager
def desk(settings: Settings, log: Path) -> Iterator[Child]:
    """Ration the cases for the time of a `with` block."""
    with log.open("wb") as console, _running(("desk", "run"), settings, log, console) as child:
        yield child


@contextmanager
def page(settings: Settings, log: Path, port: int) -> Iterator[tuple[Child, str]]:
    """Serve the page for the time of a `with` block.

    Args:
        settings: The demo's.
        log: The file its log goes to.
        port: Where; 0 for any.

    Yields:
        The process, and its address.

    Raises:
        DemoError: It could not be served.
    """
    asked = ("serve", "--without-login", "--port", str(port))
    with _running(asked, settings, log, subprocess.PIPE) as child:
        address = child.first_line()
        child.check()
        yield child, address


@contextmanager
def _running(
    asked: Sequence[str], settings: Settings, log: Path, out: int | IO[bytes]
) -> Iterator[Child]:
    with log.open("ab") as console:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*PROGRAM, *asked, "--parent", str(os.getpid())],
            env={**child_environment(settings), "TMPDIR": str(log.parent)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=console,
            start_new_session=True,  # the demo ends it, not the terminal's Ctrl-C
        )
    child = Child(process, log)
    try:
        yield child
    finally:
        child.end()


def last_line(log: Path) -> str:
    """What a log says last, cut to a line's length."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    spoken = [line for line in lines if line.strip()] or ["nothing in its log"]
    return _in_words(spoken[-1].strip())[:300]


def _in_words(line: str) -> str:
    """A log record's event and error; any other line as it is."""
    try:
        record = json.loads(line)
    except ValueError:
        return line
    if not isinstance(record, dict):
        return line
    return f"{record.get('event', '')} {record.get('error', '')}".strip()
