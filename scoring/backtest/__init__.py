"""Backtesting: what the warnings and scores of a history would have been worth."""

from scoring.backtest.judging import ANY, BANDS, FLAP_DAYS, QUANTILES, Judged, Lead, Period
from scoring.backtest.running import Backtest, Backtester, Limits, Setting, limits_of, with_limits
from scoring.backtest.snapshots import ScoreJudged, SnapshotsJudged
from scoring.backtest.stretches import Fate, Stretches, stretches

__all__ = [
    "ANY",
    "BANDS",
    "FLAP_DAYS",
    "QUANTILES",
    "Backtest",
    "Backtester",
    "Fate",
    "Judged",
    "Lead",
    "Limits",
    "Period",
    "ScoreJudged",
    "Setting",
    "SnapshotsJudged",
    "Stretches",
    "limits_of",
    "stretches",
    "with_limits",
]
