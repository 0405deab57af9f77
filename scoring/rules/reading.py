"""A rules file's text, made into rules, or all that is wrong with it."""

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from scoring.rules.checks import call_faults, faults
from scoring.rules.document import document_of, fault_of, key_lines, mistake_of, text_of
from scoring.rules.file_sections import CallTable, RulesFile, TextTable
from scoring.rules.making import amounts, cell, made, quiet_of, texts_of
from scoring.rules.mistakes import Fault, Path, RulesError
from scoring.rules.quiet import Quiet
from scoring.rules.rule import Rule
from scoring.rules.rule_set import BUILT_IN, NOBODY, HoldoutShare, RuleSet
from scoring.rules.sections import QuietHours, RuleTable
from scoring.rules.tiers import ByTier, Cell

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_Section = TypeVar("_Section", bound=BaseModel)


@cache
def shipped() -> RuleSet:
    """The rules that come with the program.

    >>> [rule.name for rule in shipped().rules] == list(BUILT_IN)
    True
    """
    document = tomllib.loads(shipped_text())
    rules = []
    for slot, name in enumerate(BUILT_IN):
        rule = made(name, RuleTable.model_validate({"slot": 15, **document["rule"][name]}), None)
        rules.append(replace(rule, slot=slot))
    return RuleSet(document["name"], _digest(rules), tuple(rules))


def shipped_text() -> str:
    """The file that comes with the program, with its comments."""
    return files(__package__).joinpath("shipped.toml").read_text("utf-8")


def read_rules(content: bytes, source: str = "rules") -> RuleSet:
    """Read a bank's rules file: the shipped rules as far as it states nothing else, and its own.

    Args:
        content: TOML in UTF-8, with or without a byte order mark, its lines ended in any way.
        source: the file, for messages.

    Raises:
        RulesError: it cannot be used; names every mistake, with its line.
    """
    text = text_of(content, source)
    reading = _Reading(document_of(text, source))
    rules = reading.rules()
    if reading.faults:
        lines = key_lines(text)
        raise RulesError(source, [mistake_of(fault, lines) for fault in reading.faults])
    return rules


class _Reading:
    """One document under way; `faults` collects what is wrong."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.faults: list[Fault] = []

    def rules(self) -> RuleSet:
        file = self._valid(RulesFile, self.document, ()) or RulesFile()
        stated = {rule.name: rule for rule in self._stated(self.document.get("rule"))}
        every = [stated.pop(rule.name, rule) for rule in shipped().rules]
        every += sorted(stated.values(), key=lambda rule: rule.slot)
        rules = [_with_quiet(rule, file.quiet) for rule in every]
        made_of: dict[str, Any] = {
            "newcomers_from": file.newcomers_from,
            "tiers": amounts(file.tiers),
            "by_tier": dict(self._by_tier(self.document.get("interventions"))),
            "holdout": HoldoutShare(file.holdout.share, file.holdout.salt),
            "texts": texts_of(file.text),
        }
        self._require_rules(file.text)
        return RuleSet(file.name, _digest(rules, made_of), tuple(rules), **made_of)

    def _require_rules(self, texts: Mapping[str, TextTable]) -> None:
        known = [*BUILT_IN, *self._names()]
        for language, table in texts.items():
            for name in table.rule.keys() - known:
                fault = Fault(("text", language, "rule", name), "the name of a rule", name)
                self.faults.append(fault)

    def _by_tier(self, tables: object) -> Iterator[tuple[Cell, ByTier]]:
        if not isinstance(tables, list):  # told of already, or none at all
            return
        rules, found = [*BUILT_IN, *self._names()], set()
        for number, given in enumerate(tables, 1):
            path = ("interventions", str(number))
            call = self._valid(CallTable, given, path)
            if call is None:
                continue
            self._note(call_faults(call, rules), path)
            place = cell(call)
            if place in found:
                self._note([Fault((), "a rule, band and tier that no other table has")], path)
            found.add(place)
            yield place, ByTier(call.intervention, call.action, call.route)

    def _names(self) -> Iterable[str]:
        tables = self.document.get("rule")
        return tables if isinstance(tables, Mapping) else ()

    def _note(self, found: Iterable[Fault], path: Path) -> bool:
        """Keep what was found at a table; tell whether anything was."""
        own = [fault._replace(path=(*path, *fault.path)) for fault in found]
        self.faults += own
        return bool(own)

    def _stated(self, tables: object) -> Iterator[Rule]:
        if not isinstance(tables, Mapping):  # told of already, or none at all
            return
        slots = Counter(t.get("slot") for t in tables.values() if isinstance(t, Mapping))
        for name, given in tables.items():
            path = ("rule", name)
            table = self._valid(RuleTable, given, path)
            if table is None:
                continue
            found = list(faults(name, table, _base(name)))
            if table.slot is not None and slots[table.slot] > 1:
                found.append(Fault(("slot",), "a slot that no other rule has", table.slot))
            if not self._note(found, path):
                yield made(name, table, _base(name))

    def _valid(self, section: type[_Section], given: object, path: Path) -> _Section | None:
        try:
            return section.model_validate(given)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.faults.append(fault_of(detail, section, path))
            return None


def _base(name: str) -> Rule | None:
    return shipped()[BUILT_IN.index(name)] if name in BUILT_IN else None


def _with_quiet(rule: Rule, usual: QuietHours | None) -> Rule:
    """The rule with the file's quiet hours, unless it has its own; none instead of empty ones."""
    quiet = quiet_of(usual) if rule.quiet is None else rule.quiet
    return replace(rule, quiet=None if quiet == Quiet() else quiet)


def _digest(rules: Sequence[Rule], made_of: Mapping[str, Any] = _NOTHING) -> str:
    """Digest of rules and what else is stated, which is left out where it says nothing."""
    said: list[Any] = [asdict(rule) for rule in rules]
    for name, value in made_of.items():
        if value and value != NOBODY:
            plain = sorted(map(repr, value.items())) if isinstance(value, Mapping) else value
            said.append({name: plain.isoformat() if isinstance(plain, date) else plain})
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
