"""A warning in plain words: what was, what is, and what would clear it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from schemas import MINOR_UNITS, WouldClear
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.rules import BUILT_IN
from scoring.step.counterfactual import Doing

FADED: Final = 0.05  # decayed counts below it show as none

Features = Sequence[float]  # one customer's, in `Feature`'s order
Speaks = Callable[[Features, ScoringModel], str]


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


def _churn(f: Features, model: ScoringModel) -> str:
    days = _days(model.churn_horizon)
    return f"{percent(f[Feature.CHURN_RISK]).capitalize()} likely to be lost within {days}."


WORDS: Final[Mapping[str, Speaks]] = {
    "silence": _silence,
    "spend_decline": _spend,
    "card_use_decline": _use,
    "engagement_decline": _engagement,
    "overdue": _overdue,
    "dissatisfaction": _dissatisfaction,
    "churn": _churn,
}
_MUTE: Final = set(BUILT_IN) ^ WORDS.keys()
if _MUTE:
    raise ValueError(f"words: expected those of every rule and of no other, got {sorted(_MUTE)}")

_ONE_AND_MORE: Final = {
    Doing.PURCHASE: ("A purchase", "purchases", " of the usual amount"),
    Doing.VISIT: ("A visit to the app, the web or a branch", "visits", ""),
    Doing.REPAYMENT: ("An instalment repaid", "instalments repaid", ""),
}


def clearing(doing: Doing, times: int, days: int) -> WouldClear:
    """What would clear a warning, in words too.

    >>> clearing(Doing.PURCHASE, 2, 14).text
    '2 purchases of the usual amount in the next 14 days would clear this.'
    """
    if doing == Doing.NOTHING:
        text = "No purchase, visit or repayment of the next fortnight would clear this by itself."
    elif doing == Doing.QUIET:
        text = f"With nothing new of the kind this clears in {_days(days)}."
    else:
        one, more, kind = _ONE_AND_MORE[doing]
        what = one if times == 1 else f"{times} {more}"
        text = f"{what}{kind} in the next {_days(days)} would clear this."
    name: Any = doing.name.lower()
    return WouldClear(doing=name, times=times, within_days=days, text=text)
