"""Values of rules and the levels that they lead to, in plain arithmetic, for checking the package.

Nothing is imported from it. Sums are added up anew from all events at every instant.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from math import inf, log, sqrt
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

SHORT, MIDDLE, LONG = 14.0, 56.0, 182.0  # half-lives, days
DAY: Final = 86_400.0
BANDS: Final = ("low", "middle", "high")
VISITS: Final = ("app_session", "web_visit", "chat", "email", "call", "branch_visit", "atm_visit")
BAD_ANSWER: Final = {1: 1.0, 2: 0.7}  # of a survey; a detractor's is 0.7, bad words 0.3 at most
Event = Mapping[str, Any]
Life = Sequence[Event]
Floats = NDArray[np.float64]
Value = Callable[[float], float]  # by day


class Limits(NamedTuple):
    """When a rule warns; days of cooldown, and of patience before it eases or clears."""

    middle: float
    high: float
    hysteresis: float
    cooldown: float = 7.0
    patience: float = 0.0


class Weights(NamedTuple):
    """Things that count: the days that they are known from and count from, and how much."""

    known: Floats
    at: Floats
    much: Floats


class Move(NamedTuple):
    """A change of level."""

    day: float
    before: int
    after: int

    @property
    def told(self) -> str:
        """Lifecycle and band."""
        fell = "cleared" if self.after == 0 else "eased"
        rose = "raised" if self.before == 0 else "escalated"
        return f"{rose if self.after > self.before else fell}, {BANDS[self.after]}"


def moves(points: Iterable[tuple[float, float]], limits: Limits) -> list[Move]:
    """Changes of a level, from its rule's values at days: up at a threshold, down below its end.

    Down only once it has been below for as long as there is patience, and not at the threshold.
    """
    found, level, cleared, left = list[Move](), 0, -inf, inf
    for day, value in points:
        above = sum(value >= threshold for threshold in limits[:2])
        kept = sum(value > threshold - limits.hysteresis for threshold in limits[:2])
        after = max(above, min(level - (left < inf), kept))
        left = min(left, day) if after < level else inf
        if after < level and day < left + limits.patience:
            continue
        if after == level or (level == 0 and day < cleared + limits.cooldown):
            continue
        found.append(Move(day, level, after))
        level, cleared, left = after, day if after == 0 else cleared, inf
    return found


def faded(weights: Weights, day: float, half_life: float) -> float:
    """What weights known by a day add up to, each halved with every half-life since."""
    halvings = (day - weights.at) / half_life
    return float(np.where(weights.known <= day, weights.much * 0.5**halvings, 0.0).sum())


def overdue_rate(life: Life) -> Value:
    """Instalments overdue among those and the repaid and cured."""
    bad, good = _each(life, "instalment_overdue"), _each(life, "repayment", "instalment_cured")

    def value(day: float) -> float:
        return faded(bad, day, LONG) / (faded(bad, day, LONG) + faded(good, day, LONG) + 1.0)

    return value


def dissatisfaction(life: Life) -> Value:
    """Complaints, bad answers, and a third of bad words or so."""
    heard = _weights(life, _unhappy)
    return lambda day: faded(heard, day, MIDDLE)


def _unhappy(event: Event) -> float:
    said, answer = 0.3 * max(-event.get("sentiment", 0.0), 0.0), event.get("score", 10)
    match event["type"]:
        case "complaint":
            return said + 1.0
        case "survey":
            return said + BAD_ANSWER.get(answer, 0.0)
        case "nps" if answer <= 6:
            return said + 0.7
    return said


def use_decline(life: Life) -> Value:
    """That of purchases."""
    return _decline(_each(life, "purchase"), life)


def visits_decline(life: Life) -> Value:
    """That of visits."""
    return _decline(_each(life, *VISITS), life)


def spend_decline(life: Life) -> Value:
    """That of spend; what is taken back counts when it was spent."""
    signs = {"purchase": 1, "refund": -1, "chargeback": -1}

    def spent(event: Event) -> float:
        worth = event.get("book_amount", event.get("amount", 0))
        return float(signs.get(event["type"], 0) * worth)

    return _decline(_weights(life, spent), life)


def _decline(weights: Weights, life: Life) -> Value:
    """As of the last event: by how much the short sum is below the long one, beyond two sigma."""
    days = np.array(list(map(_day, life)))
    squares = weights._replace(much=weights.much * np.abs(weights.much))

    def value(day: float) -> float:
        now = float(days[days <= day].max())
        short, long, squared = (_window(h, now - days[0]) for h in (SHORT, LONG, SHORT / 2.0))
        usual = faded(weights, now, LONG) / long * short
        noise = sqrt(max(faded(squares, now, LONG), 0.0) / long * squared)
        lately = faded(weights, now, SHORT)
        return max(1.0 - (lately + 2.0 * noise) / usual, 0.0) if usual > 1e-6 else 0.0

    return value


def _window(half_life: float, observed: float) -> float:
    """Days that a sum stands for: of one a day it would be as much."""
    return max(half_life / log(2.0) * (1.0 - 2.0 ** (-observed / half_life)), 1e-9)


RULES: Final[Mapping[str, tuple[Callable[[Life], Value], Limits]]] = {
    "spend_decline": (spend_decline, Limits(0.3, 0.5, 0.05, patience=42.0)),
    "card_use_decline": (use_decline, Limits(0.3, 0.5, 0.05, patience=42.0)),
    "engagement_decline": (visits_decline, Limits(0.3, 0.5, 0.05, patience=42.0)),
    "overdue": (overdue_rate, Limits(0.25, 0.5, 0.05)),
    "dissatisfaction": (dissatisfaction, Limits(0.9, 1.8, 0.25)),
}


def expected(life: Life, until: float) -> list[tuple[float, str]]:
    """What these rules tell of a life by a day: when, and rule, lifecycle and band.

    Of who refuses profiling nothing is told from then on.
    """
    refusals = [_day(event) for event in life if event.get("purpose") == "profiling"]
    until = min(until, *refusals, inf)
    life = [event for event in life if _day(event) < until]
    days = [*map(_day, life), until]
    instants = [at for first, then in pairwise(days) for at in np.arange(first, then, 0.25)]
    told = [
        (move.day, f"{rule} {move.told}")
        for rule, (of, limits) in RULES.items()
        for move in moves(zip(instants, map(of(life), instants), strict=True), limits)
    ]
    return sorted(told)  # those of one instant by rule


def _each(life: Life, *kinds: str) -> Weights:
    return _weights(life, lambda event: float(event["type"] in kinds))


def _weights(life: Life, much: Callable[[Event], float]) -> Weights:
    own = [(_day(e), _day(e, "reversed_time"), much(e)) for e in life if much(e)]
    return Weights(*np.array(own, float).reshape(-1, 3).T)


def _day(event: Event, field: str = "event_time") -> float:
    return datetime.fromisoformat(event.get(field, event["event_time"])).timestamp() / DAY
