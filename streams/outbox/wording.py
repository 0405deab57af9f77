"""A warning's reasons in plain words: what was, what is, and what would clear it."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas import MINOR_UNITS
from scoring.arrays import Horizon
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.rules import BUILT_IN

FADED: Final = 0.05  # decayed counts below it show as none
BELOW: Final = "Nothing: it is below the level of a warning."

Features = Sequence[float]  # one customer's, in `Feature`'s order
Speaks = Callable[[Features, ScoringModel], str]


@dataclass(frozen=True)
class Words:
    """How one rule speaks. Every part is given one customer's features and the model."""

    text: Speaks
    would_clear: Speaks


def money(minor: float, currency: str) -> str:
    """Show an amount of minor units.

    >>> money(123456, "USD"), money(123456, "JPY")
    ('1,234.56 USD', '123,456 JPY')
    """
    exponent = MINOR_UNITS[currency]
    return f"{minor / 10**exponent:z,.{exponent}f} {currency}"


def percent(share: float) -> str:
    """Show a share of 1, never as a certainty it is not.

    >>> percent(0.5), percent(0.9999), percent(1e-9)
    ('50%', 'more than 99%', 'less than 1%')
    """
    shown = round(100.0 * share)
    if shown >= 100 and share < 1.0:  # noqa: PLR2004 - per cent
        return "more than 99%"
    return "less than 1%" if shown == 0 and share > 0.0 else f"{shown}%"


def _tenths(number: float) -> str:
    """A decayed count, which is seldom whole."""
    return "none" if number < FADED else f"{number:.1f}".removesuffix(".0")


def often(times: float) -> str:
    """Show a rate.

    >>> often(1.0), often(2.54), often(0.01)
    ('once', '2.5 times', 'less than 0.1 times')
    """
    if times < FADED:
        return "less than 0.1 times"
    return "once" if _tenths(times) == "1" else f"{_tenths(times)} times"


def _days(days: float) -> str:
    """Whole days, as many as are full."""
    full = int(days + 1e-6)
    return "1 day" if full == 1 else f"{full} days"


def _rhythm(f: Features) -> str:
    repeats, gap = f[Feature.FREQUENCY], round(f[Feature.USUAL_GAP])
    if repeats < 1:
        return "bought on one day only so far"
    if repeats == 1:
        return "bought on two days running" if gap <= 1 else f"bought twice, {gap} days apart"
    return "usually buys every day" if gap <= 1 else f"usually buys every {gap} days"


def _silence(f: Features, model: ScoringModel) -> str:
    since = f[Feature.DAYS_SINCE_LAST]
    last = "Bought within the last day" if since < 1 else f"No purchase for {_days(since)}"
    chance, ahead = percent(f[Feature.P_NO_PURCHASE]), _days(model.horizon)
    foretold = f"{chance} likely to buy nothing in the next {ahead}"
    return f"{last}; {_rhythm(f)}. {foretold[0].upper()}{foretold[1:]}."


def _spend(f: Features, model: ScoringModel) -> str:
    currency = model.parameters.book_currency
    then, now = f[Feature.SPEND_THEN], f[Feature.SPEND_NOW]
    before = f"against {money(max(then, 0.0), currency)} a month before"
    if now < 0:
        return f"Got back more in refunds than was spent lately, {before}."
    return f"Spends {money(now, currency)} a month lately, {before}."


def _times(f: Features, doing: str, then: Feature, now: Feature) -> str:
    before = f"against {often(f[then])} a month before"
    if f[now] < FADED:
        return f"Hardly {doing} any more, {before}."
    return f"{doing.capitalize()} {often(f[now])} a month lately, {before}."


def _use(f: Features, _: ScoringModel) -> str:
    return _times(f, "uses the card", Feature.USE_THEN, Feature.USE_NOW)


def _engagement(f: Features, _: ScoringModel) -> str:
    return _times(f, "visits or contacts the bank", Feature.VISITS_THEN, Feature.VISITS_NOW)


def _overdue(f: Features, _: ScoringModel) -> str:
    overdue, repaid = _tenths(f[Feature.OVERDUE]), _tenths(f[Feature.REPAID])
    instalments = "instalment" if overdue == "1" else "instalments"
    return (
        f"Overdue rate {percent(f[Feature.OVERDUE_RATE])}: {overdue} {instalments} overdue "
        f"against {repaid} repaid, older ones counting less."
    )


def _dissatisfaction(f: Features, _: ScoringModel) -> str:
    spoken = [f[sign] for sign in (Feature.COMPLAINTS, Feature.LOW_SURVEYS, Feature.DETRACTIONS)]
    signs = (
        (spoken[0], "complained"),
        (spoken[1], "rated the service low"),
        (spoken[2], "would not recommend the bank"),
        (f[Feature.DISSATISFACTION] - sum(spoken), "sounded unhappy"),
    )
    heard = [sign for weight, sign in signs if weight >= FADED]
    return f"Shows dissatisfaction: {', '.join(heard)}." if heard else "Dissatisfaction has faded."


def _clears_below(name: str, model: ScoringModel) -> float:
    """Value at or below which a rule's warning clears."""
    slot = model.rules.slots[name]
    return float(model.middle[slot] - model.hysteresis[slot])


def _kept(name: str, f: Features, then: Feature, model: ScoringModel) -> float:
    """The share of what was before at which a decline clears."""
    return (1.0 - _clears_below(name, model)) * max(float(f[then]), 0.0)


def _spend_to_clear(f: Features, model: ScoringModel) -> str:
    target = _kept("spend_decline", f, Feature.SPEND_THEN, model)
    return f"Spending {money(target, model.parameters.book_currency)} a month again."


def _use_to_clear(f: Features, model: ScoringModel) -> str:
    target = _kept("card_use_decline", f, Feature.USE_THEN, model)
    return f"Using the card {often(target)} a month again."


def _engagement_to_clear(f: Features, model: ScoringModel) -> str:
    target = _kept("engagement_decline", f, Feature.VISITS_THEN, model)
    return f"Visiting or contacting the bank {often(target)} a month again."


def _repaid_to_clear(f: Features, model: ScoringModel) -> str:
    overdue, repaid = f[Feature.OVERDUE], f[Feature.REPAID]
    needed = math.ceil(overdue / _clears_below("overdue", model) - overdue - repaid - 1.0 - 1e-9)
    return "Repaying 1 instalment." if needed <= 1 else f"Repaying {needed} instalments."


def _settled_to_clear(f: Features, model: ScoringModel) -> str:
    excess = f[Feature.DISSATISFACTION] / _clears_below("dissatisfaction", model)
    days = math.ceil(math.log(excess) / model.memory.rates[Horizon.MIDDLE])
    return f"The cause settled; with nothing new it fades in {_days(max(days, 1))}."


def _churn(f: Features, model: ScoringModel) -> str:
    days = _days(model.churn_horizon)
    return f"{percent(f[Feature.CHURN_RISK]).capitalize()} likely to be lost within {days}."


def _churn_to_clear(_f: Features, model: ScoringModel) -> str:
    return f"A purchase, and a risk below {percent(_clears_below('churn', model))}."


def _unless_below(name: str, words: Speaks) -> Speaks:
    def would_clear(f: Features, model: ScoringModel) -> str:
        value = model.rules[model.rules.slots[name]].value
        return words(f, model) if f[value] > _clears_below(name, model) else BELOW

    return would_clear


_SPOKEN: Final[Mapping[str, tuple[Speaks, Speaks]]] = {
    "silence": (_silence, lambda _f, _m: "A purchase."),
    "spend_decline": (_spend, _spend_to_clear),
    "card_use_decline": (_use, _use_to_clear),
    "engagement_decline": (_engagement, _engagement_to_clear),
    "overdue": (_overdue, _repaid_to_clear),
    "dissatisfaction": (_dissatisfaction, _settled_to_clear),
    "churn": (_churn, _churn_to_clear),
}
_MUTE: Final = set(BUILT_IN) ^ _SPOKEN.keys()
if _MUTE:
    raise ValueError(f"words: expected those of every rule and of no other, got {sorted(_MUTE)}")
WORDS: Final[Mapping[str, Words]] = {
    name: Words(text, _unless_below(name, clear)) for name, (text, clear) in _SPOKEN.items()
}
