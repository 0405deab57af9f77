"""Thresholds of rules, as they are and as they are tried."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.parameters import RuleLimits
from scoring.rules import BUILT_IN, CHURN, RuleSet

CARD: Final = BUILT_IN[CHURN]
TRIED: Final = {"middle", "high", "raises"}  # of a rule's limits
RuleThresholds = Mapping[str, tuple[float, float]]


def told(thresholds: RuleThresholds) -> str:
    """Thresholds in words.

    >>> told({"silence": (0.5, 0.9)})
    'silence 0.5:0.9'
    """
    return ", ".join(f"{name} {low:g}:{high:g}" for name, (low, high) in thresholds.items())


def with_thresholds(model: ScoringModel, thresholds: RuleThresholds) -> ScoringModel:
    """The model with other thresholds for some rules.

    Args:
        model: whose other parameters stay.
        thresholds: middle and high by rule name.

    Raises:
        ParameterError: there is no such rule, or its thresholds do not rise as they must.
    """
    rules = {**limits_of(model)}
    for name, (middle, high) in thresholds.items():
        if name not in rules:
            raise ParameterError(where="rule", expected=", ".join(rules), got=name)
        rules[name] = _limited(name, rules[name], middle, high)
    of_card, card = rules.pop(CARD, None), model.churn
    if of_card is not None and card is not None:
        card = replace(card, middle=of_card.middle, high=of_card.high)
    parameters = replace(model.parameters, rules=MappingProxyType(rules), churn=card)
    return ScoringModel(parameters, _giving_way(model.rules, thresholds))


def _giving_way(rules: RuleSet, tried: RuleThresholds) -> RuleSet:
    """The bank's rules, without what they state themselves of thresholds that are tried."""
    own = [
        replace(rule, stated={k: v for k, v in rule.stated.items() if k not in TRIED})
        if rule.name in tried
        else rule
        for rule in rules.rules
    ]
    return replace(rules, rules=tuple(own))


def limits_of(model: ScoringModel) -> Mapping[str, RuleLimits]:
    """Limits of the rules whose thresholds can be chosen, the churn scorecard's if there is one."""
    card = model.churn
    if card is None:
        return model.parameters.rules
    own = RuleLimits(middle=card.middle, high=card.high, hysteresis=card.hysteresis, points=0.0)
    return {**model.parameters.rules, CARD: own}


def _limited(name: str, limits: RuleLimits, middle: float, high: float) -> RuleLimits:
    changed = {**limits.model_dump(), "middle": middle, "high": high, "raises": True}
    try:
        return RuleLimits.model_validate(changed)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        got = f"{middle:g}:{high:g}"
        raise ParameterError(where=f"rules.{name}", expected=detail["msg"], got=got) from error
