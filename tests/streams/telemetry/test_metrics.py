"""Metric names: prefixed, with units, no customers in labels, and all that alerts refer to."""

import re
from pathlib import Path

import pytest
from fakes import ROUTES, sequenced
from metric_registry import every_metric
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from stream_events import event

from schemas import REASONS
from scoring.rules import shipped
from streams.broker.headers import join_headers
from streams.broker.routing import topics_of
from streams.config import Settings
from streams.outbox.published import Published, told
from streams.store import Entry
from streams.telemetry.metrics import Metrics

PROMETHEUS = Path(__file__).parents[3] / "deploy" / "prometheus"
LABELS = {
    "topic", "partition", "type", "outcome", "operation", "reason", "rule", "band", "route",
    "version", "stream", "of",
}  # fmt: skip
SUFFIXES = ("_total", "_bucket", "_count", "_sum", "_created", "_info")


def collected() -> list[Metric]:
    return list(every_metric().collect())


@pytest.mark.parametrize("metric", collected(), ids=lambda metric: metric.name)
def test_a_metric_has_the_prefix_a_help_and_a_unit_where_it_measures(metric: Metric) -> None:
    assert re.fullmatch(r"ebbwatch(_[a-z]+)+", metric.name)
    assert metric.documentation.endswith(".")
    if metric.type == "histogram":
        assert metric.name.endswith(("_seconds", "_events"))
    assert not re.search(r"_(ms|milliseconds|minutes|hours|total)\b", metric.name)


def test_labels_are_few_and_name_no_customer_or_event() -> None:
    metrics = Metrics(CollectorRegistry())
    used = {label for each in vars(metrics).values() for label in getattr(each, "_labelnames", ())}
    assert used <= LABELS


@pytest.mark.parametrize("name", ["rules.yml", "prometheus.yml"])
def test_prometheus_is_configured_by_files_that_are_there(name: str) -> None:
    assert (PROMETHEUS / name).is_file()


def test_every_metric_that_rules_and_their_tests_name_exists() -> None:
    exported = {metric.name for metric in collected()}
    for file in PROMETHEUS.glob("*.yml"):
        # Recorded series have colons in their names; job and service names no metric's prefix.
        for name in set(re.findall(r"(?<![\w:./-])ebbwatch_\w+(?![\w:])", file.read_text())):
            base = next((name.removesuffix(s) for s in SUFFIXES if name.endswith(s)), name)
            assert base in exported or name in exported, f"{file.name}: {name}"


async def test_a_run_sets_the_labels_the_registry_documents() -> None:
    log = [*(event("purchase", day) for day in range(0, 60, 3)), event("purchase", 200)]
    _, sequencer = await sequenced([*log, {"customer_id": "c1"}])
    samples = [
        sample
        for metric in sequencer.services.metrics.registry.collect()
        for sample in metric.samples
    ]
    reasons = {sample.labels["reason"] for sample in samples if "reason" in sample.labels}
    assert reasons
    assert reasons <= set(REASONS)
    text = str([sample.labels for sample in samples])
    assert "c1" not in text


def entry(topic: str, **attributes: str) -> Entry:
    joined = join_headers((f"ce_{name}", value.encode()) for name, value in attributes.items())
    return Entry(topic, b"c1", b"{}", joined)


def test_published_warnings_are_counted_by_rule_band_and_route() -> None:
    metrics = Metrics(CollectorRegistry())
    published = Published(Settings(risk_topic="risk", relationship_topic="relationship"), metrics)
    about = "2026-01-01T00:00:00+00:00"
    for rule in shipped().rules:
        topic = ROUTES[rule.route]
        for band in ("middle", "middle", "high"):
            published(entry(topic, rule=rule.name, band=band, route=rule.route, time=about))
    published(entry("score", time=about))
    sample = metrics.registry.get_sample_value
    for rule in shipped().rules:
        labels = {"rule": rule.name, "band": "middle", "route": rule.route}
        assert sample("ebbwatch_warnings_total", labels) == 2.0
        assert sample("ebbwatch_warnings_total", {**labels, "band": "high"}) == 1.0
    assert sample("ebbwatch_event_to_warning_seconds_count") == 3.0 * len(shipped().rules)


def test_the_time_to_a_warning_is_measured_from_the_instant_it_is_about(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    metrics = Metrics(CollectorRegistry())
    published = Published(Settings(risk_topic="risk"), metrics)
    named = {"rule": "overdue", "band": "high", "route": "risk"}
    monkeypatch.setattr("streams.outbox.published.time.time", lambda: 1_767_225_600.0 + 2.5)
    published(entry("risk", **named, time="2026-01-01T00:00:00+00:00"))
    published(entry("risk", **named, time="2026-01-01T00:00:10+00:00"))  # ahead of this clock
    assert metrics.registry.get_sample_value("ebbwatch_event_to_warning_seconds_sum") == 2.5


def test_every_series_of_a_worker_is_there_from_the_start_at_zero() -> None:
    metrics, settings = Metrics(CollectorRegistry()), Settings()
    topic_of = topics_of(settings)
    metrics.start_at_zero(topic_of, told(shipped()))
    sample = metrics.registry.get_sample_value
    assert sample("ebbwatch_consent_unheard_total") == 0.0
    assert sample("ebbwatch_touchpoints_unknown_total") == 0.0
    for topic in settings.input_topics:
        assert sample("ebbwatch_offsets_lost_total", {"topic": topic}) == 0.0
        for reason in REASONS:
            labels = {"topic": topic, "reason": reason}
            assert sample("ebbwatch_dead_letters_total", labels) == 0.0
    for kind, topic in topic_of.items():
        labels = {"topic": topic, "type": kind, "outcome": "applied"}
        assert sample("ebbwatch_events_total", labels) == 0.0
    for rule in shipped().rules:
        labels = {"rule": rule.name, "band": "high", "route": rule.route}
        assert sample("ebbwatch_warnings_total", labels) == 0.0
