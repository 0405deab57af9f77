"""A made-up bank as a case, and what is known of its customers since it was made so."""

from functools import cache
from typing import Final

from benchmarks.scoreboard.data import Case
from modelling.simulation import SimulationPlan, Truth, simulated
from scoring.arrays import DAY

NAME: Final = "Simulator (synthetic)"
KNOWN: Final = 365  # days to learn from
PLAN: Final = SimulationPlan(customers=6_000, days=730, seed=2024)  # no test has this seed
LAPSE_DAYS: Final = 60.0
REASON: Final = (
    "a card is used about ten times a month and left alone for four weeks at most in holidays, so "
    "that two months without any use say much"
)


@cache
def bank(plan: SimulationPlan = PLAN, known: int = KNOWN) -> tuple[Case, Truth]:
    """The bank, learnt from for so many days, and the truth about all its customers."""
    log, truth = simulated(plan)
    start = plan.origin + known * DAY
    case = Case(NAME, log, start, plan.days - known, LAPSE_DAYS, REASON)
    return case, truth
