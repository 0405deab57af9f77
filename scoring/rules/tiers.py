"""What a band calls for by value tier: risk in one direction, the value at stake in the other."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Final, NamedTuple

from schemas import Intervention, Route
from schemas.outputs.messages import ValueTier
from scoring.rules.rule import Rule

VALUE_TIERS: Final[tuple[ValueTier, ...]] = ("low", "middle", "high")
WARNING_BANDS: Final = ("middle", "high")

Cell = tuple[str | None, int, int]  # a rule, None for all; a level; a tier's place


class TierAmounts(NamedTuple):
    """Value at stake from which on a customer is of a tier, in the major unit of a currency."""

    currency: str
    middle: float
    high: float


class CalledFor(NamedTuple):
    """What a warning calls for.

    Attributes:
        intervention, action: what to do, in kind and by its code.
        route: at which desk; the warning's topic is its rule's.
    """

    intervention: Intervention
    action: str
    route: Route


class ByTier(NamedTuple):
    """What a rules file states of one cell, None where it leaves what holds else."""

    intervention: Intervention | None
    action: str | None
    route: Route | None


def tier_of(at_stake: float, cuts: tuple[float, float] | None) -> int | None:
    """Place of the tier of a value at stake, both in minor units; None where there are no cuts.

    >>> [tier_of(value, (100.0, 500.0)) for value in (-1.0, 99.9, 100.0, 500.0)]
    [0, 0, 1, 2]
    """
    return None if cuts is None else bisect_right(cuts, at_stake)


def called_for(
    rule: Rule, level: int, tier: int | None, stated: Mapping[Cell, ByTier]
) -> CalledFor:
    """What a rule's band calls for: of a tier what is stated of the rule, else of all rules.

    Args:
        rule: that warns.
        level: of it, above low.
        tier: the customer's, None where it is not known.
        stated: by the rules file.
    """
    usual = CalledFor(rule.interventions[level - 1], rule.actions[level - 1], rule.route)
    if tier is None:
        return usual
    every, own = (stated.get((name, level, tier), _NOTHING) for name in (None, rule.name))
    intervention = own.intervention or every.intervention or usual.intervention
    action = own.action or every.action or usual.action
    return CalledFor(intervention, action, own.route or every.route or usual.route)


_NOTHING: Final = ByTier(None, None, None)
