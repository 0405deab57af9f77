"""Sentences for rules that a bank states itself, made of what their value is."""

from functools import partial

from scoring.feature import FACETS, Unit
from scoring.model import ScoringModel
from scoring.rules import Rule
from streams.outbox.wording import WORDS, Features, Speaks, money, percent


def words_of(rule: Rule) -> Speaks:
    """What tells a rule's reason: a sentence of its own, or one that fits any value."""
    return WORDS.get(rule.name) or partial(_text, rule)


def _text(rule: Rule, f: Features, model: ScoringModel) -> str:
    value = _shown(rule, f[rule.value], model)
    said = f"{rule.words[0].upper()}{rule.words[1:]}: {value}"
    if rule.segmented is not None:
        return f"{said}."
    side = "from" if rule.sign > 0 else "at or below"
    threshold = _shown(rule, rule.sign * float(model.middle[rule.slot]), model)
    return f"{said}; warned about {side} {threshold}."


def _shown(rule: Rule, value: float, model: ScoringModel) -> str:
    unit = FACETS[rule.value].unit
    if unit is Unit.MONEY:
        return money(value, model.parameters.book_currency)
    if unit is Unit.SHARE:
        return percent(value)
    number = f"{value:.1f}".removesuffix(".0")
    return f"{number} {'day' if number == '1' else 'days'}" if unit is Unit.DAYS else number
