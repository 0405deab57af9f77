"""A rules file's text, made into rules."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

from scoring.feature import Feature
from scoring.rules.rule import Limits, Rule
from scoring.rules.rule_set import BUILT_IN, RuleSet

_LIMITS = ("middle", "high", "hysteresis", "points", "floor")


@cache
def shipped() -> RuleSet:
    """The rules that come with the program.

    >>> [rule.name for rule in shipped().rules] == list(BUILT_IN)
    True
    """
    document = tomllib.loads(files(__package__).joinpath("shipped.toml").read_text("utf-8"))
    tables = document["rule"]
    rules = tuple(_rule(name, slot, tables[name]) for slot, name in enumerate(BUILT_IN))
    return RuleSet(document["name"], _digest(rules), rules)


def _rule(name: str, slot: int, table: Mapping[str, Any]) -> Rule:
    limits = {key: float(table[key]) for key in _LIMITS if key in table}
    return Rule(
        name=name,
        slot=slot,
        route=table["route"],
        value=Feature[table["value"].upper()],
        then=Feature[table["then"].upper()] if "then" in table else None,
        now=Feature[table["now"].upper()],
        actions=(table["actions"]["middle"], table["actions"]["high"]),
        limits=Limits(**limits) if limits else None,
        needs_rhythm=table.get("needs_rhythm", False),
    )


def _digest(rules: tuple[Rule, ...]) -> str:
    text = json.dumps([asdict(rule) for rule in rules], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
