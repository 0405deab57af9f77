"""Sentences for rules that a bank states itself, made of what their value is."""

from scoring.feature import FACETS, Unit
from scoring.model import ScoringModel
from scoring.rules import Rule
from streams.outbox.wording import BELOW, WORDS, Features, Words, money, percent

OF_SEGMENT = "Its value back on the good side of the threshold for customers like this one."


def words_of(rule: Rule) -> Words:
    """The words of a rule: its own sentences, or those that fit any value."""
    own = WORDS.get(rule.name)
    if own is None:
        return Words(
            lambda f, model: _text(rule, f, model), lambda f, model: _clears(rule, f, model)
        )
    return own if rule.segmented is None else Words(own.text, lambda _f, _m: OF_SEGMENT)


def _text(rule: Rule, f: Features, model: ScoringModel) -> str:
    value = _shown(rule, f[rule.value], model)
    said = f"{rule.words[0].upper()}{rule.words[1:]}: {value}"
    if rule.segmented is not None:
        return f"{said}."
    side = "from" if rule.sign > 0 else "at or below"
    threshold = _shown(rule, rule.sign * float(model.middle[rule.slot]), model)
    return f"{said}; warned about {side} {threshold}."


def _clears(rule: Rule, f: Features, model: ScoringModel) -> str:
    if rule.segmented is not None:
        return OF_SEGMENT
    kept = float(model.middle[rule.slot] - model.hysteresis[rule.slot])
    if rule.sign * f[rule.value] <= kept:
        return BELOW
    side = "at most" if rule.sign > 0 else "at least"
    return (
        f"{rule.words[0].upper()}{rule.words[1:]} {side} {_shown(rule, rule.sign * kept, model)}."
    )


def _shown(rule: Rule, value: float, model: ScoringModel) -> str:
    unit = FACETS[rule.value].unit
    if unit is Unit.MONEY:
        return money(value, model.parameters.book_currency)
    if unit is Unit.SHARE:
        return percent(value)
    number = f"{value:.1f}".removesuffix(".0")
    return f"{number} {'day' if number == '1' else 'days'}" if unit is Unit.DAYS else number
