"""Backtesting: what the warnings and scores of a history would have been worth.

Replayed by the live step itself (`scoring.step.replay`); what it raised is measured here.
"""

from modelling.backtest.performance import (
    ANY,
    BANDS,
    FLAP_DAYS,
    Lead,
    Period,
    RulePerformance,
)
from modelling.backtest.replays import (
    Backtest,
    Backtester,
    RuleThresholds,
    Setting,
    limits_of,
    with_thresholds,
)
from modelling.backtest.scores import ScorePerformance, SnapshotPerformance
from modelling.leaving.stretches import Fate, Stretches, stretches

__all__ = [
    "ANY",
    "BANDS",
    "FLAP_DAYS",
    "Backtest",
    "Backtester",
    "Fate",
    "Lead",
    "Period",
    "RulePerformance",
    "RuleThresholds",
    "ScorePerformance",
    "Setting",
    "SnapshotPerformance",
    "Stretches",
    "limits_of",
    "stretches",
    "with_thresholds",
]
