"""The table of docs/faults.md and docs/faults.json, written from runs and from nothing else."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chaos.faults import FAULTS
from chaos.run import Outcome, Row

DOCS = Path(__file__).parents[3] / "docs"
TABLE, PAGE = DOCS / "faults.json", DOCS / "faults.md"
BEGIN, END = "<!-- from here on written by make chaos -->\n", "<!-- up to here -->\n"
FIELDS = tuple(Row.__dataclass_fields__)
HEADINGS = (
    "What was broken",
    "times",
    "events",
    "customers compared",
    "warnings compared",
    "missing",
    "twice",
    "seconds to recover",
    "most memory of a worker, MiB",
    "what Redis itself may have lost",
)


def known() -> dict[str, dict[str, Any]]:
    """The rows there are, by fault."""
    rows = json.loads(TABLE.read_text()) if TABLE.exists() else []
    return {row["fault"]: row for row in rows}


def write(outcomes: Iterable[Outcome], seed: int) -> None:
    """Put runs' rows in place of older ones, in the registry's order, and drop what it lacks."""
    new = {outcome.row.fault: outcome.told() for outcome in outcomes}
    rows = known() | new
    ordered = [rows[fault.name] for fault in FAULTS if fault.name in rows]
    lines = ",\n".join(json.dumps(row) for row in ordered)
    TABLE.write_text(f"[\n{lines}\n]\n")
    text = PAGE.read_text()
    head, tail = text.partition(BEGIN)[0], text.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}{page(ordered, seed, len(new))}{END}{tail}")


def page(rows: Sequence[Mapping[str, Any]], seed: int, run: int) -> str:
    """The table as it is read, with the date of the last run, which was of so many of its rows."""
    loses = {fault.name: fault.loses or "nothing" for fault in FAULTS}
    cells = [HEADINGS, ["---", *["---:"] * (len(FIELDS) - 1), "---"]]
    cells += [[*(str(row.get(name, "")) for name in FIELDS), loses[row["fault"]]] for row in rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in cells)
    events, warnings = (sum(row[name] for row in rows) for name in ("events", "warnings_compared"))
    return (
        f"\nLast run on {datetime.now(UTC):%Y-%m-%d} with seed {seed}: "
        f"{run} of {len(rows)} faults. In all {events} events, {warnings} warnings.\n\n{table}\n\n"
    )
