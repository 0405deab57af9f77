"""The rules in force together, ready for arrays whose columns are slots."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import Bools, Ints
from scoring.facts.events import hash_ids, short
from scoring.feature import Feature, InSilence
from scoring.rules.quiet import Quiet
from scoring.rules.rule import Rule, Timer
from scoring.rules.texts import Texts
from scoring.rules.tiers import ByTier, CalledFor, Cell, TierAmounts, called_for

# Slots of the built-in rules, whatever a file says of them: append only.
BUILT_IN: Final = (
    "silence",
    "spend_decline",
    "card_use_decline",
    "engagement_decline",
    "overdue",
    "dissatisfaction",
    "churn",
    "newcomer",
    "card_abandoned",
    "recurring_stopped",
)
SILENCE: Final = BUILT_IN.index("silence")
CHURN: Final = BUILT_IN.index("churn")
DISSATISFACTION: Final = BUILT_IN.index("dissatisfaction")
DECLINES: Final = tuple(
    BUILT_IN.index(name) for name in ("spend_decline", "card_use_decline", "engagement_decline")
)


class HoldoutShare(NamedTuple):
    """Whom to leave alone, so that what acting is worth can be told.

    Attributes:
        share: of the customers, 0 to 1.
        salt: deals them; another one deals anew.
    """

    share: float = 0.0
    salt: str = "ebbwatch"


NOBODY: Final = HoldoutShare()


@dataclass(frozen=True)
class RuleSet:
    """Rules, each in its slot.

    Attributes:
        name: the file's own name.
        digest: SHA-256 of what the rules say, 64 hex digits.
        rules: by slot.
        newcomers_from: the first day on which who begins is new to the bank; None for every day.
        tiers: where value tiers begin; None for the parameter file's cut points.
        by_tier: what bands call for by value tier, as far as it is stated.
        holdout: whom to leave alone.
        texts: the bank's own words for codes.
    """

    name: str
    digest: str
    rules: tuple[Rule, ...]
    newcomers_from: date | None = None
    tiers: TierAmounts | None = None
    by_tier: Mapping[Cell, ByTier] = field(default_factory=dict)
    holdout: HoldoutShare = NOBODY
    texts: Texts = field(default_factory=dict)

    def __getitem__(self, slot: int) -> Rule:
        """The rule of a slot."""
        return self._by_slot[slot]

    def calls_for(self, slot: int, level: int, tier: int | None) -> CalledFor:
        """What a level above low of a slot's rule calls for, of a customer of a value tier."""
        return called_for(self[slot], level, tier, self.by_tier)

    @property
    def version(self) -> str:
        """Name and the first 12 digits of the digest."""
        return f"{self.name}-{self.digest[:12]}"

    @cached_property
    def offers(self) -> Mapping[int, str]:
        """Codes that an offer may have, by the hash that is remembered of it."""
        codes = {code for _, kind, code in self.texts if kind == "offer"}
        codes |= {action for rule in self.rules for action in rule.actions}
        codes |= {call.action for call in self.by_tier.values() if call.action}
        names = sorted(codes)
        return dict(zip(short(hash_ids(names)).tolist(), names, strict=True))

    @cached_property
    def slots(self) -> Mapping[str, int]:
        """Slot of each rule, by name."""
        return MappingProxyType({rule.name: rule.slot for rule in self.rules})

    @cached_property
    def by_route(self) -> Mapping[str, tuple[int, ...]]:
        """Slots of the rules of each route that has any."""
        routes = {rule.route for rule in self.rules}
        return {
            route: tuple(rule.slot for rule in self.rules if rule.route == route)
            for route in routes
        }

    @cached_property
    def width(self) -> int:
        """Slots up to the last that has a rule: columns of tables by rule."""
        return self.rules[-1].slot + 1

    @cached_property
    def held(self) -> Bools:
        """Which slots are judged at the customer's own events only, shape (width,)."""
        held = np.ones(self.width, np.bool_)
        held[self._at] = [rule.in_silence is InSilence.HELD for rule in self.rules]
        return held

    @cached_property
    def rhythmic(self) -> Ints:
        """Slots of rules that need a rhythm."""
        return np.array([rule.slot for rule in self.rules if rule.needs_rhythm], np.intp)

    @cached_property
    def own_rhythmic(self) -> Ints:
        """Of these, the slots of rules that are not built in."""
        return self.rhythmic[self.rhythmic >= len(BUILT_IN)]

    @cached_property
    def signs(self) -> Ints | None:
        """1, or -1 where what lies below thresholds warns, shape (width,); None if all are 1."""
        signs = np.ones(self.width, np.int64)
        signs[self._at] = [rule.sign for rule in self.rules]
        return signs if (signs < 0).any() else None

    @cached_property
    def quiet(self) -> tuple[tuple[Quiet, Ints], ...]:
        """Quiet hours, and the slots of the rules that have them."""
        slots: dict[Quiet, list[int]] = {}
        for rule in self.rules:
            if rule.quiet is not None:
                slots.setdefault(rule.quiet, []).append(rule.slot)
        return tuple((quiet, np.array(at, np.intp)) for quiet, at in slots.items())

    @cached_property
    def segmented(self) -> tuple[Rule, ...]:
        """Rules with thresholds by class."""
        return tuple(rule for rule in self.rules if rule.segmented is not None)

    @cached_property
    def own(self) -> Mapping[str, str]:
        """Names of rules that are not built in, by slot, as JSON keys it."""
        return {str(rule.slot): rule.name for rule in self.rules if rule.slot >= len(BUILT_IN)}

    @cached_property
    def values(self) -> Ints:
        """Feature of every slot, shape (width,)."""
        values = np.full(self.width, Feature.FREQUENCY, np.intp)
        values[self._at] = [rule.value for rule in self.rules]
        return values

    @cached_property
    def timed(self) -> tuple[tuple[int, Timer], ...]:
        """Slots whose values rise in silence, and what times each."""
        return tuple((rule.slot, rule.timer) for rule in self.rules if rule.timer is not None)

    @cached_property
    def fading(self) -> tuple[Rule, ...]:
        """Rules whose values fall in silence."""
        return tuple(rule for rule in self.rules if rule.in_silence is InSilence.FALLS)

    @cached_property
    def cooling(self) -> Bools:
        """Slots whose cooldown's end is armed for them, no timer waiting for it, shape (width,)."""
        waits = [slot for slot, timer in self.timed if timer.waits]
        cooling: Bools = ~self.held & ~np.isin(np.arange(self.width), waits)
        return cooling

    @cached_property
    def _at(self) -> list[int]:
        return [rule.slot for rule in self.rules]

    @cached_property
    def _by_slot(self) -> Mapping[int, Rule]:
        return {rule.slot: rule for rule in self.rules}
