"""Somebody who reads a page and types its blocks one after the other, in a folder of their own."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from doc_blocks import Block, blocks, lines
from harness import PATIENCE, await_that

TODAY: Final = date(2026, 3, 8)  # of the pages: their days are as far from the reader's today
DAY: Final = re.compile(r"\b20\d\d-\d\d-\d\d")
LONG: Final = re.compile(r"^ebbwatch (?=(calibrate|fit|fit-churn|backtest) )")
# What goes on until it is ended, and what it says once it is at work.
STAYS: Final = {
    "ebbwatch worker": r'"event": "claimed"',
    "ebbwatch desk run": r'"event": "all read"',
    "ebbwatch serve": r"startup complete",
    "ebbwatch webhook": r'"event": "forwarding"',
    "ebbwatch tail": r" raised ",
}


@dataclass(frozen=True)
class Act:
    """A block that is typed.

    Attributes:
        page: where it stands.
        begins: its beginning.
        shows: patterns of what is said, in this order.
        put: what the reader puts in the place of what stands there; `{name}` is of the reader's.
        makes: files that there are then.
        awaits: of a command that goes on, what it has to say before the reader does.
    """

    page: str
    begins: str
    shows: tuple[str, ...] = ()
    put: Mapping[str, str] = field(default_factory=dict)
    makes: tuple[str, ...] = ()
    awaits: Mapping[str, str] = field(default_factory=dict)

    def block(self) -> Block:
        """The one block that is meant."""
        (found,) = (
            each
            for each in blocks()
            if each.page == self.page and not each.kind and each.text.startswith(self.begins)
        )
        return found


class Reader:
    """Types blocks; whatever goes on is ended with the reader, and has to be well until then.

    Args:
        folder: where they are.
        environment: their variables.
        known: what they know and pages do not, such as addresses, by name.
        hurry: to fit with `quick_command`.
    """

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        known: Mapping[str, str] | None = None,
        *,
        hurry: bool = False,
    ) -> None:
        self.folder, self.variables, self._hurry = folder, dict(environment), hurry
        self.known = dict(known or {})
        self._later = datetime.now(UTC).date() - TODAY
        self._going_on: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        try:
            for line in list(self._going_on) if kind is None else ():
                self.end(line)
        finally:
            for process in self._going_on.values():
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def type(self, act: Act) -> str:
        """Type a block; returns what was said.

        Raises:
            AssertionError: a command failed, or what was to be shown was not.
        """
        text = act.block().text
        for told, put in act.put.items():
            assert told in text, f"{act}: {told!r} is not there any more"
            text = text.replace(told, put.format_map(self.known))
        stays = STAYS | act.awaits
        text = DAY.sub(lambda day: str(date.fromisoformat(day[0]) + self._later), text)
        typed = [line for line in lines(text) if line.strip()]
        said, place = "".join(self._line(line, stays) for line in typed), 0
        for pattern in act.shows:
            found = re.compile(pattern, re.MULTILINE).search(said, place)
            assert found, f"{act.block()}: expected {pattern!r} in what was said:\n{said}"
            place = found.end()
        missing = [name for name in act.makes if not (self.folder / name).is_file()]
        assert not missing, f"{act.block()}: {missing}"
        return said

    def end(self, command: str, how: signal.Signals = signal.SIGTERM) -> None:
        """End what goes on, as a supervisor would, or who typed it; it has to end well."""
        found = [line for line in self._going_on if command in line]
        assert found, f"{command}: none of {list(self._going_on)}"
        for line in found:
            process = self._going_on[line]
            assert process.poll() is None, f"{line} ended by itself:\n{self._told(line)}"
            os.killpg(process.pid, how)
            assert process.wait(PATIENCE) == 0, f"{line}:\n{self._told(line)}"
            del self._going_on[line]

    def _line(self, line: str, stays: Mapping[str, str]) -> str:
        if line.startswith("pip install "):  # it is there already
            return ""
        if line.startswith("export "):
            for name in re.findall(r"(\w+)=", line):
                self.variables[name] = self.run(f'{line}; printf %s "${name}"')
            return ""
        for command, ready in stays.items():
            if re.search(rf"(^|\s){command}\b", line):
                self._start(line.rstrip("& "), ready)
                if command == "ebbwatch tail":
                    self.end(line, signal.SIGINT)  # Ctrl-C
                return self._told(line)
        said = self.run(LONG.sub("python -m quick_command ", line) if self._hurry else line)
        if line.startswith("ebbwatch access token"):
            self.variables["TOKEN"] = said.strip()
        return said

    def run(self, line: str) -> str:
        """What a line says that ends by itself, and well."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],
            cwd=self.folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{line}: exit code {done.returncode}\n{done.stdout}"
        return done.stdout

    def _start(self, line: str, ready: str) -> None:
        with self._log(line).open("wb") as sink:
            process = subprocess.Popen(
                ["bash", "-c", line],
                cwd=self.folder,
                env=self.variables,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        self._going_on[line] = process

        def is_ready() -> bool:
            assert process.poll() is None, f"{line} ended by itself:\n{self._told(line)}"
            return re.search(ready, self._told(line)) is not None

        await_that(f"{line}: {ready}", is_ready)

    def _told(self, line: str) -> str:
        return self._log(line).read_text("utf-8")

    def _log(self, line: str) -> Path:
        return self.folder / (re.sub(r"\W+", "-", line.rstrip("& "))[:150] + ".log")
