"""Where one worker's time goes: the whole job under a sampling profiler.

    python -m benchmarks.profile_worker [--events 300000]

A thread samples the stacks of all threads of the worker, from the first to the last applied
offset, and notes the processor seconds the kernel charges to each. Samples are taken where Python
lets other threads run, so long calls into C count for the line that made them.
"""

import argparse
import os
import subprocess
import sys
import sysconfig
import threading
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final

from benchmarks.event_log import EventLog
from benchmarks.prepare import environment, prepare
from benchmarks.progress import Truth
from benchmarks.wire import write
from ebbwatch.stack import running
from streams.config import Settings
from streams.run import run

STDLIB: Final = sysconfig.get_path("stdlib")
SHOWN: Final = 40
PAUSE: Final = 0.002  # seconds between samples
IDLE: Final = ("mode/", "threading.py")  # where threads wait for work
LOOK: Final = 25  # samples between looks at the progress


class Sampler:
    """Samples this process until the last event is applied, then prints and ends it.

    Args:
        settings: of the worker in this process.
        events: in the log.
    """

    def __init__(self, settings: Settings, events: int) -> None:
        self._truth, self._events = Truth(settings), events
        self._samples = 0
        self._own: Counter[str] = Counter()
        self._cumulative: Counter[str] = Counter()

    def watch(self) -> None:
        """Run in a thread of its own; ends the process."""
        while not (first := self._truth.applied()):
            time.sleep(PAUSE)
        started, before = time.monotonic(), _threads()
        while (applied := self._truth.applied()) < self._events:
            for _ in range(LOOK):
                time.sleep(PAUSE)
                self._sample()
        seconds, events = time.monotonic() - started, applied - first
        print(f"{events / seconds:,.0f} events/s, {self._samples} samples")
        for name, spent in _threads().items():
            print(f"{(spent - before.get(name, 0.0)) / events * 1e6:8.2f} us an event: {name}")
        self._print("own", self._own)
        self._print("cumulative", self._cumulative)
        sys.stdout.flush()
        os._exit(0)  # nothing is left to do, and the worker runs until it is killed

    def _sample(self) -> None:
        self._samples += 1
        for thread, frame in sys._current_frames().items():  # noqa: SLF001 - its documented use
            names = [_name(each) for each in _stack(frame)]
            if thread != threading.get_ident() and not names[0].startswith(IDLE):
                self._own[names[0]] += 1
                self._cumulative.update(set(names))

    def _print(self, title: str, counts: Counter[str]) -> None:
        print(f"\n{title}, share of the samples")
        for name, count in counts.most_common(SHOWN):
            print(f"{100 * count / self._samples:6.1f}% {name}")


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _name(frame: FrameType) -> str:
    code = frame.f_code
    path = code.co_filename.removeprefix(f"{Path.cwd()}/")
    path = path.rpartition("site-packages/")[2].removeprefix(f"{STDLIB}/")
    return f"{path}:{code.co_qualname}"


def _threads() -> dict[str, float]:
    """Processor seconds of every thread of this process."""
    ticks = os.sysconf("SC_CLK_TCK")
    spent = {}
    for task in Path("/proc/self/task").iterdir():
        fields = (task / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        name = "main thread" if int(task.name) == os.getpid() else f"thread {task.name}"
        spent[name] = (int(fields[11]) + int(fields[12])) / ticks
    return spent


def main() -> None:
    """Prepare a stack and profile a worker on it, in a process of its own."""
    parser = argparse.ArgumentParser(description="Profile one worker over a seeded log.")
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        settings = Settings()
        threading.Thread(target=Sampler(settings, options.events).watch, daemon=True).start()
        sys.argv[1:] = []  # Faust would read them
        run(settings)
    with running() as stack:
        log = EventLog(options.events, options.events // 20)
        settings, _ = prepare(stack, partial(write, log), options.partitions)
        command = [sys.executable, "-m", "benchmarks.profile_worker", "--inside"]
        command += ["--events", str(options.events)]
        subprocess.run(command, env=environment(settings), check=True)


if __name__ == "__main__":
    main()
