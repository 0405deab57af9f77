"""`fit`, `calibrate` and `backfill` on Parquet files of any size: rows a second, most memory held.

    python -m benchmarks.big_files [--rows 100000000] [--customers 1000000] [--jobs fit backfill]

The files are made up first, 5 million rows each, beside one another in a folder that goes again;
with --folder they stay, with what was measured so far, and jobs may be run one after the other.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from benchmarks.machine import describe
from benchmarks.report import save, typed
from ebbwatch.stack.control import running

FILE: Final = 5_000_000  # rows
YEARS: Final = 3
HISTORY: Final = "history"
SECOND: Final = 1_000_000  # microseconds
JOBS: Final[Mapping[str, tuple[str, ...]]] = {
    "fit": ("--model", "bgnbd"),
    "calibrate": ("--leaving", "silence:90"),
    "backfill": ("--until", "2026-01-02T00:00:00Z"),
}


class Measured(NamedTuple):
    """One command, from its start to its end.

    Attributes:
        command: as it was typed, without the files.
        seconds: it took.
        processor: seconds of it, of all its threads.
        peak: resident memory, GB.
        customers: whose events were used.
    """

    command: str
    seconds: float
    processor: float
    peak: float
    customers: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--folder", type=Path, help="Where the files stay; else they go again.")
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with _folder(options.folder) as folder, running() as stack:
        if not (folder / HISTORY).is_dir():
            _make(folder / HISTORY, options.rows, options.customers)
        for job in options.jobs:
            _measure(job, folder, stack.redis_url)
            page = _page(options.rows, folder)
            print(page)
            if options.save:
                save("big-files", page)


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        given.mkdir(exist_ok=True)
        yield given
        return
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _make(history: Path, rows: int, customers: int) -> None:
    """Purchases of customers of rates of their own, of whom some leave."""
    folder = history.with_name("making")
    folder.mkdir(exist_ok=True)
    random = np.random.default_rng(5)
    ends = np.minimum(random.exponential(4.0, customers), YEARS) * 365.25 * 86_400
    weights = random.gamma(0.8, 1.0, customers) * ends
    start = datetime(2023, 1, 1, tzinfo=UTC).timestamp()
    for number, first in enumerate(range(0, rows, FILE)):
        count = min(FILE, rows - first)
        who = np.searchsorted(np.cumsum(weights), random.random(count) * weights.sum())
        times = start + random.random(count) * ends[who]
        table = pl.DataFrame(
            {
                "customer_id": who,
                "event_time": pl.Series((times * SECOND).astype(np.int64)).cast(
                    pl.Datetime("us", "UTC")
                ),
                "amount": np.rint(random.gamma(2.0, 1_500.0, count)) / 100.0,
            }
        )
        table.write_parquet(folder / f"{number:04d}.parquet", row_group_size=1_000_000)
        print(f"made {first + count:,} of {rows:,} rows", file=sys.stderr)
    folder.rename(history)


def _measure(job: str, folder: Path, redis_url: str) -> None:
    """Run one command, and note what it took in the folder."""
    out = () if job == "backfill" else ("--out", str(folder / "made.json"))
    of = (job, str(folder / HISTORY), *JOBS[job], *out, "--json")
    command = [sys.executable, "-m", "ebbwatch.cli", *of]
    environment = {**os.environ, "EBBWATCH_REDIS_URL": redis_url}
    said, began = folder / "said.txt", perf_counter()
    with said.open("w") as file:
        process = subprocess.Popen(command, stdout=file, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{job}: ended with {os.waitstatus_to_exitcode(status)}")
    seconds, processor = perf_counter() - began, usage.ru_utime + usage.ru_stime
    told = json.loads(said.read_text())
    customers = told.get("history", told)["customers"]  # of `fit`, beside its other figures
    peak = usage.ru_maxrss / 1024**2
    measured = Measured(" ".join((job, *JOBS[job])), seconds, processor, peak, customers)
    (folder / f"{job}.json").write_text(json.dumps(measured))


def _page(rows: int, folder: Path) -> str:
    size = sum(file.stat().st_size for file in (folder / HISTORY).iterdir()) / 1e9
    noted = [folder / f"{job}.json" for job in JOBS]
    found = [Measured(*json.loads(one.read_text())) for one in noted if one.exists()]
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    command = typed("benchmarks.big_files")
    lines = "\n".join(
        f"| `{each.command}` | {rows:,} | {each.customers:,} | {each.seconds:,.0f} "
        f"| {rows / each.seconds:,.0f} | {each.processor:,.0f} | {each.peak:.2f} |"
        for each in found
    )
    return f"""# Big files, {datetime.now(UTC).date().isoformat()}

{facts}

| command | rows | customers used | seconds | rows a second | processor seconds | most memory, GB |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
{lines}

{size:.2f} GB of Parquet. From a command's start to its end; memory is the peak resident size of
its process. `calibrate` learns from customers drawn by lot; `backfill` loads all of them into a
Redis on the same machine.

Measure again with

```
{command.strip()}
```
"""


if __name__ == "__main__":
    main()
