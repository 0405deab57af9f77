"""The panel in a worker: store, rounds, the challenger scored in the shadow, metrics.

The sample that live precision and drift are told from; its arithmetic is
`scoring.monitoring`, and nothing that is scored depends on it.
"""

from streams.panel.board import PanelBoard
from streams.panel.keeper import PanelKeeper, PanelPlan
from streams.panel.scorer import ShadowScorer
from streams.panel.store import PanelStore, RedisPanelStore

__all__ = [
    "PanelBoard",
    "PanelKeeper",
    "PanelPlan",
    "PanelStore",
    "RedisPanelStore",
    "ShadowScorer",
]
