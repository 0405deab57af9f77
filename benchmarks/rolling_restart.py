"""`python -m benchmarks.rolling_restart`: how late warnings come while workers are replaced.

Events and warnings as in `benchmarks.latency`, among several workers. One worker after the other
gets SIGTERM; its successor is started once it is gone, and the next is replaced once that one is
ready and some seconds have passed.
"""

import argparse
import subprocess
import threading
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final, Self
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np

from benchmarks.latency import QUANTILES, Sender, live, waits
from benchmarks.machine import describe
from benchmarks.report import save, typed
from benchmarks.whole_job import working
from ebbwatch.stack import Stack, running
from ebbwatch.stack.ports import free_ports
from scoring.arrays import Floats
from streams.config import Settings

PATIENCE: Final = 120.0  # seconds for a worker to be ready or gone
POLL: Final = 0.1


class Fleet:
    """Workers of one group, each with pages of its own.

    Args:
        settings: theirs, but for the port of the pages.
        workers: how many.

    Attributes:
        left: seconds that each took to leave, in the order they did.
        ready: seconds that each successor took from its start to being ready.
    """

    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings, self._ports = settings, free_ports(2 * workers)
        self._things = ExitStack()
        self._running: list[subprocess.Popen[bytes]] = []
        self.left: list[float] = []
        self.ready: list[float] = []
        self._next = iter(self._ports)

    def __enter__(self) -> Self:
        for _ in range(len(self._ports) // 2):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._things.close()

    def replace_each(self, rest: float) -> None:
        """Replace one after the other, `rest` seconds apart."""
        for leaving in list(self._running):
            time.sleep(rest)
            began = time.monotonic()
            leaving.terminate()
            leaving.wait(PATIENCE)
            self.left.append(time.monotonic() - began)
            began = time.monotonic()
            self._start()
            self.ready.append(time.monotonic() - began)
        time.sleep(rest)

    def _start(self) -> None:
        port = next(self._next)
        own = self._settings.model_copy(update={"metrics_port": port})
        self._running.append(self._things.enter_context(working(own)))
        until = time.monotonic() + PATIENCE
        while not _is_ready(port):
            if time.monotonic() > until:
                raise TimeoutError(f"worker of port {port}: expected it ready in {PATIENCE} s")
            time.sleep(POLL)


def _is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except URLError:  # not listening yet, or not ready
        return False


def main() -> None:
    """Measure, print the page, and write it to the results unless asked otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rolling_restart")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--rest", type=float, default=15.0, help="seconds between two restarts")
    parser.add_argument("--rate", type=float, default=200.0, help="purchases a second")
    parser.add_argument("--warnings", type=float, default=20.0, help="a second")
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with running() as stack:
        sent, latencies, fleet = _measured(stack, options)
    page = _page(options, sent, latencies, fleet)
    print(page)
    if options.save:
        save("rolling-restart", page)


def _measured(stack: Stack, options: argparse.Namespace) -> tuple[Floats, Floats, Fleet]:
    """When each event was sent, seconds, and how long its warning took, seconds."""
    settings = live(stack, options.partitions)
    sender = Sender(settings)
    with Fleet(settings, options.workers) as fleet:
        restarting = threading.Thread(target=fleet.replace_each, args=(options.rest,))

        def send() -> None:
            restarting.start()
            sender.run(options, restarting.is_alive)

        latencies = waits(settings, sender, threading.Thread(target=send))
        restarting.join()
    return np.array(list(sender.sent.values())), latencies, fleet


def _page(options: argparse.Namespace, sent: Floats, latencies: Floats, fleet: Fleet) -> str:
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    cells = " | ".join(f"{value:,.2f}" for value in np.quantile(latencies, QUANTILES))
    late = int((latencies > 5.0).sum())
    rows = "\n".join(
        f"| {number} | {left:.1f} | {ready:.1f} |"
        for number, (left, ready) in enumerate(zip(fleet.left, fleet.ready, strict=True), 1)
    )
    return f"""# Warnings while workers are replaced, {datetime.now(UTC).date().isoformat()}

{facts}

{options.workers} workers of {options.partitions} partitions, {options.rate:,.0f} purchases and
{options.warnings:,.0f} instalments overdue a second for {np.ptp(sent):,.0f}
seconds, each of the latter a warning. One worker after the other is stopped by SIGTERM and followed
by another.

| warnings | median, s | 95% | 99% | most | later than 5 s |
| ---: | ---: | ---: | ---: | ---: | ---: |
| {len(latencies):,} | {cells} | {late} |

| worker | seconds to leave | seconds until its successor was ready |
| ---: | ---: | ---: |
{rows}

From the call that sends the event to the poll that returns its warning, to a read-committed
consumer. Measure again with

```
{typed("benchmarks.rolling_restart")}
```
"""


if __name__ == "__main__":
    main()
