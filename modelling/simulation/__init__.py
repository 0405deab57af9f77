"""A bank with known truth: customers, their card use and contacts, who leaves, when and why.

Here belongs what makes it up, seeded and from published figures, and what writes it down. What
Ebbwatch makes of it is told by the commands that read any history; no figure here follows theirs.
"""

from modelling.simulation.customers.leaving import LeavingReason
from modelling.simulation.figures import CardFigures
from modelling.simulation.plan import PlanError, SimulationPlan
from modelling.simulation.run import blocks, simulated
from modelling.simulation.truth import Truth

__all__ = [
    "CardFigures",
    "LeavingReason",
    "PlanError",
    "SimulationPlan",
    "Truth",
    "blocks",
    "simulated",
]
