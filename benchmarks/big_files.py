"""`ebbwatch fit` on Parquet files of any size: rows a second, and the most memory it held.

    python -m benchmarks.big_files [--rows 100000000] [--customers 1000000]

The files are made up first, 5 million rows each, beside one another in a folder that goes again.
"""

import argparse
import json
import resource
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

import numpy as np
import polars as pl

from benchmarks.machine import describe
from benchmarks.report import RESULTS

FILE: Final = 5_000_000  # rows
YEARS: Final = 3
SECOND: Final = 1_000_000  # microseconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="Where to make the files; else temporary.")
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.folder) as folder:
        size = _make(Path(folder), options.rows, options.customers)
        began = perf_counter()
        told = _fit(Path(folder))
        seconds = perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    page = _page(options.rows, size, seconds, peak, told)
    print(page)
    if options.save:
        RESULTS.mkdir(exist_ok=True)
        name = f"{datetime.now(UTC).date().isoformat()}-big-files.md"
        (RESULTS / name).write_text(page, encoding="utf-8")


def _make(folder: Path, rows: int, customers: int) -> float:
    """Purchases of customers of rates of their own, of whom some leave; gigabytes on disk."""
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


def _fit(folder: Path) -> dict[str, object]:
    command = [sys.executable, "-m", "ebbwatch.cli", "fit", str(folder), "--model", "bgnbd"]
    out = folder / "fitted.json"
    done = subprocess.run(
        [*command, "--out", str(out), "--json"], check=True, capture_output=True, text=True
    )
    told: dict[str, object] = json.loads(done.stdout)
    return told


def _page(rows: int, size: float, seconds: float, peak: float, told: dict[str, object]) -> str:
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    command = ".venv/bin/python -m benchmarks.big_files " + " ".join(sys.argv[1:])
    return f"""# Big files, {datetime.now(UTC).date().isoformat()}

{facts}

| job | rows | customers | Parquet, GB | seconds | rows a second | most memory, GB |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| `fit --model bgnbd`, in parts | {rows:,} | {told["customers"]:,} | {size:.2f} | {seconds:.0f} \
| {rows / seconds:,.0f} | {peak:.2f} |

From the command's start to its parameter file, the likelihood's maximum ({told["seconds"]:.1f} s)
included. Memory is the peak resident size of the process.

Measure again with

```
{command.strip()}
```
"""


if __name__ == "__main__":
    main()
