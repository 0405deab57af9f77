"""`python -m benchmarks.dormant`: silence told of in time, among few and among a million who sleep.

Customers fell silent one after another over more than a year, and were loaded by a backfill. A live
worker watches them; some become due while it does, the others lie behind or ahead. Measured is how
long after its instant each warning arrives, and what worker and Redis use meanwhile: that should
follow from how many are due, not from how many there are. A rule of the bank's own looks at visits,
which have a time of day: what is known of purchases are their days, so that many fall due together.

A partition's clock is that of its latest event, and follows the wall only `--lateness` behind:
until then the event that ends a silence may be under way. So a review waits for its partition's
next event, or for that long: where others buy seldom, the longest waits are made of that.
"""

import argparse
import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np
from kafka import KafkaConsumer, TopicPartition

from benchmarks.latency import QUANTILES, Sender, live
from benchmarks.machine import describe, usage
from benchmarks.progress import Truth, wait_applied
from benchmarks.report import save, typed
from benchmarks.whole_job import working
from ebbwatch.stack import Stack, running
from ebbwatch.stack.ports import free_ports
from scoring.arrays import DAY, Floats
from scoring.facts.events import EVENT, Events
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog
from streams.parameters.file import load_model
from streams.tools.backfill import load

DAYS: Final = 60.0  # without a visit, of the rule
RULES: Final = f"""
[rule.unseen]
slot = 12
route = "relationship"
value = "days_since_visit"
middle = {DAYS}
high = 1000.0
actions = {{ middle = "reactivation_offer", high = "win_back_call" }}
"""
WEEKS: Final = 6  # of purchases, one each, the last with a visit
PAST: Final = 400 * DAY  # in which the others fell silent


class Case(NamedTuple):
    """One run.

    Attributes:
        customers: who sleep.
        due: of them a second.
        loaded: events a second that a backfill loads at least.
        started: seconds for the worker to be ready after it.
    """

    customers: int
    due: float
    loaded: float
    started: float

    @property
    def ready(self) -> float:
        """Seconds from the backfill's cut to the first who is due."""
        return self.started + self.customers * (WEEKS + 1) / self.loaded


class Measured(NamedTuple):
    """What came of it.

    Attributes:
        late: seconds from each warning's instant to its arrival.
        worker: processor seconds while they became due.
        redis: the same.
        seconds: for which they did.
    """

    late: Floats
    worker: float
    redis: float
    seconds: float


def main() -> None:
    """Measure, print the page, and write it to the results unless asked otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dormant")
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--due", type=float, nargs="+", default=[0.0, 20.0, 200.0], help="a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--loaded", type=float, default=8_000.0, help="events a second, at least")
    parser.add_argument("--started", type=float, default=120.0, help="seconds for the worker to be")
    parser.add_argument("--buying", type=float, default=20.0, help="purchases a second, by others")
    parser.add_argument("--lateness", type=float, default=60.0, help="EBBWATCH_ALLOWED_LATENESS")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--save", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    rows = []
    for case in (
        Case(many, due, options.loaded, options.started)
        for many in options.customers
        for due in options.due
    ):
        with running() as stack:
            rows.append(_row(case, _measured(stack, case, options)))
        print(rows[-1], file=sys.stderr)
    page = _page(options, rows)
    print(page)
    if options.save:
        save("dormant", page)


def _measured(stack: Stack, case: Case, options: argparse.Namespace) -> Measured:
    rules = stack.folder / "rules.toml"
    rules.write_text(RULES, encoding="utf-8")
    port = free_ports(1)[0]
    settings = live(
        stack,
        options.partitions,
        metrics_port=port,
        rules_file=rules,
        allowed_lateness=options.lateness,
    )
    cut = time.time()
    log = _history(case, options.seconds, cut)
    asyncio.run(load(settings, load_model(settings), [lambda: log], cut))
    sender = Sender(settings)
    consumer = KafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, isolation_level="read_committed"
    )
    topics = (settings.risk_topic, settings.relationship_topic)
    places = [TopicPartition(name, n) for name in topics for n in range(settings.partitions)]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    with working(settings) as process:
        sender.purchase()
        wait_applied(Truth(settings), 1)
        asked = argparse.Namespace(rate=options.buying, warnings=0.0, seconds=options.seconds)
        sending = threading.Thread(target=sender.run, args=(asked,))
        first = cut + case.ready
        if time.time() > first:
            raise TimeoutError(f"worker: expected it ready in {case.ready:.0f} s, got more")
        while time.time() < first:
            sender.purchase()
            time.sleep(1.0 / options.buying)
        pids = process.pid, stack.pids["redis"]
        before = [usage(pid).cpu_seconds for pid in pids]
        began = time.monotonic()
        sending.start()
        told = list(_arrivals(consumer, first, sending))
        spent = [usage(pid).cpu_seconds for pid in pids]
        seconds = time.monotonic() - began
    consumer.close()
    late = np.array([arrived - at for at, arrived in told])
    worker, redis = (after - was for after, was in zip(spent, before, strict=True))
    return Measured(late, worker, redis, seconds)


def _history(case: Case, seconds: float, cut: float) -> EventLog:
    """Weekly purchases; the last visit of those who become due lies as many days ago as it says."""
    rng = np.random.default_rng(case.customers)
    due = int(case.due * seconds)
    first = cut + case.ready - DAYS * DAY
    soon = first + rng.uniform(0.0, seconds, due)
    others = cut - rng.uniform(0.0, PAST, case.customers - due)
    others = others[(others < first) | (others > first + seconds)]
    last = np.concatenate([soon, others])
    events: Events = np.zeros((len(last), WEEKS + 1), EVENT)
    events["time"] = last[:, None] - 7 * DAY * np.array([*range(WEEKS)[::-1], 0])
    events["kind"][:, -1] = Kind.APP_SESSION
    events["id"] = np.arange(1, events.size + 1).reshape(events.shape)
    events["amount"][:, :-1] = 25_000
    events = events.ravel()
    events["reversed_time"] = events["time"]
    rows = np.repeat(np.arange(len(last)), WEEKS + 1)
    order = np.argsort(events["time"], kind="stable")
    return EventLog([b"sleeps%07d" % n for n in range(len(last))], rows[order], events[order])


def _arrivals(
    consumer: KafkaConsumer, first: float, sending: threading.Thread
) -> Iterator[tuple[float, float]]:
    """Instants of warnings raised from `first` on, and when each was seen, epoch seconds."""
    while sending.is_alive():
        for records in consumer.poll(timeout_ms=50).values():
            now = time.time()
            for record in records:
                told = json.loads(record.value)
                at = datetime.fromisoformat(told["event_time"]).timestamp()
                if at >= first:
                    yield at, now


def _row(case: Case, measured: Measured) -> str:
    late, worker, redis, seconds = measured
    cells = "- | - | - | -"
    if len(late):
        cells = " | ".join(f"{value:.2f}" for value in np.quantile(late, QUANTILES))
    share = " | ".join(f"{100 * used / seconds:.1f}%" for used in (worker, redis))
    return f"| {case.customers:,} | {case.due:,.0f} | {len(late):,} | {cells} | {share} |"


def _page(options: argparse.Namespace, rows: list[str]) -> str:
    facts = "\n".join(f"- {name}: {value}" for name, value in describe().items())
    lines = "\n".join(rows)
    return f"""# Silence told of in time, {datetime.now(UTC).date().isoformat()}

{facts}
- load, 1 minute: {os.getloadavg()[0]:.1f}

Customers who bought once a week for {WEEKS} weeks, visited once, and stopped at some time within
the last {PAST / DAY:.0f} days, loaded by `backfill`; a rule warns of {DAYS:.0f} days without
a visit.
For {options.seconds:,.0f} seconds some become due each second; others buy
{options.buying:.0f} times a second meanwhile, which is all there is in rows without any due. One
live worker, {options.partitions} partitions, whose clocks follow the wall {options.lateness:g}
seconds behind where nothing comes. A warning's seconds are those from the instant that it is about
to the poll that returns it, to a read-committed consumer.

| customers | due a second | warnings | median, s | 95% | 99% | most | worker | Redis |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
{lines}

`worker` and `Redis` are shares of a core.

Measure again with

```
{typed("benchmarks.dormant")}
```
"""


if __name__ == "__main__":
    main()
