"""`python -m benchmarks.score_now`: milliseconds that `ebbwatch serve` takes beside a worker.

Questions fall due at random instants of a rate and are timed from when they were due, whoever is
late (open loop: no coordinated omission). One worker, live, on a stack of its own, takes purchases
of the same customers meanwhile.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Final, cast

import numpy as np
import uvloop

from benchmarks.latency import Sender, live
from benchmarks.machine import describe, usage
from benchmarks.progress import Truth, wait_applied
from benchmarks.report import save, typed
from benchmarks.whole_job import environment, working
from ebbwatch.serve.access import add_token
from ebbwatch.stack import running
from ebbwatch.stack.ports import free_ports
from scoring.arrays import Floats
from streams.config import Settings

QUANTILES: Final = (0.5, 0.95, 0.99, 0.999, 1.0)
CUSTOMERS: Final = 1_000  # of `Sender`
EACH: Final = 20  # purchases before anybody asks
CONNECTIONS: Final = 64
WARM: Final = 3.0  # seconds that do not count


def main() -> None:
    """Measure, print the page, and write it to the results unless asked otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.score_now", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=500.0, help="questions a second")
    parser.add_argument("--events", type=float, default=500.0, help="purchases a second")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with running() as stack:
        settings = live(stack, options.partitions, metrics_port=free_ports(1)[0])
        waits, busy, asking = _measured(settings, options)
    page = _page(options, waits, busy, asking)
    print(page)
    if options.save:
        save("score-now", page)


def _measured(settings: Settings, options: argparse.Namespace) -> tuple[Floats, float, float]:
    """Milliseconds, one a question; and of processor time a question, the server's and ours."""
    sender, over = Sender(settings), threading.Event()
    for _ in range(CUSTOMERS * EACH):
        sender.purchase()
    with working(settings):
        wait_applied(Truth(settings), CUSTOMERS * EACH)
        rates = argparse.Namespace(rate=options.events, warnings=0.0, seconds=0.0)
        going = threading.Thread(target=sender.run, args=(rates, lambda: not over.is_set()))
        going.start()
        try:
            with _serving(settings) as (port, token, pid):
                before = usage(pid)
                # In a process of its own, so that the purchases' threads do not keep it waiting.
                with ProcessPoolExecutor(1, get_context("spawn")) as asking:
                    asked = asking.submit(_asked, port, token, options.rate, options.seconds)
                    waits, own = asked.result()
                spent = usage(pid).cpu_seconds - before.cpu_seconds
                each = 1_000 / (options.rate * (WARM + options.seconds))
                return 1_000 * waits, each * spent, each * own
        finally:
            over.set()
            going.join()


@contextmanager
def _serving(settings: Settings) -> Iterator[tuple[int, str, int]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokens"
        token = add_token(file, "benchmark")
        own = {"EBBWATCH_SERVE_TOKENS_FILE": str(file), "EBBWATCH_LOG_LEVEL": "info"}
        with (Path(folder) / "log").open("wb") as log:  # the audit is written, as in life
            process = subprocess.Popen(
                [sys.executable, "-m", "ebbwatch.cli", "serve", "--port", "0"],
                env={**os.environ, **environment(settings), **own},
                stdout=subprocess.PIPE,
                stderr=log,
            )
            assert process.stdout is not None  # noqa: S101 - it was asked for
            try:
                port = int(process.stdout.readline().decode().rpartition(":")[2])
                yield port, token, process.pid
            finally:
                process.terminate()
                process.wait(30)


def _asked(port: int, token: str, rate: float, seconds: float) -> tuple[Floats, float]:
    """Seconds from when each question was due to its whole answer, of those that count.

    And seconds of a core that asking took: where they are not few, it is asking that is measured.
    """
    began = time.process_time()
    waits = uvloop.run(_Crowd(port, token, rate, seconds).ask())
    return waits, time.process_time() - began


class _Crowd:
    """Asks at random instants, whoever is still waiting."""

    def __init__(self, port: int, token: str, rate: float, seconds: float) -> None:
        rng, count = np.random.default_rng(13), int(rate * (WARM + seconds))
        self._port, self._token = port, token
        self._due = np.cumsum(rng.exponential(1.0 / rate, count))
        self._who = rng.integers(0, CUSTOMERS, count).tolist()
        self._done = np.zeros(count)
        self._lines: deque[_Line] = deque()
        self._waiting: deque[int] = deque()
        self._left, self._over = count, asyncio.Event()

    async def ask(self) -> Floats:
        """Ask all; as `_asked`."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            made = await loop.create_connection(lambda: _Line(self), "127.0.0.1", self._port)
            self._lines.append(made[1])
        began = loop.time()
        for number, at in enumerate(self._due.tolist()):
            loop.call_at(began + at, self._turn, number)
        await self._over.wait()
        return (self._done - began - self._due)[self._due >= WARM]

    def _turn(self, number: int) -> None:
        self._waiting.append(number)
        self._go_on()

    def answered(self, line: "_Line", number: int) -> None:
        """Take note of an answer, and give its connection to who waits."""
        self._done[number] = asyncio.get_running_loop().time()
        self._left -= 1
        if not self._left:
            self._over.set()
        self._lines.append(line)
        self._go_on()

    def _go_on(self) -> None:
        while self._waiting and self._lines:
            number = self._waiting.popleft()
            path = f"/v1/customers/c{self._who[number]:03d}"
            self._lines.popleft().ask(number, path, self._token)


class _Line(asyncio.Protocol):
    """One connection that is kept; it costs the machine that is measured next to nothing."""

    def __init__(self, crowd: _Crowd) -> None:
        self._crowd, self._got, self._number = crowd, b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        self._transport = cast("asyncio.WriteTransport", transport)

    def ask(self, number: int, path: str, token: str) -> None:
        """Ask a question of that number."""
        self._number = number
        asked = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        self._transport.write(f"{asked}\r\n".encode())

    def data_received(self, data: bytes) -> None:
        """Read on.

        Raises:
            ValueError: it is no answer.
        """
        self._got += data
        head, ended, body = self._got.partition(b"\r\n\r\n")
        if not ended:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise ValueError(f"expected 200, got {head[:40]!r} {body[:200]!r}")
        if len(body) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            self._got = b""
            self._crowd.answered(self, self._number)


def _page(options: argparse.Namespace, waits: Floats, busy: float, asking: float) -> str:
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    cells = " | ".join(f"{value:,.1f}" for value in np.quantile(waits, QUANTILES))
    return f"""# Score now, {datetime.now(UTC).date().isoformat()}

{facts}
- load, 1 minute: {os.getloadavg()[0]:.1f}

{options.rate:,.0f} questions a second for {options.seconds:,.0f} seconds about {CUSTOMERS:,}
customers, at random instants, over {CONNECTIONS} connections; one worker, {options.partitions}
partitions, takes {options.events:,.0f} purchases a second of theirs meanwhile. Kafka, Redis,
worker, server and client share the machine.

| questions | median, ms | 95% | 99% | 99.9% | most |
| ---: | ---: | ---: | ---: | ---: | ---: |
| {len(waits):,} | {cells} |

From the instant a question was due to its whole answer. The server spends {busy:.2f} ms of a
core a question, its looks through the portfolio included, and asking {asking:.2f} ms. Measure again
with

```
{typed("benchmarks.score_now")}
```
"""


if __name__ == "__main__":
    main()
