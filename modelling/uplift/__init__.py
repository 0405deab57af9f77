"""Whom acting helps: a ranking of warned customers by how much it changes, learnt from outcomes.

Here belong the ranking and what it is learnt from. What outcomes come to without any ranking is
`streams.tools.desk`; curves and intervals are `scoring.evaluation`. Never used unless asked for.
"""

from modelling.uplift.learning import Waiting, learnt, write
from modelling.uplift.ranking import Fifth, UpliftError, UpliftRanking, rank

__all__ = ["Fifth", "UpliftError", "UpliftRanking", "Waiting", "learnt", "rank", "write"]
