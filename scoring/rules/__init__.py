"""The warning rules: what each watches, from which threshold on, and whom it tells.

Here belong what a rule is, the file that rules are stated in and the shipped one. How levels move
is `scoring.warning`; thresholds that calibration chose are in `scoring.parameters`.
"""

from scoring.rules.mistakes import Mistake, RulesError
from scoring.rules.quiet import Quiet
from scoring.rules.reading import read_rules, shipped, shipped_text
from scoring.rules.rule import ClassLimits, Limits, Rule, Segmented, Timer
from scoring.rules.rule_set import (
    BUILT_IN,
    CHURN,
    DECLINES,
    DISSATISFACTION,
    SILENCE,
    HoldoutShare,
    RuleSet,
)
from scoring.rules.texts import NO_TEXTS, Texts, own_text
from scoring.rules.tiers import VALUE_TIERS, CalledFor, tier_of

__all__ = [
    "BUILT_IN",
    "CHURN",
    "DECLINES",
    "DISSATISFACTION",
    "NO_TEXTS",
    "SILENCE",
    "VALUE_TIERS",
    "CalledFor",
    "ClassLimits",
    "HoldoutShare",
    "Limits",
    "Mistake",
    "Quiet",
    "Rule",
    "RuleSet",
    "RulesError",
    "Segmented",
    "Texts",
    "Timer",
    "own_text",
    "read_rules",
    "shipped",
    "shipped_text",
    "tier_of",
]
