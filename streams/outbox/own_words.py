"""Sentences for rules that a bank states itself, made of what their value is."""

from functools import partial

from scoring.feature import FACETS, Unit
from scoring.model import ScoringModel
from scoring.rules import Rule, own_text
from streams.outbox.phrases import Phrases, money
from streams.outbox.wording import WORDS, Features, Speaks


def words_of(rule: Rule) -> Speaks:
    """What tells a rule's reason: a sentence of its own, or one that fits any value."""
    return WORDS.get(rule.name) or partial(_text, rule)


def _text(rule: Rule, f: Features, model: ScoringModel, say: Phrases) -> str:
    words = own_text(model.rules.texts, "rule", rule.name, say.language) or rule.words
    told = {"words": words, "value": _shown(rule, f[rule.value], model, say)}
    if rule.segmented is not None:
        return say("own.segmented", **told)
    threshold = _shown(rule, rule.sign * float(model.middle[rule.slot]), model, say)
    return say("own" if rule.sign > 0 else "own.falling", **told, threshold=threshold)


def _shown(rule: Rule, value: float, model: ScoringModel, say: Phrases) -> str:
    unit = FACETS[rule.value].unit
    if unit is Unit.MONEY:
        return money(value, model.parameters.book_currency)
    if unit is Unit.SHARE:
        return say.percent(value)
    number = f"{value:.1f}".removesuffix(".0")
    if unit is Unit.DAYS:
        return say("days.one") if number == "1" else say("days", number=number)
    return number
