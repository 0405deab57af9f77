"""One customer's life: facts, the levels of their rules, and every warning that was due."""

import hashlib
import math
from dataclasses import dataclass, field
from typing import Any

from judge.facts import Facts
from judge.laws import DAY, HELD, HIGH, LONG, LOW, MIDDLING, RULES, SHORT, Law
from judge.laws import PATIENCE as KEPT

PROOF = 2.0
TICK = 0.001
PATIENCE = 1.0  # seconds from a judgement to the next one by a timer, at least
FADING = {"overdue": LONG, "dissatisfaction": MIDDLING}
DECLINES = {
    "spend_decline": ("spend_long", "spend_short", "spend_squared", 1.0),
    "card_use_decline": ("count_long", "count_short", "count_long", 1e-6),
    "engagement_decline": ("visits_long", "visits_short", "visits_long", 1e-6),
}


@dataclass
class Level:
    """Where a rule stands."""

    level: int = LOW
    sequence: int = 0
    episode: int = 0
    since: float = -math.inf
    raised: float = -math.inf
    below_since: float = 0.0


@dataclass(frozen=True)
class Due:
    """A warning that was due, with what its figures are computed from."""

    customer: str
    rule: str
    before: int
    after: int
    episode: int
    sequence: int
    now: float
    raised_at: float
    version: str
    churn_risk: float
    x: int
    t_x: float
    tenure: float
    has_bought: bool
    monetary_value: float
    flows_now: tuple[float, float]
    flows_then: tuple[float, float]
    judgement: int
    withdrawn: str

    @property
    def warning_id(self) -> str:
        """Hash of the customer, rule and episode."""
        whose = hashlib.blake2b(self.customer.encode(), digest_size=12).hexdigest()
        return f"{whose}.{self.rule}.{self.episode}"


@dataclass(frozen=True)
class Turn:
    """A value that left the band of a warning that waits before it falls, or came back to it."""

    customer: str
    now: float
    judgement: int
    withdrawn: str


@dataclass
class Life:
    """A customer under a law that may be replaced."""

    customer: str
    law: Law
    facts: Facts
    levels: dict[str, Level] = field(default_factory=lambda: {name: Level() for name in RULES})
    due: list[Due] = field(default_factory=list)
    turned: list[Turn] = field(default_factory=list)
    judged: float = -math.inf
    judgements: int = 0

    def take(self, event: Any, clock: float) -> str:
        """Let silence pass up to the clock, then take an event and judge."""
        self.pass_silence(clock)
        before = self.facts.withdrawn
        became = self.facts.take(event)
        is_open = any(at.level > LOW for at in self.levels.values())
        same = ("marketing" in before) == ("marketing" in self.facts.withdrawn)
        assert same or not is_open, "what a case tells of marketing alone is not known here"
        if became == "applied":
            self._judge(clock, in_silence=False)
        return became

    def change_law(self, law: Law, clock: float) -> None:
        """Be judged anew, by all rules, under another law."""
        self.pass_silence(clock)
        self.law = law
        self._judge(max(clock, self.judged), in_silence=False)

    def pass_silence(self, until: float) -> None:
        """Judge at every instant up to `until` at which silence alone moves a level."""
        while (at := self._next(until)) <= until:
            self._judge(at, in_silence=True)

    def _next(self, until: float) -> float:
        over = self.facts.closed or "profiling" in self.facts.withdrawn
        if over or not self.facts.counts["events"]:
            return math.inf
        instants = [self._silent(until), *map(self._faded, FADING), *map(self._cooled, FADING)]
        instants += [self._alone(), *(self._falls(self.levels[rule]) for rule in HELD)]
        first = min(instants)
        if first > until:
            return math.inf
        tick = (math.ceil(first / TICK) + 1.0) * TICK
        return max(tick, self.judged + PATIENCE)

    def _silent(self, until: float) -> float:
        """When silence reaches its rule's next threshold, if by `until`."""
        facts, law = self.facts, self.law
        of, at = law.limits["silence"], self.levels["silence"]
        if at.level == HIGH or not facts.days:
            return math.inf
        threshold = of.middle if at.level == LOW else of.high
        latest = facts.tenure(until)
        knows = law.knows_rhythm(facts.x, latest)
        if not knows or law.p_no_purchase(facts.x, facts.t_x, latest) < threshold:
            return math.inf
        low = facts.tenure(self.judged)
        root = law.silence_root(facts.x, facts.t_x, low, latest, threshold)
        instant = facts.first_day * DAY + root * DAY
        return max(instant, at.since + law.cooldown) if at.level == LOW else instant

    def _alone(self) -> float:
        """When a newcomer has left it at one purchase or interaction for the rule's next days."""
        of, level = self.law.limits["newcomer"], self.levels["newcomer"].level
        if level == HIGH or not self.facts.is_newcomer:
            return math.inf
        days = of.middle if level == LOW else of.high
        instant = self.facts.begun + math.ceil(days) * DAY
        return instant if instant > self.judged else math.inf

    def _faded(self, rule: str) -> float:
        """When a value that falls in silence no longer keeps its level."""
        level, of = self.levels[rule].level, self.law.limits[rule]
        if level == LOW:
            return math.inf
        kept = (of.high if level == HIGH else of.middle) - of.hysteresis
        if rule == "overdue":
            over = self.facts.sum("overdue", self.judged)
            repaid = self.facts.sum("repaid", self.judged)
            rest = over - kept * (over + repaid)
            factor = kept / rest if rest > 0 else 1.0
        else:
            factor = kept / max(self._values(self.judged)[rule], 1e-300)
        age = -math.log(min(max(factor, 1e-300), 1.0)) / self.law.rates[FADING[rule]]
        return self.judged + age * DAY

    def _cooled(self, rule: str) -> float:
        """When a rule over its threshold may be raised again."""
        at, cooled = self.levels[rule], self.levels[rule].since + self.law.cooldown
        over = self._values(self.judged)[rule] >= self.law.limits[rule].middle
        return cooled if at.level == LOW and over and cooled > self.judged else math.inf

    def _judge(self, now: float, *, in_silence: bool) -> None:
        self.judged, self.judgements = now, self.judgements + 1
        values = self._values(now)
        if "profiling" in self.facts.withdrawn:
            for rule, at in self.levels.items():
                if at.level > LOW:
                    self._move(rule, at, LOW, now, values)
        elif not self.facts.closed:
            self._settle(now, values, in_silence=in_silence)

    def _settle(self, now: float, values: dict[str, float], *, in_silence: bool) -> None:
        for rule, at in self.levels.items():
            falls = now >= self._falls(at)
            if in_silence and rule in HELD and not falls:
                continue
            after = self.law.limits[rule].target(at.level - (at.below_since > 0), values[rule])
            waits = rule in HELD and after < at.level and not falls
            if waits != (at.below_since > 0):
                turn = Turn(self.customer, now, self.judgements, self.facts.withdrawn)
                self.turned.append(turn)
            if waits:
                at.below_since = at.below_since or math.ceil(now)
                continue
            at.below_since = 0.0
            cools = at.level == LOW and now < at.since + self.law.cooldown
            if after != at.level and not cools:
                self._move(rule, at, after, now, values)

    @staticmethod
    def _falls(at: Level) -> float:
        """When a level that its value has left falls, unless that comes back."""
        return at.below_since + KEPT if at.below_since else math.inf

    def _move(self, rule: str, at: Level, after: int, now: float, values: dict[str, float]) -> None:
        before, raised_at = at.level, now if at.level == LOW else at.since
        if before == LOW:
            at.episode, at.sequence, at.raised = at.episode + 1, 0, now
        at.level, at.sequence, at.below_since = after, at.sequence + 1, 0.0
        if LOW in {before, after}:
            at.since = now
        self.due.append(
            Due(
                self.customer, rule, before, after, at.episode, at.sequence, now, raised_at,
                self.law.version, self._risk(values), self.facts.x, self.facts.t_x,
                self.facts.tenure(now), bool(self.facts.days), self._monetary_value(),
                self._flows(now), self._flows(self.facts.last_event), self.judgements,
                self.facts.withdrawn,
            )
        )  # fmt: skip

    def _risk(self, values: dict[str, float]) -> float:
        return 0.0 if "profiling" in self.facts.withdrawn else self.law.churn_risk(values)

    def _values(self, now: float) -> dict[str, float]:
        facts, law = self.facts, self.law
        tenure = facts.tenure(now)
        knows = law.knows_rhythm(facts.x, tenure)
        silence = law.p_no_purchase(facts.x, facts.t_x, tenure) if knows else 0.0
        over, repaid = facts.sum("overdue", now), facts.sum("repaid", now)
        heard = ("complaints", "low_surveys", "detractions", "sentiment")
        return {
            "silence": silence,
            **{rule: self._decline(*of) for rule, of in DECLINES.items()},
            "overdue": over / (over + repaid + 1.0),
            "newcomer": facts.days_alone(now),
            "dissatisfaction": sum(facts.sum(name, now) for name in heard),
        }

    def _decline(self, long: str, short: str, squares: str, least: float) -> float:
        """The least decline that is more than chance, as of the last event."""
        facts, rates = self.facts, self.law.rates
        days = (facts.last_event - facts.first_event) / DAY
        expected = facts.sums[long] / _window(rates[LONG], days) * _window(rates[SHORT], days)
        if expected <= least:
            return 0.0
        noise = max(facts.sums[squares], 0.0) / _window(rates[LONG], days)
        noise = math.sqrt(noise * _window(2.0 * rates[SHORT], days))
        return min(max(1.0 - (facts.sums[short] + PROOF * noise) / expected, 0.0), 1.0)

    def _monetary_value(self) -> float:
        facts = self.facts
        return max((facts.total_value - facts.first_day_value) / facts.x, 0.0) if facts.x else 0.0

    def _flows(self, now: float) -> tuple[float, float]:
        """What is earned and spent a day beside purchases."""
        money, days = self.facts.money, max((now - self.facts.first_event) / DAY, 365.0)
        earned = money["direct"] + money["indirect"]
        spent = money["service"] + money["maintenance"] + money["marketing"]
        return earned / days, spent / days


def _window(rate: float, days: float) -> float:
    return max(-math.expm1(-rate * max(days, 0.0)) / rate, 1e-9)
