"""The warning rules: what each watches, from which threshold on, and whom it tells.

Here belong what a rule is, the file that rules are stated in and the shipped one. How levels move
is `scoring.warning`; thresholds that calibration chose are in `scoring.parameters`.
"""

from scoring.rules.reading import shipped
from scoring.rules.rule import Limits, Route, Rule, Timer
from scoring.rules.rule_set import BUILT_IN, CHURN, DECLINES, SILENCE, RuleSet

__all__ = [
    "BUILT_IN",
    "CHURN",
    "DECLINES",
    "SILENCE",
    "Limits",
    "Route",
    "Rule",
    "RuleSet",
    "Timer",
    "shipped",
]
