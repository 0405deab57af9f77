"""What is known of one customer: their events summed up, in plain arithmetic."""

import math
import struct
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from judge.laws import DAY, LONG, MIDDLING, SHORT, Law

Event = Mapping[str, Any]
REMEMBERED, DAYS_KEPT = 40, 64
SUMS = {
    "spend_short": SHORT, "spend_long": LONG, "spend_squared": LONG,
    "count_short": SHORT, "count_middle": MIDDLING, "count_long": LONG,
    "visits_short": SHORT, "visits_middle": MIDDLING, "visits_long": LONG,
    "overdue": LONG, "repaid": LONG,
    "complaints": MIDDLING, "low_surveys": MIDDLING, "detractions": MIDDLING, "sentiment": MIDDLING,
}  # fmt: skip
MONEY = (
    "direct",
    "indirect",
    "fraud",
    "acquisition",
    "service",
    "maintenance",
    "marketing",
    "refunded",
)
COUNTS = (
    "events",
    "purchases",
    "refunds",
    "declined",
    "overdue",
    "cured",
    "complaints",
    "visits",
    "referrals",
    "duplicates",
    "touches",
)
COUNTED = {
    "purchase": "purchases", "refund": "refunds", "declined": "declined",
    "instalment_overdue": "overdue", "instalment_cured": "cured", "complaint": "complaints",
    "app_session": "visits", "web_visit": "visits", "chat": "visits", "email": "visits",
    "call": "visits", "branch_visit": "visits", "atm_visit": "visits", "referral": "referrals",
    "browse": "touches", "click": "touches", "share": "touches", "survey": "touches",
    "nps": "touches", "campaign_opened": "touches", "campaign_converted": "touches",
    "points_spent": "touches",
}  # fmt: skip
INTERACTIONS = ("visits", "complaints", "referrals", "touches")
OF_OLD = ("refund", "chargeback", "repayment", "interest", "loan_interest", "instalment_overdue",
          "instalment_cured", "card_blocked", "card_closed")  # fmt: skip
USES, ENDS = ("purchase", "cash_advance"), ("card_blocked", "card_closed")
PAID_INTO = {
    "refund": "refunded", "chargeback": "fraud", "fee": "direct", "interest": "direct",
    "deposit_interest": "indirect", "loan_interest": "indirect",
    "acquisition_cost": "acquisition", "service_cost": "service",
    "maintenance_cost": "maintenance", "marketing_cost": "marketing",
}  # fmt: skip
SPENT = {"purchase": 1, "refund": -1, "chargeback": -1}
PURPOSES = {"marketing": ("marketing", "direct_marketing"), "profiling": ("profiling", "scoring")}
SURVEY_BAD, NPS_BAD_UPTO = {1: 1.0, 2: 0.7}, 6
# Families of touchpoints: by the types that name none, and by what touchpoints begin with.
FAMILIES = {"app_session": 0, "chat": 0, "web_visit": 1, "call": 2, "branch_visit": 3,
            "atm_visit": 4, "email": 5}  # fmt: skip
BEGINNINGS = {"app": 0, "web": 1, "hotline": 2, "phone": 2, "branch": 3, "atm": 4, "email": 5}
ELSEWHERE = 6
# Groups of the merchant categories that the suite's customers buy in.
CATEGORIES = {
    "0000": 0,
    "5411": 1,
    "5812": 2,
    "4511": 3,
    "5541": 4,
    "5311": 5,
    "7832": 6,
    "4900": 7,
}


def instant(text: str) -> float:
    """Epoch seconds of an ISO 8601 time."""
    return datetime.fromisoformat(text).timestamp()


@dataclass
class Card:
    """The customer's one card."""

    name: str
    first: float
    last: float
    ended: float = 0.0
    uses: int = 0


@dataclass
class Met:
    """What is known of a customer at one family of touchpoints, in whole seconds."""

    last: float
    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    answers: dict[str, tuple[float, int]] = field(default_factory=dict)


@dataclass
class Facts:
    """All that is remembered of a customer's events; times are epoch seconds, days since 1970."""

    law: Law
    first_event: float = 0.0
    last_event: float = 0.0
    days: set[int] = field(default_factory=set)
    total_value: int = 0
    value_by_day: dict[int, int] = field(default_factory=dict)
    first_purchase: float = math.inf
    first_id: tuple[str, str] = ("", "")
    sums: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SUMS, 0.0))
    gross: dict[str, float] = field(default_factory=lambda: dict.fromkeys(SUMS, 0.0))
    categories: dict[tuple[int, int], float] = field(default_factory=dict)
    money: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MONEY, 0))
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    answers: dict[str, tuple[float, int]] = field(default_factory=dict)
    last_visit: float = -math.inf
    begun: float = math.inf
    known_since: float = math.inf
    card: Card | None = None
    closed: bool = False
    met: dict[int, Met] = field(default_factory=dict)
    consent: dict[str, tuple[float, bool]] = field(default_factory=dict)  # withdrawn, and when
    recent: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def take(self, event: Event) -> str:
        """Take an event; tells whether it was `applied`, a `duplicate` or `too_late`."""
        name, at = (event.get("source", ""), event["event_id"]), instant(event["event_time"])
        if name in self.recent:
            self.counts["duplicates"] += 1
            return "duplicate"
        day = math.floor(at / DAY)
        if event["type"] == "purchase" and self.days and self.last_day - day >= DAYS_KEPT:
            return "too_late"
        self.recent.append(name)
        self._age(event, at)
        self._spend(event, name, at, day)
        self._answer(event, at)
        self._count(event)
        self._begin(event, at)
        self._see_card(event, at)
        if event["type"] in COUNTED and COUNTED[event["type"]] == "visits":
            self.last_visit = max(self.last_visit, at)
        self._meet(event, float(math.floor(at)))
        self._consent(event, at)
        self.closed |= event["type"] == "account_closed"
        return "applied"

    @property
    def first_day(self) -> int:
        """First purchase day, 0 before there is one."""
        return min(self.days, default=0)

    @property
    def last_day(self) -> int:
        """Last purchase day, 0 before there is one."""
        return max(self.days, default=0)

    @property
    def x(self) -> int:
        """Repeat purchase days."""
        return max(len(self.days) - 1, 0)

    @property
    def t_x(self) -> float:
        """First to last purchase day, days."""
        return float(self.last_day - self.first_day)

    @property
    def first_day_value(self) -> int:
        """What was spent on the first purchase day, less what was given back of it."""
        return self.value_by_day.get(self.first_day, 0) if self.days else 0

    def tenure(self, now: float) -> float:
        """First purchase day's beginning to `now`, days."""
        return max((now - self.first_day * DAY) / DAY, self.t_x) if self.days else 0.0

    def sum(self, name: str, now: float) -> float:
        """A decayed sum as of `now`."""
        age = max((now - self.last_event) / DAY, 0.0)
        return self.sums[name] * math.exp(-self.law.rates[SUMS[name]] * age)

    @property
    def is_newcomer(self) -> bool:
        """Whether they left it at one purchase day or interaction since they began."""
        done = len(self.days) + sum(self.counts[name] for name in INTERACTIONS)
        return done <= 1 and self.begun < math.inf and self.known_since >= self.begun

    def days_alone(self, now: float) -> float:
        """Whole days since a newcomer began; 0 for others."""
        return float(max(math.floor((now - self.begun) / DAY), 0)) if self.is_newcomer else 0.0

    def _begin(self, event: Event, at: float) -> None:
        kind = event["type"]
        if kind in {"purchase", "card_activated"} or COUNTED.get(kind) in INTERACTIONS:
            self.begun = min(self.begun, at)
        if kind in OF_OLD:
            since = instant(event.get("reversed_time", event["event_time"]))
            self.known_since = min(self.known_since, at, since)

    def _see_card(self, event: Event, at: float) -> None:
        """Customers of the suite have one card, and buy where it is at hand: no charges recur."""
        kind = event["type"]
        if kind not in {*USES, *ENDS, "card_activated"}:
            return
        assert event.get("channel", "pos") in {"pos", "atm"}
        second = float(int(at))
        card = self.card = self.card or Card(event["card_id"], second, second)
        assert card.name == event["card_id"]
        card.first, card.last = min(card.first, second), max(card.last, second)
        card.uses += kind in USES
        card.ended = max(card.ended, second) if kind in ENDS else card.ended

    def _age(self, event: Event, at: float) -> None:
        """Decay everything to the later of both times, the event's own weight where it is late."""
        if not self.counts["events"]:
            self.first_event = self.last_event = at
        after = max(self.last_event, at)
        kept = [math.exp(-rate * (after - self.last_event) / DAY) for rate in self.law.rates]
        since = min(at, instant(event.get("reversed_time", event["event_time"])))
        age = max(after - since, 0.0) / DAY
        weight = [math.exp(-rate * age) for rate in self.law.rates]
        for name, added in _weights(event).items():
            horizon = SUMS[name]
            self.sums[name] = self.sums[name] * kept[horizon] + added * weight[horizon]
            self.gross[name] = self.gross[name] * kept[horizon] + abs(added) * weight[horizon]
        for group, horizon in self.categories:
            self.categories[group, horizon] *= kept[horizon]
        if event["type"] == "purchase":
            for horizon in (MIDDLING, LONG):
                place = CATEGORIES[event["merchant_category"]], horizon
                spent = self.categories.get(place, 0.0) + event["amount"] * weight[horizon]
                self.categories[place] = spent
        self.first_event, self.last_event = min(self.first_event, at), after

    def _meet(self, event: Event, at: float) -> None:
        """Note a visit, a complaint or an answer by where it happened."""
        kind = event["type"]
        is_visit = COUNTED.get(kind) == "visits"
        family = FAMILIES.get(kind)
        if "touchpoint" in event:
            family = BEGINNINGS.get(event["touchpoint"].partition(":")[0].lower(), ELSEWHERE)
        if family is None or not (is_visit or kind in {"complaint", "survey", "nps"}):
            return
        own = self.met.setdefault(family, Met(at))
        after, added = max(own.last, at), (is_visit, kind == "complaint", is_visit)
        for place, rate in enumerate(self.law.rates):
            kept = math.exp(-rate * (after - own.last) / DAY)
            own.sums[place] *= kept
            own.sums[place] += added[place] * math.exp(-rate * (after - at) / DAY)
        own.last = after
        if kind in {"survey", "nps"}:
            since, said = own.answers.get(kind, (-1.0, 0))
            if at > since or (at == since and event["score"] < said):
                own.answers[kind] = at, event["score"]

    def _spend(self, event: Event, name: tuple[str, str], at: float, day: int) -> None:
        value = SPENT.get(event["type"], 0) * event.get("amount", 0)
        self.total_value += value
        if event["type"] == "purchase":
            self.days.add(day)
            if at < self.first_purchase:
                self.first_purchase, self.first_id = at, name
        elif value and (name[0], event.get("reverses")) == self.first_id:
            day = self.first_day
        elif value:
            day = math.floor(instant(event.get("reversed_time", event["event_time"])) / DAY)
        if value:
            self.value_by_day[day] = self.value_by_day.get(day, 0) + value

    def _answer(self, event: Event, at: float) -> None:
        if event["type"] in {"survey", "nps"}:
            before, answer = self.answers.get(event["type"], (-math.inf, 0))
            if at > before or (at == before and event["score"] < answer):
                self.answers[event["type"]] = at, event["score"]

    def _consent(self, event: Event, at: float) -> None:
        """Of the words about a purpose the last counts, of two at once the one that withdraws."""
        if event["type"] != "consent_changed":
            return
        spelt, withdrawn = event["purpose"].lower().replace("-", "_"), not event["granted"]
        for purpose, names in PURPOSES.items():
            own = event["legal_basis"] not in {"contract", "legal_obligation"}
            if spelt in names and (own or (withdrawn and purpose == "marketing")):
                before = self.consent.get(purpose, (-math.inf, False))
                self.consent[purpose] = max(before, (at, withdrawn))

    @property
    def withdrawn(self) -> str:
        """Purposes that the customer withdrew consent to."""
        return " ".join(name for name in PURPOSES if self.consent.get(name, (0.0, False))[1])

    def _count(self, event: Event) -> None:
        self.counts["events"] += 1
        if event["type"] in COUNTED:
            self.counts[COUNTED[event["type"]]] += 1
        if event["type"] in PAID_INTO:
            self.money[PAID_INTO[event["type"]]] += event["amount"]


def _weights(event: Event) -> dict[str, float]:
    """What an event adds to each decayed sum; all are there, since all decay."""
    kind, added = event["type"], dict.fromkeys(SUMS, 0.0)
    value = float(SPENT.get(kind, 0) * event.get("amount", 0))
    added["spend_short"] = added["spend_long"] = value
    added["spend_squared"] = value * abs(value)
    for sort, names in (("purchase", "count"), ("visits", "visits")):
        if sort in {kind, COUNTED.get(kind)}:
            added |= {f"{names}_{horizon}": 1.0 for horizon in ("short", "middle", "long")}
    added["overdue"] = float(kind == "instalment_overdue")
    added["repaid"] = float(kind in {"repayment", "instalment_cured"})
    added["complaints"] = float(kind == "complaint")
    added["low_surveys"] = SURVEY_BAD.get(event["score"], 0.0) if kind == "survey" else 0.0
    added["detractions"] = 0.7 if kind == "nps" and event["score"] <= NPS_BAD_UPTO else 0.0
    added["sentiment"] = 0.3 * max(-_single(event.get("sentiment", 0.0)), 0.0)
    return added


def _single(value: float) -> float:
    """A number as 32 bits hold it: so sentiments are kept."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])
