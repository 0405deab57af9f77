"""Backtesting: what the warnings and scores of a history would have been worth.

Replayed by the live step itself (`scoring.step.replay`); what it raised is measured here.
"""

from modelling.backtest.measures.performance import (
    ANY,
    BANDS,
    FLAP_DAYS,
    Lead,
    RulePerformance,
)
from modelling.backtest.measures.placed import Period
from modelling.backtest.measures.scores import ScorePerformance, SnapshotPerformance
from modelling.backtest.replays import Backtest, Backtester, Setting
from modelling.backtest.settings import RuleThresholds, limits_of, with_thresholds
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
