"""One worker process doing the whole job, timed from the first to the last applied offset."""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.prepare import environment
from benchmarks.progress import Moment, Truth, wait_applied, wait_published
from ebbwatch.stack import Stack
from streams.config import Settings

WORKER: Final = "from streams.config import Settings; from streams.run import run; run(Settings())"


@dataclass(frozen=True)
class Round:
    """What one run showed.

    Attributes:
        applied: events in all.
        events: applied between the first and the last applied offset that were seen.
        seconds: between the two.
        settled_seconds: from the last applied offset to the last message published.
        warnings: published.
        messages: published, scores included.
        mean_batch: events a step.
        shares: of the worker's time in decode, load, step and commit; partitions overlap in load
            and commit, so these waits count several times over.
        cpu: processor microseconds an event of worker, Kafka and Redis.
        peak_bytes: of the worker's resident memory.
        customers: with a state.
        customer_bytes: memory of Redis a customer, once all is published.
    """

    applied: int
    events: int
    seconds: float
    settled_seconds: float
    warnings: int
    messages: int
    mean_batch: float
    shares: Mapping[str, float]
    cpu: Mapping[str, float]
    peak_bytes: int
    customers: int
    customer_bytes: float

    @property
    def events_per_second(self) -> float:
        """The figure."""
        return self.events / self.seconds


def measure(stack: Stack, settings: Settings, events: int) -> Round:
    """Run one worker over all that the input topics hold, on an emptied Redis.

    Args:
        stack: holds the log.
        settings: of the worker, with a group of its own.
        events: in the log.

    Raises:
        TimeoutError: the worker made no progress.
    """
    truth = Truth(settings)
    truth.redis.flushall()
    empty = truth.used_bytes()
    with working(settings) as process:
        pids = {"worker": process.pid, **stack.pids}
        wait_applied(truth, 1)
        first = Moment(truth, pids)
        wait_applied(truth, events)
        last, page = Moment(truth, pids), _page(settings)
        wait_published(truth)
        settled = time.monotonic() - last.at
        return _round(truth, first, last, settled, page, _page(settings), empty)


@contextmanager
def working(settings: Settings, tree: Path | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker for the time of the block: of this tree, or of another's code."""
    variables = environment(settings) | ({"PYTHONPATH": str(tree)} if tree else {})
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER], env=variables, cwd=tree, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _page(settings: Settings) -> dict[str, float]:
    """The worker's metrics, summed over all labels but the name of a Redis operation."""
    url = f"http://{settings.metrics_host}:{settings.metrics_port}/metrics"
    with urlopen(url, timeout=30) as answer:
        text = answer.read().decode()
    page: dict[str, float] = defaultdict(float)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            page[sample.name + sample.labels.get("operation", "")] += sample.value
    return page


def _round(
    truth: Truth,
    first: Moment,
    last: Moment,
    settled: float,
    applied: dict[str, float],
    published: dict[str, float],
    empty: int,
) -> Round:
    customers = truth.customers()
    return Round(
        applied=last.applied,
        events=last.applied - first.applied,
        seconds=last.at - first.at,
        settled_seconds=settled,
        warnings=int(published["ebbwatch_warnings_total"]),
        messages=truth.numbered(),
        mean_batch=applied["ebbwatch_batch_events_sum"] / applied["ebbwatch_batch_events_count"],
        shares=_shares(applied),
        cpu=last.cpu_since(first),
        peak_bytes=last.usage["worker"].peak_bytes,
        customers=customers,
        customer_bytes=(truth.used_bytes() - empty) / customers,
    )


def _shares(page: dict[str, float]) -> dict[str, float]:
    seconds = {
        "decode": page["ebbwatch_decode_seconds_sum"],
        "load": page["ebbwatch_redis_seconds_sumload"],
        "step": page["ebbwatch_step_seconds_sum"],
        "commit": page["ebbwatch_redis_seconds_sumcommit"],
    }
    return {name: value / sum(seconds.values()) for name, value in seconds.items()}
