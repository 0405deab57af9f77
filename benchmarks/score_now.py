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
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import uvloop

from benchmarks.latency import Sender, live
from benchmarks.machine import describe, usage
from benchmarks.progress import Truth, wait_applied
from benchmarks.report import save
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
        waits, busy = _measured(settings, options)
    page = _page(options, waits, busy)
    print(page)
    if options.save:
        save("score-now", page)


def _measured(settings: Settings, options: argparse.Namespace) -> tuple[Floats, float]:
    """Milliseconds, one a question; and the server's processor time a question, milliseconds."""
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
                waits = uvloop.run(_asked(port, token, options))
                spent = usage(pid).cpu_seconds - before.cpu_seconds
                return 1_000 * waits, 1_000 * spent / (options.rate * (WARM + options.seconds))
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


async def _asked(port: int, token: str, options: argparse.Namespace) -> Floats:
    """Seconds from when each question was due to its whole answer."""
    rng, loop = np.random.default_rng(13), asyncio.get_running_loop()
    count = int(options.rate * (WARM + options.seconds))
    due = np.cumsum(rng.exponential(1.0 / options.rate, count))
    who = rng.integers(0, CUSTOMERS, count)
    idle: asyncio.Queue[_Line] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        idle.put_nowait(_Line(*await asyncio.open_connection("127.0.0.1", port), token))
    waits, began = np.zeros(count), loop.time()

    async def ask(number: int) -> None:
        line = await idle.get()
        await line.ask(f"/v1/customers/c{who[number]:03d}")
        idle.put_nowait(line)
        waits[number] = loop.time() - began - due[number]

    asking = []
    for number, at in enumerate(due.tolist()):
        await asyncio.sleep(max(began + at - loop.time(), 0.0))
        asking.append(asyncio.create_task(ask(number)))
    await asyncio.gather(*asking)
    return waits[due >= WARM]


class _Line:
    """One connection that is kept."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, token: str
    ) -> None:
        self._reader, self._writer, self._token = reader, writer, token

    async def ask(self, path: str) -> None:
        """Ask, and read the answer.

        Raises:
            ValueError: it is no answer.
        """
        asked = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {self._token}\r\n"
        self._writer.write(f"{asked}\r\n".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise ValueError(f"{path}: expected 200, got {head[:40]!r} {body[:200]!r}")


def _page(options: argparse.Namespace, waits: Floats, busy: float) -> str:
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
core a question, its looks through the portfolio included. Measure again with

```
.venv/bin/python -m benchmarks.score_now {" ".join(sys.argv[1:])}
```
"""


if __name__ == "__main__":
    main()
