"""`python -m benchmarks.versions REVISION...`: one worker of each, in turns, on the same topics.

Throughput over a log of restless customers, to the last event applied and to the last message
published; then latency as in `benchmarks.latency`. Only the worker is of the revision: events are
written, and warnings read, by this tree, which is what `.` stands for.
"""

import argparse
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from kafka import KafkaConsumer, TopicPartition

from benchmarks.event_log import EventLog
from benchmarks.latency import Sender, waits
from benchmarks.machine import describe
from benchmarks.prepare import prepare
from benchmarks.progress import POLL, Moment, Truth, wait_applied
from benchmarks.report import save, typed
from benchmarks.whole_job import working
from benchmarks.wire import write
from ebbwatch.stack import Stack, running
from streams.broker.topics import create_topics, topic_specs
from streams.config import Settings

HERE: Final = "."


@dataclass(frozen=True)
class Measured:
    """What one round of one revision showed.

    Attributes:
        applied: events a second, until the last was applied.
        published: the same, until the last message was published.
        worker, redis, kafka: processor microseconds an event of each, until then.
        warnings: that came of it.
        middle: seconds from event to warning, median.
        late: the same, 99%.
    """

    applied: float
    published: float
    worker: float
    redis: float
    kafka: float
    warnings: int
    middle: float
    late: float


FIGURES: Final[Mapping[str, Callable[[Measured], float]]] = {
    "events/s applied": lambda of: of.applied,
    "events/s published": lambda of: of.published,
    "worker, µs an event": lambda of: of.worker,
    "Redis, µs": lambda of: of.redis,
    "Kafka, µs": lambda of: of.kafka,
    "warnings": lambda of: of.warnings,
    "median, ms": lambda of: 1_000 * of.middle,
    "99%, ms": lambda of: 1_000 * of.late,
}


def main() -> None:
    """Measure, print the page, and write it to the results unless asked otherwise."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing started is left behind
    found: dict[str, list[Measured]] = defaultdict(list)
    with running() as stack, _trees(options.revisions) as trees:
        log = EventLog(options.events, max(1, options.events // 20))
        settings, _ = prepare(stack, partial(write, log), options.partitions)
        for number in range(options.rounds * len(trees)):
            revision = options.revisions[number % len(trees)]
            own = _run_of(settings, number)
            found[revision].append(_measured(stack, own, trees[revision], options))
            print(f"{revision}: {found[revision][-1]}", file=sys.stderr)
    page = _page(options, found)
    print(page)
    if options.save:
        save("versions", page)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.versions", description=__doc__)
    parser.add_argument("revisions", nargs="+", help="of git, or . for this tree; the first is 1")
    parser.add_argument("--rounds", type=int, default=3, help="of all revisions")
    parser.add_argument("--events", type=int, default=200_000, help="of 20 a customer")
    parser.add_argument("--seconds", type=float, default=30.0, help="of events to be warned of")
    parser.add_argument("--rate", type=float, default=100.0, help="purchases a second")
    parser.add_argument("--warnings", type=float, default=10.0, help="a second")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    return parser.parse_args()


@contextmanager
def _trees(revisions: Sequence[str]) -> Iterator[dict[str, Path]]:
    """Each revision's code, checked out for the time of the block."""
    made: dict[str, Path] = {HERE: Path.cwd()}
    with TemporaryDirectory() as folder:
        try:
            for number, revision in enumerate(set(revisions) - {HERE}):
                tree = Path(folder, str(number))
                _git("worktree", "add", "--quiet", "--detach", str(tree), revision)
                made[revision] = tree
            yield {revision: made[revision] for revision in revisions}
        finally:
            for tree in (tree for revision, tree in made.items() if revision != HERE):
                _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)


def _run_of(settings: Settings, number: int) -> Settings:
    """A group and output topics of its own."""
    names = ("risk", "relationship", "case", "score")
    topics = {f"{name}_topic": f"run{number}.{name}" for name in names}
    own = settings.model_copy(
        update={**topics, "group": f"run-{number}", "brake_share": 0.0}  # or a storm waits
    )
    create_topics(own.kafka_bootstrap, topic_specs(own))
    return own


def _measured(
    stack: Stack, settings: Settings, tree: Path, options: argparse.Namespace
) -> Measured:
    truth = Truth(settings)
    truth.redis.flushall()
    with working(settings, tree) as process:
        pids = {"worker": process.pid, **stack.pids}
        wait_applied(truth, 1)
        first = Moment(truth, pids)
        wait_applied(truth, options.events)
        applied = time.monotonic() - first.at
        _wait_published(truth)
        last = Moment(truth, pids)
    live = settings.model_copy(
        update={
            "mode": "live",
            "group": f"{settings.group}-live",
            "risk_topic": f"{settings.risk_topic}.live",
            "transaction_topic": f"{settings.group}.transaction",
            "interaction_topic": f"{settings.group}.interaction",
        }
    )
    create_topics(live.kafka_bootstrap, topic_specs(live))
    truth.redis.flushall()
    sender = Sender(live)
    with working(live, tree):
        sending = threading.Thread(target=sender.run, args=(options,))
        latencies = waits(live, sender, sending)
    events = last.applied - first.applied
    return Measured(
        events / applied,
        events / (last.at - first.at),
        **last.cpu_since(first),
        warnings=_warned(settings),
        **dict(zip(("middle", "late"), np.quantile(latencies, (0.5, 0.99)).tolist(), strict=True)),
    )


def _wait_published(truth: Truth) -> None:
    """Wait until the outboxes are empty, by what all revisions keep alike: their streams."""
    keys = list(truth.redis.scan_iter("*:outbox"))
    while any(truth.redis.xlen(key) for key in keys):
        time.sleep(POLL)


def _warned(settings: Settings) -> int:
    """Warnings on Kafka; the marks of transactions between them are not counted."""
    topics = (settings.risk_topic, settings.relationship_topic)
    places = [TopicPartition(t, n) for t in topics for n in range(settings.partitions)]
    consumer: Any = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, isolation_level="read_committed"
    )
    consumer.assign(places)
    ends = consumer.end_offsets(places)
    consumer.seek_to_beginning(*places)
    count = 0
    while any(consumer.position(place) < ends[place] for place in places):
        count += sum(map(len, consumer.poll(timeout_ms=200).values()))
    consumer.close()
    return count


def _page(options: argparse.Namespace, found: Mapping[str, Sequence[Measured]]) -> str:
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    first = found[options.revisions[0]]

    def cell(own: Sequence[Measured], figure: Callable[[Measured], float]) -> str:
        values = [*map(figure, own)]
        ratios = [mine / figure(other) for mine, other in zip(values, first, strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        return f"{median(values):,.0f} ({median(ratios):.2f}; {spread})"

    rows = [[name, *(cell(own, of) for of in FIGURES.values())] for name, own in found.items()]
    head = [["revision", *FIGURES], ["---", *["---:"] * len(FIGURES)]]
    table = "\n".join(f"| {' | '.join(row)} |" for row in [*head, *rows])
    return f"""# One worker, revision by revision, {datetime.now(UTC).date().isoformat()}

{facts}

{options.rounds} rounds of all revisions in turns. The whole job: {options.events:,} events of
restless customers, one in four moving a warning, {options.partitions} partitions. From event to
warning: {options.rate:,.0f} purchases and {options.warnings:,.0f} instalments overdue a second for
{options.seconds:,.0f} seconds, each of the latter a warning, to a read-committed consumer. Median
of the rounds; in brackets: times as much as the first revision in the same round, median, least
and most.

{table}

Measure again with

```
{typed("benchmarks.versions")}
```
"""


if __name__ == "__main__":
    main()
