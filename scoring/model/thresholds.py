"""Thresholds in force by slot: a rules file's, else the parameter file's, else the shipped ones.

Where values below a threshold warn, both are held with their sign turned, so that more always is
worse. Money is in minor units.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats
from scoring.models import ParameterError
from scoring.parameters import Parameters, RuleLimits
from scoring.rules import BUILT_IN, CHURN, ClassLimits, Limits, Rule, RuleSet
from scoring.rules.segmented import BY_CUTS

OUT_OF_REACH: Final = 2.0  # of a probability
UNSTATED: Final = RuleLimits(middle=OUT_OF_REACH, high=OUT_OF_REACH, hysteresis=0.0, points=0.0)


class Bands(NamedTuple):
    """Where bands begin, and how far back a value must go to leave one.

    Attributes:
        middle, high, hysteresis: shape (slots,), or (n, slots) where rules have thresholds by
            class.
    """

    middle: Floats
    high: Floats
    hysteresis: Floats

    def of(self, slot: int) -> "Bands":
        """Those of one rule, shape () or (n,)."""
        return Bands(*(each[..., slot] for each in self))


class ThresholdsInForce(NamedTuple):
    """What rules are judged by, shapes (slots,); out of reach where a slot has no rule.

    Attributes:
        bands: where they begin.
        points: what a rule gives at its high threshold.
        floor: values up to which it gives none.
        raises: which rules warn.
        cooldown: seconds a cleared warning is not raised again.
        clear_after: seconds a value must have been out of a band before it is left.
        by_class: of rules that have them, by slot: thresholds of the customers of a class, none of
            them left out.
        tiers: value at stake from which on tiers middle and high begin, minor units; None where
            nothing says.
    """

    bands: Bands
    points: Floats
    floor: Floats
    raises: Bools
    cooldown: Floats
    clear_after: Floats
    by_class: Mapping[int, tuple[ClassLimits, ...]]
    tiers: tuple[float, float] | None


def thresholds(rules: RuleSet, parameters: Parameters) -> ThresholdsInForce:
    """Those in force.

    Raises:
        ParameterError: rules and parameters do not go together.
    """
    scorecard = parameters.scorecard
    table = np.zeros((6, rules.width))
    table[:2] = np.inf
    cooldown = np.full(rules.width, scorecard.cooldown_days * DAY)
    clear_after = np.zeros(rules.width)
    by_class: dict[int, tuple[ClassLimits, ...]] = {}
    for rule in rules.rules:
        limits, scale = _in_force(rule, parameters), minor_units(rule, parameters)
        _require_cuts(rule, parameters)
        levels = (limits.middle, limits.high, limits.floor)
        middle, high, floor = (rule.sign * scale * level for level in levels)
        _require_order(rule, middle, high, scale * limits.hysteresis)
        own = (middle, high, scale * limits.hysteresis, limits.points, floor, limits.raises)
        table[:, rule.slot] = own
        clear_after[rule.slot] = rule.clear_after_days * DAY
        if rule.cooldown_days is not None:
            cooldown[rule.slot] = rule.cooldown_days * DAY
        if rule.segmented is not None:
            own_classes = rule.segmented.classes
            by_class[rule.slot] = tuple(_of_class(one, rule, limits, scale) for one in own_classes)
    middles, highs, hysteresis, points, floors, raises = table
    bands = Bands(middles, highs, hysteresis)
    return ThresholdsInForce(
        bands,
        points,
        floors,
        raises > 0.0,
        cooldown,
        clear_after,
        by_class,
        _tiers(rules, parameters),
    )


def minor_units(rule: Rule, parameters: Parameters) -> float:
    """What thresholds that a rules file states count in the unit of the rule's value.

    Raises:
        ParameterError: they are in another currency than the book.
    """
    if rule.currency is None:
        return 1.0
    return _of_the_book(rule.currency, parameters, f"rule.{rule.name}.unit")


def _of_the_book(currency: str, parameters: Parameters, where: str) -> float:
    """Minor units of a currency that a rules file states."""
    book = parameters.book_currency
    if currency != book:
        raise ParameterError(where=where, expected=f"{book}, the book's currency", got=currency)
    return float(10**parameters.currency_exponent)


def _tiers(rules: RuleSet, parameters: Parameters) -> tuple[float, float] | None:
    """The rules file's amounts, else the parameter file's cut points."""
    if rules.tiers is not None:
        scale = _of_the_book(rules.tiers.currency, parameters, "tiers.unit")
        return scale * rules.tiers.middle, scale * rules.tiers.high
    if parameters.segments is not None:
        return parameters.segments.clv
    if rules.by_tier:
        expected = "them, or cut points in the parameter file (ebbwatch segments --out makes them)"
        raise ParameterError(where="tiers", expected=expected, got="interventions by tier alone")
    return None


def _in_force(rule: Rule, parameters: Parameters) -> Limits:
    base = rule.limits if rule.slot >= len(BUILT_IN) else _of_parameters(rule, parameters)
    assert base is not None  # noqa: S101 - the scorecard's rule alone has none
    names = ("middle", "high", "hysteresis", "points", "floor", "raises")
    return Limits(**{name: rule.stated.get(name, float(getattr(base, name))) for name in names})


def _of_parameters(rule: Rule, parameters: Parameters) -> RuleLimits:
    """The parameter file's; of the scorecard's rule its own, which gives no points to itself."""
    if rule.slot != CHURN:
        return parameters.rules[rule.name]
    card = parameters.churn
    if card is None:
        return UNSTATED
    limits = {name: getattr(card, name) for name in ("middle", "high", "hysteresis")}
    return RuleLimits(points=0.0, **limits)


def _of_class(own: ClassLimits, rule: Rule, limits: Limits, scale: float) -> ClassLimits:
    """A class's thresholds as values are held against them."""
    hysteresis = limits.hysteresis if own.hysteresis is None else own.hysteresis
    middle, high = (rule.sign * scale * level for level in (own.middle, own.high))
    _require_order(rule, middle, high, scale * hysteresis)
    return ClassLimits(own.code, middle, high, scale * hysteresis)


def _require_order(rule: Rule, middle: float, high: float, hysteresis: float) -> None:
    """Refuse what a rules file states only in part and the parameter file does not fit."""
    turned = rule.sign < 0 or rule.currency is not None  # such may lie on either side of 0
    if middle <= high and (turned or hysteresis < middle):
        return
    raise ParameterError(
        where=f"rule.{rule.name}",
        expected="hysteresis < middle <= high, together with what the parameter file says of it",
        got=f"{hysteresis:g}, {middle:g} and {high:g}",
    )


def _require_cuts(rule: Rule, parameters: Parameters) -> None:
    if rule.segmented and rule.segmented.by in BY_CUTS and parameters.segments is None:
        where = f"rule.{rule.name}.segment.{rule.segmented.by}"
        expected = "cut points in the parameter file (ebbwatch segments --out makes them)"
        raise ParameterError(where=where, expected=expected, got="none")
