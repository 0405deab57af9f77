"""Every metric there is, registered as the composition roots do it."""

from prometheus_client import CollectorRegistry

from streams.panel import PanelBoard
from streams.telemetry.metrics import Metrics
from streams.tools.desk.rationing import DeskFigures


def all_metrics() -> CollectorRegistry:
    """A registry that holds all of a worker's, with nothing counted yet."""
    registry = CollectorRegistry()
    Metrics(registry)
    PanelBoard(registry)
    return registry


def every_metric() -> CollectorRegistry:
    """The same with the desk's."""
    registry = all_metrics()
    DeskFigures(registry)
    return registry


def exposed() -> set[str]:
    """Every sample name that a worker or the desk can expose."""
    suffixes = {
        "counter": ("_total",),
        "histogram": ("_bucket", "_sum", "_count"),
        "info": ("_info",),
    }
    return {
        f"{family.name}{suffix}"
        for family in every_metric().collect()
        for suffix in suffixes.get(family.type, ("",))
    }
