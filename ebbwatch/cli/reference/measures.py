"""docs/metrics.md: every metric of a worker and the desk, as they are registered."""

from collections.abc import Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry

from streams.panel import PanelBoard
from streams.telemetry.metrics import Metrics
from streams.tools.desk.rationing import DeskFigures

HEAD: Final = """\
# Metrics

Written by `python -m ebbwatch.cli.reference metrics > docs/metrics.md`; a test holds it to what is
registered. `http://127.0.0.1:9644/metrics` has them in Prometheus' text form. No label ever names a
customer or an event. Counters end in `_total`, histograms in `_bucket`, `_sum` and `_count`. What
calls for somebody, and what they then do: [alerts](../deploy/prometheus/RUNBOOK.md).
"""
OWNERS: Final = {"A worker": (Metrics, PanelBoard), "The desk": (DeskFigures,)}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for owner, makers in OWNERS.items():
        registry = CollectorRegistry()
        for make in makers:
            make(registry)
        parts += [f"## {owner}", "", "| metric | kind | labels | meaning |", "|---|---|---|---|"]
        parts += [*sorted(_rows(registry)), ""]
    return "\n".join(parts)


def _rows(registry: CollectorRegistry) -> Iterator[str]:
    collectors: Any = registry._collector_to_names  # noqa: SLF001 - it tells of labels nowhere else
    for collector in collectors:
        labels = ", ".join(f"`{name}`" for name in getattr(collector, "_labelnames", ()))
        for family in collector.describe():
            suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
            meaning = " ".join(family.documentation.split()).replace("|", "\\|")
            yield f"| `{family.name}{suffix}` | {family.type} | {labels} | {meaning} |"
