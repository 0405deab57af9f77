"""A warning in plain words: what was, what is, and what would clear it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from schemas import WouldClear
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.rules import BUILT_IN
from scoring.step.doing import Doing
from streams.outbox.phrases import FADED, Phrases, money

Features = Sequence[float]  # one customer's, in `Feature`'s order
BRIEF: Final = 1_000.0  # times a month above which so short a time is known that it tells no rate
LEAST: Final = 0.5  # minor units below which an amount shows as none
Speaks = Callable[[Features, ScoringModel, Phrases], str]


def _rhythm(f: Features, say: Phrases) -> str:
    repeats, gap = f[Feature.FREQUENCY], round(f[Feature.USUAL_GAP])
    if repeats < 1:
        return say("rhythm.once")
    if repeats == 1:
        return say("rhythm.running") if gap <= 1 else say("rhythm.twice", gap=gap)
    return say("rhythm.daily") if gap <= 1 else say("rhythm", gap=gap)


def _silence(f: Features, model: ScoringModel, say: Phrases) -> str:
    since, rhythm = f[Feature.DAYS_SINCE_LAST], _rhythm(f, say)
    if not any((since, f[Feature.FREQUENCY], f[Feature.USE_THEN])):
        last = say("silence.never")
    elif since < 1:
        last = say("silence.today", rhythm=rhythm)
    else:
        last = say("silence.since", days=say.days(since), rhythm=rhythm)
    chance = say.percent(f[Feature.P_NO_PURCHASE])
    return say("silence", since=last, chance=chance, days=say.days(model.horizon))


def _spend(f: Features, model: ScoringModel, say: Phrases) -> str:
    currency, now, before = (
        model.parameters.book_currency,
        f[Feature.SPEND_NOW],
        f[Feature.SPEND_THEN],
    )
    then = money(max(before, 0.0), currency)
    if f[Feature.USE_THEN] > BRIEF:
        return say("spend.brief")
    if abs(before) < LEAST and abs(now) < LEAST:
        return say("spend.seldom" if before or now else "spend.never")
    if now < 0:
        return say("spend.refunded", then=then) if before > 0.0 else say("spend.refunded.both")
    return say("spend", now=money(now, currency), then=then)


def _times(key: str, then: float, now: float, say: Phrases) -> str:
    if then > BRIEF:
        return say(f"{key}.brief")
    if then < FADED and now < FADED:
        return say(f"{key}.seldom" if then or now else f"{key}.never")
    if now < FADED:
        return say(f"{key}.hardly", then=say.often(then))
    return say(key, now=say.often(now), then=say.often(then))


def _use(f: Features, _: ScoringModel, say: Phrases) -> str:
    return _times("use", f[Feature.USE_THEN], f[Feature.USE_NOW], say)


def _engagement(f: Features, _: ScoringModel, say: Phrases) -> str:
    return _times("visits", f[Feature.VISITS_THEN], f[Feature.VISITS_NOW], say)


def _overdue(f: Features, _: ScoringModel, say: Phrases) -> str:
    if not (f[Feature.OVERDUE] or f[Feature.REPAID]):
        return say("overdue.never")
    overdue, repaid = say.tenths(f[Feature.OVERDUE]), say.tenths(f[Feature.REPAID])
    if f[Feature.OVERDUE] < FADED:
        return say("overdue.none", rate=say.percent(f[Feature.OVERDUE_RATE]), repaid=repaid)
    key = "overdue.one" if overdue == "1" else "overdue"
    return say(key, rate=say.percent(f[Feature.OVERDUE_RATE]), overdue=overdue, repaid=repaid)


def _dissatisfaction(f: Features, _: ScoringModel, say: Phrases) -> str:
    spoken = [f[sign] for sign in (Feature.COMPLAINTS, Feature.LOW_SURVEYS, Feature.DETRACTIONS)]
    signs = (
        (spoken[0], "heard.complained"),
        (spoken[1], "heard.rated"),
        (spoken[2], "heard.detracted"),
        (f[Feature.DISSATISFACTION] - sum(spoken), "heard.unhappy"),
    )
    heard = [say(sign) for weight, sign in signs if weight >= FADED]
    if not heard:
        return say(
            "dissatisfaction.faded" if f[Feature.DISSATISFACTION] else "dissatisfaction.never"
        )
    return say("dissatisfaction", heard=say("list").join(heard))


def _churn(f: Features, model: ScoringModel, say: Phrases) -> str:
    risk = say.percent(f[Feature.CHURN_RISK])
    return say("churn", risk=risk, days=say.days(model.churn_horizon))


def _newcomer(f: Features, _: ScoringModel, say: Phrases) -> str:
    alone = f[Feature.NEWCOMER_DAYS]
    return say("newcomer", days=say.days(alone)) if alone >= 1 else say("newcomer.over")


def _card(f: Features, _: ScoringModel, say: Phrases) -> str:
    unused = f[Feature.CARD_UNUSED_DAYS]
    if unused < 1:
        return say("card.used")
    gap = say.days(max(round(f[Feature.CARD_GAP]), 1))
    return say("card", days=say.days(unused), gap=gap)


def _charges(f: Features, _: ScoringModel, say: Phrases) -> str:
    late, known = round(f[Feature.CHARGES_STOPPED]), round(f[Feature.RECURRING_CHARGES])
    if late < 1:
        told = say("charges.none")
    elif known == 1:
        told = say("charges.only")
    else:
        told = say("charges.one" if late == 1 else "charges", late=late, known=known)
    moved = round(f[Feature.CHARGES_MOVED])
    if moved < 1:
        return told
    more = say("charges.moved.one" if moved == 1 else "charges.moved", moved=moved)
    return say("needs.join").join((told, more))


WORDS: Final[Mapping[str, Speaks]] = {
    "silence": _silence,
    "spend_decline": _spend,
    "card_use_decline": _use,
    "engagement_decline": _engagement,
    "overdue": _overdue,
    "dissatisfaction": _dissatisfaction,
    "churn": _churn,
    "newcomer": _newcomer,
    "card_abandoned": _card,
    "recurring_stopped": _charges,
}
_MUTE: Final = set(BUILT_IN) ^ WORDS.keys()
if _MUTE:
    raise ValueError(f"words: expected those of every rule and of no other, got {sorted(_MUTE)}")

PURCHASES: Final = (Doing.CHARGE, Doing.CARD_USE)  # of a sort, which the words tell


def clearing(doing: Doing, times: int, days: int, then: int, say: Phrases) -> WouldClear:
    """What would clear a warning, in words too.

    >>> from streams.outbox.phrases import phrases
    >>> clearing(Doing.PURCHASE, 2, 14, 0, phrases("en")).text
    '2 purchases of the usual amount in the next 14 days would clear this.'
    """
    name = doing.name.lower()
    key = f"clear.{name}.one" if times == 1 else f"clear.{name}"
    told: Any = Doing.PURCHASE.name.lower() if doing in PURCHASES else name
    text = say(key, times=times, days=say.days(days))
    if then:
        text = say("clear.then", clearing=text, days=say.days(then))
    return WouldClear(doing=told, times=times, within_days=days, then_days=then, text=text)
