"""A rule made of its table, on top of what it is without."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from scoring.feature import FACETS, Feature, InSilence, Unit
from scoring.rules.file_sections import CallTable, TextTable, TierTable
from scoring.rules.quiet import Quiet
from scoring.rules.rule import ClassLimits, Limits, Rule, Segmented
from scoring.rules.sections import QuietHours, RuleTable
from scoring.rules.segmented import STILL
from scoring.rules.texts import KINDS, Texts
from scoring.rules.tiers import VALUE_TIERS, WARNING_BANDS, Cell, TierAmounts

LIMITS: Final = ("middle", "high", "hysteresis", "points", "floor", "raises")
_PLAIN: Final = ("route", "needs_rhythm", "words", "cooldown_days", "clear_after_days")


def made(name: str, table: RuleTable, base: Rule | None) -> Rule:
    """The rule that a table without faults states; `base` is what a built-in one is else."""
    rule = _own(name, table) if base is None else replace(base, stated=_stated(table))
    changes: dict[str, Any] = {
        key: value for key in _PLAIN if (value := getattr(table, key)) is not None
    }
    if table.actions is not None:
        changes["actions"] = (table.actions.middle, table.actions.high)
    if table.interventions is not None:
        changes["interventions"] = (table.interventions.middle, table.interventions.high)
    for key in ("then", "now"):
        if (named := getattr(table, key)) is not None:
            changes[key] = feature(named)
    if table.quiet is not None:
        changes["quiet"] = quiet_of(table.quiet)
    if table.segment is not None:
        changes["segmented"] = _segmented(table)
    return replace(rule, **changes)


def feature(name: str) -> Feature:
    """The feature of a name in small letters."""
    return Feature[name.upper()]


def quiet_of(hours: QuietHours | None) -> Quiet | None:
    """Quiet hours as the core holds them."""
    return None if hours is None else Quiet.of(hours.hours, hours.weekdays)


def amounts(table: TierTable | None) -> TierAmounts | None:
    """Where value tiers begin, as far as a file states it."""
    return None if table is None else TierAmounts(table.unit, table.middle, table.high)


def texts_of(tables: Mapping[str, TextTable]) -> Texts:
    """A bank's own words, by language, kind and code."""
    return {
        (language, kind, code): said
        for language, table in tables.items()
        for kind in KINDS
        for code, said in getattr(table, kind).items()
    }


def cell(call: CallTable) -> Cell:
    """The place of an intervention in the table of risk and value."""
    return call.rule, 1 + WARNING_BANDS.index(call.band), VALUE_TIERS.index(call.tier)


def _own(name: str, table: RuleTable) -> Rule:
    """A rule that is not built in, with its defaults."""
    assert table.slot is not None  # noqa: S101 - a table without faults has them
    assert table.value is not None  # noqa: S101
    value, sign = feature(table.value), -1 if table.direction == "below" else 1
    limits = {"hysteresis": 0.0, "points": 0.0, "floor": 0.0, **_stated(table)}
    if sign < 0 and table.floor is None:
        limits["floor"] = limits["middle"]
    money = FACETS[value].unit is Unit.MONEY
    rule = Rule(
        name=name,
        slot=table.slot,
        route="relationship",
        value=value,
        then=None,
        now=value,
        actions=("", ""),
        limits=Limits(**limits) if "middle" in limits else None,
        sign=sign,
        words=FACETS[value].words,
        currency=table.unit if money else None,
    )
    moves = rule.in_silence
    waits = moves in {InSilence.RISES, InSilence.MIXED} or (moves is InSilence.HELD and sign < 0)
    return replace(rule, needs_rhythm=waits)


def _stated(table: RuleTable) -> dict[str, float]:
    stated = {key: getattr(table, key) for key in LIMITS}
    return {key: float(value) for key, value in stated.items() if value is not None}


def _segmented(table: RuleTable) -> Segmented | None:
    """The thresholds by class; none where nothing is stated."""
    for name, classes in (table.segment or {}).items():
        own = (
            ClassLimits(STILL[name].index(one), limits.middle, limits.high, limits.hysteresis)
            for one, limits in classes.items()
        )
        return Segmented(name, tuple(sorted(own, key=lambda one: one.code)))
    return None
