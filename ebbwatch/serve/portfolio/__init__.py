"""Figures of all customers together, kept by looking through them little by little.

Nothing of this is computed for a request; how old a figure is, is told with it. What is counted
here is what holds now, silence included; cut points come of the store's running histograms.
"""

from ebbwatch.serve.portfolio.alive import AliveCurve, alive_curve
from ebbwatch.serve.portfolio.sweep import Sweeper
from ebbwatch.serve.portfolio.tally import AtRisk, CustomerTally, Overview

__all__ = ["AliveCurve", "AtRisk", "CustomerTally", "Overview", "Sweeper", "alive_curve"]
