"""Programs of others, run on the same events: each prints what it measured of itself."""

import json
import subprocess
import sys
from typing import Final

import redis

from streams.config import Settings

LONGEST: Final = 600.0  # seconds


def naive(settings: Settings, events: int) -> float:
    """Events a second of the naive Faust program, on an emptied Redis.

    Raises:
        subprocess.SubprocessError: it failed or took longer than ten minutes.
    """
    url = settings.redis_url.get_secret_value()
    redis.Redis.from_url(url).flushall()
    where = [settings.kafka_bootstrap, url, str(events), *settings.input_topics[:2]]
    return _own_figure([sys.executable, "-m", "benchmarks.naive", *where])


def _own_figure(command: list[str]) -> float:
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=True)
    figure = json.loads(done.stdout.splitlines()[-1])
    return float(figure["events"] / figure["seconds"])
