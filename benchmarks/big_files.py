"""`fit`, `calibrate` and `backfill` on Parquet files of any size: rows a second, most memory held.

    python -m benchmarks.big_files [--rows 100000000] [--customers 1000000] [--jobs fit backfill]

The files are made up first, 5 million rows each, beside one another in a folder that goes again.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from benchmarks.machine import describe
from benchmarks.report import save
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
        peak: resident memory, GB.
        told: its JSON.
    """

    command: str
    seconds: float
    peak: float
    told: Mapping[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--folder", type=Path, help="Where to make the files; else temporary.")
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.folder) as folder, running() as stack:
        size = _make(Path(folder, HISTORY), options.rows, options.customers)
        found = [_measured(job, Path(folder), stack.redis_url) for job in options.jobs]
    page = _page(options.rows, size, found)
    print(page)
    if options.save:
        save("big-files", page)


def _make(folder: Path, rows: int, customers: int) -> float:
    """Purchases of customers of rates of their own, of whom some leave; gigabytes on disk."""
    folder.mkdir()
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
    return sum(file.stat().st_size for file in folder.iterdir()) / 1e9


def _measured(job: str, folder: Path, redis_url: str) -> Measured:
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
    seconds, peak = perf_counter() - began, usage.ru_maxrss / 1024**2
    return Measured(" ".join((job, *JOBS[job])), seconds, peak, json.loads(said.read_text()))


def _page(rows: int, size: float, found: list[Measured]) -> str:
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    command = ".venv/bin/python -m benchmarks.big_files " + " ".join(sys.argv[1:])
    lines = "\n".join(
        f"| `{each.command}` | {rows:,} | {_history(each)['customers']:,} | {each.seconds:,.0f} "
        f"| {rows / each.seconds:,.0f} | {each.peak:.2f} |"
        for each in found
    )
    return f"""# Big files, {datetime.now(UTC).date().isoformat()}

{facts}

| command | rows | customers used | seconds | rows a second | most memory, GB |
| --- | ---: | ---: | ---: | ---: | ---: |
{lines}

{size:.2f} GB of Parquet. From a command's start to its end; memory is the peak resident size of
its process. `calibrate` learns from customers drawn by lot; `backfill` loads all of them into a
Redis on the same machine.

Measure again with

```
{command.strip()}
```
"""


def _history(of: Measured) -> Mapping[str, Any]:
    """What became of its rows; of `fit`, beside its other figures."""
    told: Mapping[str, Any] = of.told.get("history", of.told)
    return told


if __name__ == "__main__":
    main()
