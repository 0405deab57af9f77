"""What became of customers, by what the bank counts as leaving.

Here belong the labels that scorecards learn from and backtests judge by, made of a history and one
definition. The definitions themselves are `scoring.parameters.leaving`.
"""

from modelling.leaving.episodes import Episodes, episodes
from modelling.leaving.outcomes import outcomes
from modelling.leaving.stretches import Fate, Stretches, stretches

__all__ = ["Episodes", "Fate", "Stretches", "episodes", "outcomes", "stretches"]
