"""A parameter file's rules and its purchase model, in plain arithmetic.

BG/NBD after Fader, Hardie and Lee (2005), Gamma-Gamma after Fader and Hardie (2013). What a file
may hold that is not known here (a churn scorecard, another model or time zone) is refused.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

DAY = 86_400.0
LOW, MIDDLE, HIGH = 0, 1, 2
BANDS = ("low", "middle", "high")
INTERVENTIONS = ("maintain", "incentivise", "win_back")
# Rules in the order of their slots: route, and the actions at band middle and high.
RULES = {
    "silence": ("relationship", "reactivation_offer", "win_back_call"),
    "spend_decline": ("relationship", "spend_incentive", "win_back_offer"),
    "card_use_decline": ("relationship", "usage_incentive", "win_back_offer"),
    "engagement_decline": ("relationship", "engagement_content", "advisor_contact"),
    "overdue": ("risk", "repayment_plan", "win_back_repayment_plan"),
    "dissatisfaction": ("relationship", "service_recovery", "service_recovery_by_manager"),
}
RULES |= {"newcomer": ("relationship", "welcome_offer", "welcome_call")}
OFFERS = ("reactivation_offer", "spend_incentive", "win_back_offer", "usage_incentive")
OFFERS += ("welcome_offer",)
SLOTS = {name: slot for slot, name in enumerate(RULES)} | {"newcomer": 7}  # 6 is the scorecard's
SHIPPED = {"newcomer": {"middle": 30.0, "high": 60.0, "hysteresis": 0.0, "points": 0.0}}
PATIENCE = 42.0 * DAY  # of the rules that are held: how long a value is below before a level falls
HELD = ("spend_decline", "card_use_decline", "engagement_decline")
SHORT, MIDDLING, LONG = 0, 1, 2


def done(action: str, withdrawn: str) -> str:
    """An action, or what is done where no offer is to be made."""
    return "advisor_contact" if "marketing" in withdrawn and action in OFFERS else action


@dataclass(frozen=True)
class Limits:
    """Thresholds of a rule."""

    middle: float
    high: float
    hysteresis: float
    points: float
    floor: float = 0.0

    def target(self, level: int, value: float) -> int:
        """The level a value puts a rule to that is at `level`."""
        if value >= self.high or (level == HIGH and value > self.high - self.hysteresis):
            return HIGH
        keeps = level >= MIDDLE and value > self.middle - self.hysteresis
        return MIDDLE if value >= self.middle or keeps else LOW


@dataclass(frozen=True)
class Law:
    """A parameter file made ready; days and minor units throughout."""

    document: Mapping[str, Any]

    def __post_init__(self) -> None:
        of = self.document
        assert of["book_timezone"] == "UTC"
        assert "churn" not in of
        assert "leaving" not in of
        assert of["purchase_model"]["type"] == "bgnbd"
        assert of["spend_model"]["type"] == "gammagamma"
        assert {*of["rules"], *SHIPPED} == RULES.keys()

    @cached_property
    def version(self) -> str:
        """As messages carry it: the name, and 12 digits of the SHA-256 of the canonical JSON."""
        rest = {name: value for name, value in self.document.items() if name != "sha256"}
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
        return f"{rest['name']}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    @cached_property
    def limits(self) -> dict[str, Limits]:
        """Of every rule."""
        return {name: Limits(**of) for name, of in (SHIPPED | self.document["rules"]).items()}

    @cached_property
    def rates(self) -> tuple[float, ...]:
        """Decay a day: short, middle, long."""
        lives = self.document["half_lives_days"]
        return tuple(math.log(2.0) / lives[name] for name in ("short", "middle", "long"))

    @cached_property
    def cooldown(self) -> float:
        """Seconds."""
        return float(self.document["scorecard"]["cooldown_days"]) * DAY

    @cached_property
    def horizon(self) -> float:
        """H, days."""
        return float(self.document["horizon_days"])

    @cached_property
    def buying(self) -> tuple[float, float, float, float]:
        """The purchase model's r, alpha (in days), a and b."""
        of, unit = self.document["purchase_model"], {"day": 1.0, "week": 7.0}
        return of["r"], of["alpha"] * unit[self.document["time_unit"]], of["a"], of["b"]

    def odds_gone(self, x: int, t_x: float, tenure: float) -> float:
        """Odds of having stopped; 0 for who bought on one day only."""
        r, alpha, a, b = self.buying
        if x == 0:
            return 0.0
        return a / (b + x - 1) * ((alpha + tenure) / (alpha + t_x)) ** (r + x)

    def p_no_purchase(self, x: int, t_x: float, tenure: float) -> float:
        """P(no purchase in the next H days)."""
        r, alpha, _, _ = self.buying
        quiet = ((alpha + tenure) / (alpha + tenure + self.horizon)) ** (r + x)
        return 1.0 - (1.0 - quiet) / (1.0 + self.odds_gone(x, t_x, tenure))

    def knows_rhythm(self, x: int, tenure: float) -> bool:
        """Whether silence may say anything yet."""
        return x >= 2 or tenure >= self.horizon

    def silence_root(self, x: int, t_x: float, low: float, high: float, threshold: float) -> float:
        """Tenure at which P(no purchase) reaches a threshold that it reaches by `high`."""
        low = max(low, 0.0 if x >= 2 else self.horizon)
        if self.p_no_purchase(x, t_x, low) >= threshold:
            return low
        for _ in range(200):
            middle = (low + high) / 2.0
            if middle in {low, high}:
                break
            over = self.p_no_purchase(x, t_x, middle) >= threshold
            low, high = (low, middle) if over else (middle, high)
        return high

    def churn_risk(self, values: Mapping[str, float]) -> float:
        """From the points of all rules."""
        card, total = self.document["scorecard"], 0.0
        for name, of in self.limits.items():
            share = (values[name] - of.floor) / (of.high - of.floor)
            total += of.points * min(max(share, 0.0), 1.0)
        base = card["base_rate"] / (1.0 - card["base_rate"])
        odds = base * 2.0 ** (total / card["points_to_double"])
        return float(odds / (1.0 + odds))
