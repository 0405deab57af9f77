"""Every metric a worker has, registered as its composition root does it."""

from prometheus_client import CollectorRegistry

from streams.panel import PanelBoard
from streams.telemetry.metrics import Metrics


def all_metrics() -> CollectorRegistry:
    """A registry that holds them all, with nothing counted yet."""
    registry = CollectorRegistry()
    Metrics(registry)
    PanelBoard(registry)
    return registry
