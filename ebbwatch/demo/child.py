"""The demo's worker: a process of its own, as in production, that never outlives the demo."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ebbwatch.demo.settings import child_environment
from streams.config import Settings

COMMAND: Final = (sys.executable, "-P", "-m", "ebbwatch.cli", "worker", "--parent")
GRACE: Final = 15.0  # seconds a worker may take to end


class DemoError(RuntimeError):
    """The demo cannot go on; one line says why and where to read more."""


class Child:
    """A running worker.

    Args:
        process: the worker.
        log: the file its log goes to.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process, self.log = process, log

    def check(self) -> None:
        """Do nothing while the worker lives.

        Raises:
            DemoError: It ended.
        """
        code = self._process.poll()
        if code is not None:
            raise DemoError(f"the worker ended with exit code {code}: {last_line(self.log)}")

    def end(self) -> None:
        """Ask the worker to end, and kill it when it does not."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(GRACE)
        finally:
            self._process.kill()
            self._process.wait()


@contextmanager
def worker(settings: Settings, log: Path) -> Iterator[Child]:
    """Run a worker for the time of a `with` block."""
    with log.open("wb") as console:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, str(os.getpid())],
            env={**child_environment(settings), "TMPDIR": str(log.parent)},
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
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
