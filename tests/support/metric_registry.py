"""Every metric a worker has, registered as its composition root does it."""

from prometheus_client import CollectorRegistry

from streams.panel import PanelBoard
from streams.telemetry.metrics import Metrics
from streams.tools.desk.rationing import DeskFigures


def all_metrics() -> CollectorRegistry:
    """A registry that holds them all, with nothing counted yet."""
    registry = CollectorRegistry()
    Metrics(registry)
    PanelBoard(registry)
    return registry


def exposed() -> set[str]:
    """Every sample name that a worker or the desk can expose."""
    desk = CollectorRegistry()
    DeskFigures(desk)
    suffixes = {
        "counter": ("_total",),
        "histogram": ("_bucket", "_sum", "_count"),
        "info": ("_info",),
    }
    return {
        f"{family.name}{suffix}"
        for family in (*all_metrics().collect(), *desk.collect())
        for suffix in suffixes.get(family.type, ("",))
    }
