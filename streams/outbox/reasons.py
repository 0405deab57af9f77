"""Why a warning stands: the rules that give most points, each with its evidence in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from schemas import MOST_REASONS, Reason
from scoring.feature import FACETS, Feature
from scoring.model import ScoringModel
from scoring.rules import Rule
from scoring.warning.lifecycle import LOW
from streams.outbox.own_words import words_of
from streams.outbox.parts import Row
from streams.outbox.phrases import Phrases
from streams.outbox.wording import Features, Speaks

TELLING: Final = 0.5  # points below which a contribution is no reason


class Told(NamedTuple):
    """What a rule's reasons are made of.

    Attributes:
        then, now, value: features that they show.
        words: what they say.
        same: fields that are the same in all of them.
    """

    then: Feature | None
    now: Feature
    value: Feature
    words: Speaks
    same: Mapping[str, Any]


@dataclass(frozen=True)
class Reasons:
    """Gives the reasons of one model in one language."""

    model: ScoringModel
    say: Phrases

    def behind(self, row: Row, own: Rule | None = None) -> dict[str, Any]:
        """What a score is made of: the reasons, a rule's own among them, and the other points."""
        points, told = row["points"], self._slots_of(row, own)
        base = 0.0 if self.model.churn is None else self.model.churn.base_points
        return {
            "base_points": base,
            "reasons": tuple([self.reason(row["features"], slot, points[slot]) for slot in told]),
            "other_points": row["score"] - base - sum([points[slot] for slot in told]),
        }

    def _slots_of(self, row: Row, own: Rule | None) -> list[int]:
        """The rule itself, what else is warned of and what contributes, most points first."""
        points, levels = row["points"], row["levels"]
        mine = None if own is None else own.slot
        told = [
            slot
            for slot in self._told
            if (points[slot] >= TELLING or levels[slot] > LOW) and slot != mine
        ]
        told.sort(key=points.__getitem__, reverse=True)  # of equal points the earlier rule first
        if mine is None:
            return told[:MOST_REASONS]
        return sorted([mine, *told[: MOST_REASONS - 1]], key=lambda slot: (-points[slot], slot))

    def reason(self, f: Features, slot: int, points: float) -> Reason:
        """A rule's points with their evidence, in words."""
        then, now, value, words, same = self._told[slot]
        return Reason(
            points=points,
            then=None if then is None else f[then],
            now=f[now],
            value=f[value],
            text=words(f, self.model, self.say),
            **same,
        )

    @cached_property
    def _told(self) -> Mapping[int, Told]:
        """By slot, in their order."""
        return {rule.slot: self._of(rule) for rule in self.model.rules.rules}

    def _of(self, rule: Rule) -> Told:
        threshold = rule.sign * float(self.model.middle[rule.slot])
        same = {
            "rule": rule.name,
            "unit": FACETS[rule.now].unit.value,
            "threshold": None if rule.segmented else threshold,
            "value_unit": FACETS[rule.value].unit.value,
        }
        return Told(rule.then, rule.now, rule.value, words_of(rule), same)
