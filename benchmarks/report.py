"""The result as a Markdown page and as one JSON object."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.machine import describe
from benchmarks.whole_job import Round

RESULTS: Final = Path(__file__).with_name("results")
NOTES: Final = """\
Rounds of the programs alternate, each on an emptied Redis and over the same topics. The whole job
is timed from the first to the last applied offset in Redis, everything having been written before
the worker starts; "published" is how much later the last message was on Kafka. The shares are of
the seconds that the worker's own histograms hold: waits for Redis of several partitions overlap,
so they weigh more there than on the clock. The naive program validates, scores and warns nothing:
it decodes a record an event and reads and writes three fields of Redis for each."""


def typed(module: str) -> str:
    """The command of this run, as somebody types it who wants the same page written."""
    given = [each for each in sys.argv[1:] if each not in {"--save", "--no-save"}]
    return shlex.join([".venv/bin/python", "-m", module, *given])


def save(kind: str, page: str) -> Path:
    """Write a page to `benchmarks/results/<day>-<kind>.md` and return where that is."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{datetime.now(UTC).date().isoformat()}-{kind}.md"
    path.write_text(page, encoding="utf-8")
    return path


class Result:
    """What was measured.

    Args:
        command: that measures it again.
        options: of the run.
        rounds: of the whole job.
        peers: events a second of every other program, one figure a round.
    """

    def __init__(
        self,
        command: str,
        options: Mapping[str, object],
        rounds: Sequence[Round],
        peers: Mapping[str, Sequence[float]],
    ) -> None:
        self._command, self._options = command, options
        self._rounds, self._peers = rounds, peers
        self._day = datetime.now(UTC).date().isoformat()

    def json(self) -> dict[str, object]:
        """All figures."""
        return {
            "day": self._day,
            "command": self._command,
            "machine": describe(),
            "options": dict(self._options),
            "events_per_second": {name: _spread(v) for name, v in self._rates().items()},
            "times_as_fast": {name: _spread(v) for name, v in self._ratios().items()},
            "rounds": [asdict(each) for each in self._rounds],
        }

    def save(self) -> Path:
        """Write the page to `benchmarks/results/<day>-throughput-<log>.md`; return where it is."""
        return save(f"throughput-{self._options['log']}", self.page())

    def page(self) -> str:
        """The page."""
        parts = (self._head(), self._speeds(), self._details(), NOTES)
        return "\n\n".join(parts) + "\n"

    def _head(self) -> str:
        facts = {**describe(), **self._options}
        lines = "\n".join(f"- {name}: {value}" for name, value in facts.items())
        title = f"# Throughput of one worker process, {self._day}"
        return f"{title}\n\n{lines}\n\nMeasure again with\n\n```\n{self._command}\n```"

    def _rates(self) -> dict[str, Sequence[float]]:
        return {"whole job": [each.events_per_second for each in self._rounds], **self._peers}

    def _ratios(self) -> dict[str, list[float]]:
        ours = self._rates()["whole job"]
        return {
            name: [a / b for a, b in zip(ours, theirs, strict=True)]
            for name, theirs in self._peers.items()
        }

    def _speeds(self) -> str:
        rows = [(name, *_shown(values, ",.0f")) for name, values in self._rates().items()]
        ratios = [(f"whole job : {name}", *_shown(r, ".1f")) for name, r in self._ratios().items()]
        return _table(("events/s", "min", "median", "max"), [*rows, *ratios])

    def _details(self) -> str:
        columns = [_details(each) for each in self._rounds]
        numbers = [f"round {number}" for number in range(1, len(columns) + 1)]
        rows = [(name, *(column[name] for column in columns)) for name in columns[0]]
        return _table(("whole job", *numbers), rows)


def _details(each: Round) -> dict[str, str]:
    shares = {f"share of {name}": f"{share:.0%}" for name, share in each.shares.items()}
    cpu = {f"{name}, us of processor an event": f"{us:.1f}" for name, us in each.cpu.items()}
    return {
        "events timed": f"{each.events:,}",
        "seconds": f"{each.seconds:.1f}",
        "events a step": f"{each.mean_batch:,.0f}",
        **shares,
        **cpu,
        "worker's peak memory, MiB": f"{each.peak_bytes / 2**20:,.0f}",
        "customers": f"{each.customers:,}",
        "Redis, bytes a customer": f"{each.customer_bytes:,.0f}",
        "warnings published": f"{each.warnings:,}",
        "warnings an event": f"{each.warnings / each.applied:.2%}",
        "messages published": f"{each.messages:,}",
        "published, seconds later": f"{each.settled_seconds:.1f}",
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"min": min(values), "median": median(values), "max": max(values)}


def _shown(values: Sequence[float], form: str) -> list[str]:
    return [format(value, form) for value in _spread(values).values()]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
