"""What is told of feeds: a metric while one is held, a line when it falls quiet and is back."""

import numpy as np
import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from scoring.warning.gate import GateError, Stream, new_gate, to_parts
from streams.partition.feed_watch import FeedWatch
from streams.telemetry.metrics import Metrics

SINCE = 1_700_000_000.0


def held(metrics: Metrics, stream: str) -> float:
    return float(metrics.feed_held.labels("3", stream)._value.get())


def test_what_is_held_shows_once_it_is_committed_and_until_it_is_let_go() -> None:
    metrics = Metrics(CollectorRegistry())
    watch, quiet = FeedWatch(3, {}, metrics), new_gate()
    quiet.present["since"][Stream.APP] = SINCE
    assert watch.is_other(quiet)
    assert watch.news(None) == {}
    with capture_logs() as logs:
        watch.committed(None, {})
        watch.committed(quiet, watch.news(quiet))
        watch.committed(quiet, watch.news(quiet))
    assert [(one["event"], one["stream"]) for one in logs] == [("feed quiet", "app")]
    assert logs[0]["since"] == "2023-11-14T22:13:20+00:00"
    assert (held(metrics, "app"), watch.news(quiet)) == (1.0, {})
    with capture_logs() as logs:
        watch.committed(new_gate(), watch.news(new_gate()))
    assert [one["event"] for one in logs] == ["feed back"]
    assert held(metrics, "app") == 0.0


def test_whoever_takes_a_partition_over_shows_what_it_holds() -> None:
    quiet, metrics = new_gate(), Metrics(CollectorRegistry())
    quiet.present["since"][Stream.POS] = SINCE
    watch = FeedWatch(3, to_parts(quiet), metrics)
    assert held(metrics, "pos") == 1.0
    assert np.isnan(watch.at(SINCE).holds.feed_at(np.array([SINCE]))).any()


def test_a_gate_of_another_layout_is_refused() -> None:
    parts = {name: value[:-1] for name, value in to_parts(new_gate()).items()}
    with pytest.raises(GateError, match=r"gate: expected .* bytes, got"):
        FeedWatch(3, parts, Metrics(CollectorRegistry()))
