"""One worker process doing the whole job: measured from the first to the last applied offset."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import redis
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.machine import Usage, usage
from streams.config import Settings
from streams.stack import Stack
from streams.store import RedisStore

WORKER: Final = "from streams.config import Settings; from streams.worker import run; run(Settings())"
POLL: Final = 1 / 30
STUCK: Final = 120.0


@dataclass(frozen=True)
class Round:
    """What one run of the worker showed.

    Attributes:
        events_per_second: between the first and the last applied offset seen.
        settled_seconds: from the last applied offset to the last published message.
        warnings: published.
        scores: published.
        mean_batch: events a step.
        shares: of the worker's time: decode, load, step, commit, other.
        worker, kafka, redis: processor seconds per wall second.
        peak_bytes: resident memory of the worker.
        redis_bytes: memory of Redis per customer.
    """

    events: int
    seconds: float
    settled_seconds: float
    warnings: int
    scores: int
    mean_batch: float
    shares: Mapping[str, float]
    cores: Mapping[str, float]
    peak_bytes: int
    redis_bytes: float
    customers: int

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds
