"""Backtesting: what the warnings and scores of a history would have been worth.

Replayed by the live step itself (`scoring.step.replay`); judging what it raised is done here.
"""

from modelling.backtest.replays import Backtest, Backtester, Limits, Setting, limits_of, with_limits
from modelling.backtest.snapshots import ScoreJudged, SnapshotsJudged
from modelling.backtest.stretches import Fate, Stretches, stretches
from modelling.backtest.tally import ANY, BANDS, FLAP_DAYS, QUANTILES, Judged, Lead, Period

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
