"""The table: what each choice may lose and what it costs, medians and worst of the rounds."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Final

import numpy as np

from benchmarks.durability.power import written_back
from benchmarks.durability.servers import Choice
from benchmarks.durability.trial import OUTAGE, Outcome
from benchmarks.machine import describe
from benchmarks.report import typed

Figure = Callable[[Outcome], float]
LOST: Final[Mapping[str, Figure]] = {
    "acknowledged commits lost": lambda of: of.loss.commits,
    "of them published": lambda of: of.loss.published,
    "events applied again": lambda of: of.loss.events,
    "s to recover": lambda of: of.recovery,
    "latest warning, s": lambda of: of.latest,
    "customers' events wrong": lambda of: of.verdict.events - of.verdict.applied,
    "warnings missing": lambda of: of.verdict.missing,
    "twice": lambda of: of.verdict.twice,
}
COSTS: Final[Mapping[str, Figure]] = {
    "events/s": lambda of: of.rate,
    "median, ms": lambda of: 1_000 * float(np.median(of.waits)),
    "99%, ms": lambda of: 1_000 * float(np.quantile(of.waits, 0.99)),
}


def page(options: argparse.Namespace, found: Mapping[Choice, Sequence[Outcome]]) -> str:
    """The whole page; `found` has each choice's outcomes in the order of the rounds."""
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    warnings = sum(each.verdict.warnings for rounds in found.values() for each in rounds)
    events = sum(each.verdict.events for rounds in found.values() for each in rounds)
    return f"""# What Redis may lose, and what it costs, {datetime.now(UTC).date().isoformat()}

{facts}

One worker, {options.rounds} rounds of all choices in turns. {options.rate:,.0f} visits and
{options.warnings:,.0f} instalments overdue a second, each of the latter a warning, for
{options.seconds:,.0f} seconds, then the fault, {OUTAGE:.0f} s without Redis, and on. At a power cut
the append-only file loses what was not synced and was younger than the {written_back():.0f} s after
which this kernel writes back by itself. At a failover the primary is lost with all that was on the
line to its replica, which is {options.delay:,.0f} ms long each way; the replica then has its
address. In all {events:,} events and {warnings:,} warnings were held against what an independent
judge expects of the topics.

## What is lost

Median of the rounds, and the worst of them.

{_table(LOST, found, _worst)}

## What it costs

Of the whole job of a made-up bank, until all is published; from event to warning, before the fault,
to a read-committed consumer. In brackets: times as much as {next(iter(found)).name} in
the same round, median of the rounds.

{_table(COSTS, found, _relative)}

Measure again with

```
{typed("benchmarks.durability")}
```
"""


def _worst(values: Sequence[float], _: Sequence[float]) -> str:
    form = ",.1f" if any(value % 1 for value in values) else ",.0f"
    return f"{median(values):{form}}, {max(values):{form}}"


def _relative(values: Sequence[float], others: Sequence[float]) -> str:
    times = median(own / other for own, other in zip(values, others, strict=True))
    return f"{median(values):,.0f} ({times:.2f})"


def _table(
    figures: Mapping[str, Figure],
    found: Mapping[Choice, Sequence[Outcome]],
    shown: Callable[[Sequence[float], Sequence[float]], str],
) -> str:
    first = next(iter(found.values()))

    def cells(own: Sequence[Outcome]) -> list[str]:
        return [shown([*map(of, own)], [*map(of, first)]) for of in figures.values()]

    rows = [[choice.fault, choice.name, *cells(own)] for choice, own in found.items()]
    head = [["what happens", "setting", *figures], ["---", "---", *["---:"] * len(figures)]]
    return "\n".join(f"| {' | '.join(row)} |" for row in [*head, *rows])
