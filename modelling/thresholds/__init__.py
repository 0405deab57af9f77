"""Where the churn scorecard's bands begin, chosen by what warnings would have been worth.

Here a period is replayed by the live step at one threshold after another, and the one is chosen
that keeps a budget, earns most, or catches most at a stated precision. What a rate or a budget says
of risks alone is `modelling.churn.thresholds`; what people's answers say of any rule, `answers`.
"""

from modelling.thresholds.aim import LEAST_PRECISION, Aim
from modelling.thresholds.choosing import NOBODY, Recommended, ThresholdChoice, choose
from modelling.thresholds.economics import KEEP_CHANCE, TIERS, Economics, Tiered, tiered
from modelling.thresholds.fitting import ThresholdFit, fit_with_thresholds
from modelling.thresholds.search import ThresholdSearch, search

__all__ = [
    "KEEP_CHANCE",
    "LEAST_PRECISION",
    "NOBODY",
    "TIERS",
    "Aim",
    "Economics",
    "Recommended",
    "ThresholdChoice",
    "ThresholdFit",
    "ThresholdSearch",
    "Tiered",
    "choose",
    "fit_with_thresholds",
    "search",
    "tiered",
]
