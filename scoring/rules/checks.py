"""What no type tells of a rule's table: units, order of thresholds, what can be timed."""

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from schemas import CURRENCIES
from scoring.feature import FACETS, Feature, InSilence, Unit, in_silence
from scoring.rules.file_sections import CallTable
from scoring.rules.mistakes import Fault
from scoring.rules.rule import Rule
from scoring.rules.sections import RuleTable, SegmentLimits
from scoring.rules.segmented import MOVING, STILL

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
NEEDED: Final = ("slot", "value", "middle", "high", "actions")
FIXED: Final = ("slot", "value", "direction", "unit", "needs_rhythm", "words")
MOST: Final[Mapping[Unit, float]] = MappingProxyType(
    {Unit.SHARE: 1.0, Unit.DAYS: 36_500.0, Unit.TIMES: 1e6}
)
_TOLD: Final[Mapping[Unit, str]] = MappingProxyType(
    {Unit.SHARE: "share of 1 (95% is 0.95)", Unit.DAYS: "number of days", Unit.TIMES: "count"}
)


def faults(name: str, table: RuleTable, base: Rule | None) -> Iterator[Fault]:
    """All that is wrong with a table whose types are right; paths begin at its keys.

    Args:
        name: of the rule.
        table: as the file states it.
        base: what a built-in rule is without it; None for a rule of the bank's own.
    """
    if NAME.fullmatch(name) is None:
        yield Fault((), "a rule's name: a-z first, then a-z, 0-9 and _, 64 at most", name)
    yield from _built_in(table) if base else _own(table)
    for key in ("value", "then", "now"):
        named = getattr(table, key)
        if named is not None and _feature(named) is None:
            yield Fault((key,), _features(named), named)
    value = base.value if base else _feature(table.value)
    sign = -1 if table.direction == "below" else 1
    if value is not None:
        yield from _thresholds(table, value, sign, ())
        yield from _floor(table, value, sign)
        yield from _unit(table, value)
        yield from _segments(table, value, sign)
    if value is not None and base is None:
        yield from _timing(table, value, sign)


def call_faults(call: CallTable, rules: Collection[str]) -> Iterator[Fault]:
    """All that is wrong with an intervention whose types are right.

    Args:
        call: as the file states it.
        rules: names of all rules.
    """
    if call.rule is not None and call.rule not in rules:
        near = get_close_matches(call.rule, rules, 1)
        yield Fault(("rule",), f"a rule ({near[0] if near else ', '.join(rules)}?)", call.rule)
    if call.intervention is call.action is call.route is None:
        yield Fault((), "an `intervention`, an `action` or a `route`")


def _built_in(table: RuleTable) -> Iterator[Fault]:
    for key in FIXED:
        if getattr(table, key) is not None:
            yield Fault((key,), "no such key: a built-in rule keeps its own", getattr(table, key))


def _own(table: RuleTable) -> Iterator[Fault]:
    for key in NEEDED:
        if getattr(table, key) is None:
            expected = f"`{key}`, which a rule that is not built in needs"
            yield Fault((key,), expected)


def _feature(name: str | None) -> Feature | None:
    return Feature.__members__.get(name.upper()) if name and name.islower() else None


def _features(name: str) -> str:
    names = [feature.name.lower() for feature in Feature]
    near = get_close_matches(name.lower(), names, 1)
    return f"a feature ({near[0]}?)" if near else f"a feature: {', '.join(names)}"


def _thresholds(
    table: RuleTable | SegmentLimits, value: Feature, sign: int, path: tuple[str, ...]
) -> Iterator[Fault]:
    low, high, back = table.middle, table.high, table.hysteresis
    for key, threshold in (("middle", low), ("high", high)):
        if threshold is not None and not _is_within(threshold, value, sign):
            yield Fault((*path, key), _range(value, sign), threshold)
    if low is not None and high is not None and sign * low > sign * high:
        side = "at least" if sign > 0 else "at most"
        yield Fault((*path, "high"), f"{side} `middle`, {low:g}", high)
    most = MOST.get(FACETS[value].unit)
    if back is None or low is None or most is None:
        return
    room = low if sign > 0 else most - low
    if back >= room and back > 0.0:
        yield Fault((*path, "hysteresis"), f"below {room:g}, or a warning never clears", back)


def _is_within(threshold: float, value: Feature, sign: int) -> bool:
    most = MOST.get(FACETS[value].unit)
    if most is None:
        return True
    return 0.0 < threshold < most or (threshold == most and not _is_open(value, sign))


def _is_open(value: Feature, sign: int) -> bool:
    """Whether the most is never reached, or always fallen below."""
    return sign < 0 or FACETS[value].in_silence in {InSilence.RISES, InSilence.MIXED}


def _range(value: Feature, sign: int) -> str:
    unit = FACETS[value].unit
    side = "below" if _is_open(value, sign) else "at most"
    return f"a {_TOLD[unit]} above 0 and {side} {MOST[unit]:g}"


def _floor(table: RuleTable, value: Feature, sign: int) -> Iterator[Fault]:
    if table.floor is None or table.high is None or sign * table.floor < sign * table.high:
        return
    side = "below" if sign > 0 else "above"
    yield Fault(("floor",), f"{side} `high`, {table.high:g} ({value.name.lower()})", table.floor)


def _unit(table: RuleTable, value: Feature) -> Iterator[Fault]:
    unit = FACETS[value].unit
    if unit is Unit.MONEY and table.value is not None:
        if table.unit not in CURRENCIES:
            told = f"the book's currency, such as USD: {table.value} is money"
            yield Fault(("unit",), told, table.unit)
    elif table.unit not in {None, unit.value} and table.value is not None:
        yield Fault(("unit",), f"{unit.value}, the unit of {table.value}", table.unit)


def _timing(table: RuleTable, value: Feature, sign: int) -> Iterator[Fault]:
    moves = in_silence(value, sign)
    if value is Feature.CLV:
        expected = "a value that moves one way in silence (p_alive? value_at_stake? net_value?)"
        yield Fault(("value",), expected, table.value)
    elif moves is InSilence.MIXED and sign < 0:
        yield Fault(("direction",), "above: a risk so low is nothing to warn about", "below")
    elif value is Feature.DAYS_SINCE_VISIT and sign < 0:
        yield Fault(("direction",), "above: who never visited has -1 days", "below")
    elif moves is InSilence.STEPS and sign < 0:
        yield Fault(("direction",), "above: whom it does not concern has 0", "below")
    if table.needs_rhythm and moves is InSilence.FALLS:
        yield Fault(
            ("needs_rhythm",), "false: silence is no sign where the value falls in it", True
        )


def _segments(table: RuleTable, value: Feature, sign: int) -> Iterator[Fault]:
    names = list(table.segment or {})
    if len(names) > 1:
        yield Fault(("segment",), "one segmentation", ", ".join(names))
    for name, classes in (table.segment or {}).items():
        if name not in STILL:
            yield Fault(("segment", name), _segmentation(name), name)
            continue
        for one, limits in classes.items():
            path = ("segment", name, one)
            if one not in STILL[name]:
                yield Fault(path, f"a class of {name}: {', '.join(STILL[name])}", one)
            else:
                yield from _thresholds(limits, value, sign, path)


def _segmentation(name: str) -> str:
    one_of = ", ".join(STILL)
    if name in MOVING:
        return f"a segmentation that silence does not move ({one_of}); {MOVING[name]}"
    return f"one of {one_of}"
