"""Rules held against plain ones that lead by as much: is a rule worth its warnings?

Here belong the silences that a period decides, what a rule did in each of them, plain rules of four
kinds, and the comparison at equal mean lead and at equal number of warnings, with intervals by
customer. What a rule's warnings were worth by themselves is `modelling.backtest.measures`; how a
comparison is shown is not told here.
"""

from modelling.backtest.rivals.comparison import Contest, EqualLead, Rival
from modelling.backtest.rivals.curves import CurvePoint, PlainCurve
from modelling.backtest.rivals.levels import Changes, changed, together
from modelling.backtest.rivals.plain import PlainRule, plain_rules
from modelling.backtest.rivals.silences import Silences, decided
from modelling.backtest.rivals.tally import Tally, Totals, totals

__all__ = [
    "Changes",
    "Contest",
    "CurvePoint",
    "EqualLead",
    "PlainCurve",
    "PlainRule",
    "Rival",
    "Silences",
    "Tally",
    "Totals",
    "changed",
    "decided",
    "plain_rules",
    "together",
    "totals",
]
