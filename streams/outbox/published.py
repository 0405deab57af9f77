"""Counting what the relay published."""

import time
from datetime import datetime

from schemas import INTERVENTIONS
from scoring.rules import RuleSet
from streams.broker.headers import split_headers
from streams.config import Settings
from streams.store import Entry
from streams.telemetry.metrics import Metrics


def told(rules: RuleSet) -> tuple[tuple[str, str, str], ...]:
    """Rule, band and route of every warning that there can be."""
    return tuple((rule.name, band, rule.route) for rule in rules.rules for band in INTERVENTIONS)


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
        named = dict(split_headers(entry.headers))
        rule, band, route = (named[f"ce_{name}"].decode() for name in ("rule", "band", "route"))
        self._metrics.warnings.labels(rule, band, route).inc()
        about = datetime.fromisoformat(named["ce_time"].decode()).timestamp()
        self._metrics.event_to_warning.observe(max(time.time() - about, 0.0))
