"""The panel in a worker: store, rounds, the challenger scored in the shadow, metrics."""

from streams.shadow.board import PanelBoard
from streams.shadow.keeper import PanelKeeper, PanelPlan
from streams.shadow.scorer import ShadowScorer
from streams.shadow.store import PanelStore, RedisPanelStore

__all__ = [
    "PanelBoard",
    "PanelKeeper",
    "PanelPlan",
    "PanelStore",
    "RedisPanelStore",
    "ShadowScorer",
]
