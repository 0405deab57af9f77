"""`python -m benchmarks.first_paint`: milliseconds to the first contentful paint of a large bank.

The demo's customers and cases are multiplied, with amounts of their own, to as many as are asked
for, in a real Redis and Kafka. `ebbwatch serve` is started on them and its pages are opened in
headless Chromium, each time as somebody who has never been there, while the process looks through
the portfolio as it always does. Chromium: `make screenshots` installs it.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from benchmarks.machine import Usage, describe, usage
from benchmarks.progress import Truth
from benchmarks.report import save, typed
from ebbwatch.demo.child import PROGRAM
from ebbwatch.demo.report import Report
from ebbwatch.demo.run import run
from ebbwatch.demo.settings import child_environment
from ebbwatch.demo.view.plain import PlainView
from schemas.ids import customer_hash
from schemas.outputs.cases import CustomerCase
from scoring.facts.packing import pack, unpack
from scoring.facts.state import Sum
from streams.broker.clients import ClientOptions
from streams.broker.message import Message
from streams.broker.partitioner import partitioner
from streams.broker.write import BATCH_BYTES, produce
from streams.config import Settings
from streams.store import Commit
from streams.store.opening import opened, opened_lookups
from streams.tools.desk import gather
from tools.pages.chromium import DESK, chromium
from tools.pages.demo import wait_for

QUANTILES: Final = (0.5, 0.95, 1.0)
PATIENCE: Final = 3_600.0  # seconds until figures and queue are there
AT_ONCE: Final = 2_000  # states of a commit
SPREAD: Final = 0.5  # of the logarithm of a copy's amounts
SPENT: Final = (Sum.SPEND_SHORT, Sum.SPEND_LONG)
THERE: Final = {"/": "shade-6", "/queue": 'class="cases"'}
PAGES: Final = {"portfolio": "/", "customer": "/customers/persona-a", "queue": "/queue"}


class Measured(NamedTuple):
    """What came of it.

    Attributes:
        paints: milliseconds by page.
        ready: seconds from the process's start until figures and queue were there.
        customers: how many there are.
        cases: how many are open.
        server: what it used.
        redis_bytes: that Redis used before.
    """

    paints: dict[str, list[float]]
    ready: float
    customers: int
    cases: int
    server: Usage
    redis_bytes: int


def main() -> None:
    """Measure, print the page, and write it to the results unless asked otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.first_paint")
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=20, help="each page is opened")
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    run(_Replayed(options), keep=False)


class _Replayed(PlainView):
    """Measures once the demo's data are there, before they are taken down."""

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(sys.stderr, closing=False)
        self._options = options

    def finish(self, found: Report, settings: Settings, kept: Path | None) -> None:  # noqa: ARG002
        page = _page(self._options, asyncio.run(_measured(settings, self._options)))
        print(page)
        if self._options.save:
            save("first-paint", page)


async def _measured(settings: Settings, options: argparse.Namespace) -> Measured:
    copies = await _multiplied(settings, options.customers)
    cases = await _with_cases(settings, copies)
    truth = Truth(settings)
    customers, redis_bytes = truth.customers(), truth.used_bytes()
    began = time.monotonic()
    with _serving(settings) as (address, pid):
        wait_for(address, THERE, patience=PATIENCE)
        ready = time.monotonic() - began
        paints = await _painted(address, options.times)
        return Measured(paints, ready, customers, cases, usage(pid), redis_bytes)


async def _multiplied(settings: Settings, customers: int) -> dict[str, list[str]]:
    """Copy states until there are so many customers; the copies' ids by whose they are."""
    rng, by = np.random.default_rng(13), partitioner(settings.partitioner)
    own = await _states(settings)
    names = sorted(own)
    of = [names[n % len(names)] for n in range(customers - len(names))]
    ids = [b"copy-%07d" % n for n in range(len(of))]
    home = by.many(ids, settings.partitions)
    async with opened(settings) as store:
        for number in range(settings.partitions):
            claim = await store.claim(number)
            rows = np.flatnonzero(home == number)
            for made, at in enumerate(range(0, len(rows), AT_ONCE)):
                some = rows[at : at + AT_ONCE].tolist()
                packed = _perturbed([own[of[row]] for row in some], rng)
                states = dict(zip([ids[row] for row in some], packed, strict=True))
                commit = Commit(claim.owner, claim.sequence + made, claim.clock, {}, states)
                await store.commit(number, commit)
    copies = defaultdict(list)
    for name, copy in zip(of, ids, strict=True):
        copies[name.decode()].append(copy.decode())
    return copies


async def _states(settings: Settings) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    async with opened_lookups(settings) as lookups:
        for number in range(settings.partitions):
            cursor = -1
            while cursor:
                cursor, some = await lookups.slice(number, max(cursor, 0), AT_ONCE)
                found.update(some)
    return found


def _perturbed(records: Sequence[bytes], rng: np.random.Generator) -> list[bytes]:
    """The same lives with other amounts."""
    states = unpack(records)
    factor = rng.lognormal(0.0, SPREAD, len(states))
    for name in ("total_value", "first_day_value"):
        states[name] = np.round(states[name] * factor)
    states["money"] = np.round(states["money"] * factor[:, None])
    states["sums"][:, SPENT] *= factor[:, None]
    states["sums"][:, Sum.SPEND_SQUARED_LONG] *= factor**2
    return pack(states)


async def _with_cases(settings: Settings, copies: dict[str, list[str]]) -> int:
    """Write the case of each customer who has one for the copies too; how many are open then."""
    cases = dict[str, CustomerCase]()
    async for records in gather(settings, settings.case_topic):
        for record in records:
            case = CustomerCase.model_validate_json(record.value)
            cases[case.customer_id] = case
    is_open = {name: case for name, case in cases.items() if case.status != "closed"}
    told = [
        Message(copy.encode(), _of_copy(case, copy).model_dump_json().encode())
        for name, case in is_open.items()
        for copy in copies.get(name, ())
    ]
    producer = ClientOptions(settings).producer(max_batch_size=BATCH_BYTES)
    await producer.start()
    try:
        by = partitioner(settings.partitioner)
        await produce(producer, settings.case_topic, told, settings.partitions, partitioner=by)
    finally:
        await producer.stop()
    return len(is_open) + len(told)


def _of_copy(case: CustomerCase, copy: str) -> CustomerCase:
    number = case.case_id.rpartition(".")[2]
    named = {"customer_id": copy, "case_id": f"{customer_hash(copy.encode())}.{number}"}
    return case.model_copy(update=named)


@contextmanager
def _serving(settings: Settings) -> Iterator[tuple[str, int]]:
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--without-login", "--port", "0", "--parent", str(os.getpid())],
        env=child_environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        yield process.stdout.readline().decode().strip(), process.pid
    finally:
        process.terminate()
        process.wait(60)


async def _painted(address: str, times: int) -> dict[str, list[float]]:
    """Milliseconds, page by page in turn."""
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    async with chromium() as browser:
        for _ in range(times):
            for name, path in PAGES.items():
                async with browser.tab() as tab:
                    await tab.look_as(DESK)
                    found[name].append(1e3 * await tab.open(address + path))
    return found


def _page(options: argparse.Namespace, measured: Measured) -> str:
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    rows = "\n".join(_row(name, paints) for name, paints in measured.paints.items())
    server = measured.server
    return f"""# First paint, {datetime.now(UTC).date().isoformat()}

{facts}
- load, 1 minute: {os.getloadavg()[0]:.1f}

{measured.customers:,} customers and {measured.cases:,} open cases: the demo's, and copies with
amounts of their own, in a real Redis and Kafka. Each page is opened {options.times:,} times in
headless Chromium by somebody who has never been there, while `ebbwatch serve` looks through the
portfolio as it always does. Redis, Kafka, server and browser share the machine.

| page | median, ms | 95% | most |
| --- | ---: | ---: | ---: |
{rows}

From the beginning of the navigation to the first contentful paint, the server's answer included.
Figures and queue were there {measured.ready:,.0f} s after the process began, which used
{server.cpu_seconds:,.0f} s of a core and at most {server.peak_bytes / 2**20:,.0f} MiB in all; Redis
holds {measured.redis_bytes / 2**20:,.0f} MiB. Measure again with

```
{typed("benchmarks.first_paint")}
```
"""


def _row(name: str, paints: Sequence[float]) -> str:
    return f"| {name} | {' | '.join(f'{ms:,.0f}' for ms in np.quantile(paints, QUANTILES))} |"


if __name__ == "__main__":
    main()
