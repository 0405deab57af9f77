"""Watching models at work: a panel of customers, what was foretold of them and what came true.

Pure NumPy. Everything here is for metrics only; nothing that is scored depends on it.
"""

from scoring.monitoring.drift import Drift, observed
from scoring.monitoring.forecasts import Forecast, champion, flags, threshold
from scoring.monitoring.members import Members
from scoring.monitoring.panel import MODELS, Panel, is_due, pack_panel, unpack_panel
from scoring.monitoring.promise import Evidence, PromiseError
from scoring.monitoring.questions import foretold, horizon_days
from scoring.monitoring.rounds import advance
from scoring.monitoring.sampling import sample
from scoring.monitoring.scores import SCORES
from scoring.monitoring.tallies import Figures, tally, total
from scoring.monitoring.warned import together

__all__ = [
    "MODELS",
    "SCORES",
    "Drift",
    "Evidence",
    "Figures",
    "Forecast",
    "Members",
    "Panel",
    "PromiseError",
    "advance",
    "champion",
    "flags",
    "foretold",
    "horizon_days",
    "is_due",
    "observed",
    "pack_panel",
    "sample",
    "tally",
    "threshold",
    "together",
    "total",
    "unpack_panel",
]
