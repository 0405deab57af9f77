"""Counting what the relay published."""

import json
import time
from datetime import datetime

from streams.config import Settings
from streams.metrics import Metrics
from streams.store import Entry


class Published:
    """Called with every published entry; counts warnings.

    Args:
        settings: name the warning topics.
        metrics: where it counts.
    """

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self._topics = {settings.risk_topic, settings.relationship_topic}
        self._metrics = metrics

    def __call__(self, entry: Entry) -> None:
        """Count an entry."""
        if entry.topic not in self._topics:
            return
        warning = json.loads(entry.value)
        labels = warning["rule"], warning["band"], warning["route"]
        self._metrics.warnings.labels(*labels).inc()
        about = datetime.fromisoformat(warning["event_time"]).timestamp()
        self._metrics.event_to_warning.observe(max(time.time() - about, 0.0))
