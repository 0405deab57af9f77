"""Counting customers up, and the figures that come of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from ebbwatch.serve.portfolio.moods import Mood, Moods, TouchpointMood, TouchpointMoods
from scoring.arrays import Floats, Ints
from scoring.evaluation.concentration import PARETO
from scoring.facts.state import States
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.segments import DEFINITIONS, Basis, satisfaction_at
from scoring.segments.histograms import PER_OCTAVE, logarithmic, lower_edge
from scoring.step.outcome import score
from scoring.warning.lifecycle import LOW
from streams.outbox.parts import BANDS

TOP: Final = 100
CLASSES: Final = ("lifecycle", "value_tier", "standing", "loyalty")  # that are counted
_COLUMN: Final = {definition.name: place for place, definition in enumerate(DEFINITIONS)}
_NAMES: Final = {definition.name: definition.classes for definition in DEFINITIONS}


class AtRisk(NamedTuple):
    """A customer by what may be lost.

    Attributes:
        value_at_risk: churn risk times what is at stake, minor units.
        customer: their id.
        churn_risk: as told.
        value_at_stake: minor units.
        p_alive: as told.
        band: the highest of their open warnings.
        rule: whose it is, "" for none.
    """

    value_at_risk: float
    customer: str
    churn_risk: float
    value_at_stake: float
    p_alive: float
    band: str
    rule: str


@dataclass(frozen=True)
class Overview:
    """Figures of all customers.

    Attributes:
        at: when the last of them was looked at, epoch seconds.
        seconds: that looking took.
        customers: how many were, buyers or not.
        clv_total: lifetime value ahead of all who bought, minor units.
        clv: least value of each class of value (minor units) and customers in it, rising.
        lorenz: share of customers and of value, rising, the poorest first.
        pareto_share: part of all value that the top fifth hold; None where nobody holds any.
        classes: customers by class of each of `CLASSES`; empty without cut points.
        moods: how satisfied they are by class; empty likewise.
        touchpoints: how satisfied they are where they met the bank, the least first.
        rfm: customers by recency and frequency quintile, [recency - 1][frequency - 1].
        rfm_value: their lifetime value, likewise.
        warnings: open ones by rule and band.
        warned: customers with any by route and highest band.
        with_warnings: customers with any.
        top: most at risk first.
    """

    at: float
    seconds: float
    customers: int
    clv_total: float
    clv: tuple[tuple[float, int], ...]
    lorenz: tuple[tuple[float, float], ...]
    pareto_share: float | None
    classes: dict[str, dict[str, int]]
    moods: Mapping[str, Mapping[str, Mood]]
    touchpoints: tuple[TouchpointMood, ...]
    rfm: tuple[tuple[int, ...], ...]
    rfm_value: tuple[tuple[float, ...], ...]
    warnings: dict[tuple[str, str], int]
    warned: dict[tuple[str, str], int]
    with_warnings: int
    top: tuple[AtRisk, ...]


@dataclass
class CustomerTally:
    """Counts customers, some at a time, in any order.

    Args:
        model: by which they are scored.
    """

    model: ScoringModel
    customers: int = 0
    with_warnings: int = 0
    _clv: Counter[int] = field(default_factory=Counter)
    _clv_sums: Counter[int] = field(default_factory=Counter)
    _classes: Counter[tuple[str, int]] = field(default_factory=Counter)
    _warnings: Counter[tuple[int, int]] = field(default_factory=Counter)
    _warned: Counter[tuple[str, int]] = field(default_factory=Counter)
    _top: list[AtRisk] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rfm, self._rfm_value = np.zeros((5, 5), np.int64), np.zeros((5, 5))
        self._moods, self._touchpoints = Moods(), TouchpointMoods()

    def add(self, ids: Sequence[bytes], states: States, now: Floats) -> None:
        """Count some customers as they stand at `now`, shapes (n,); each once."""
        told = score(states, now, self.model)
        self.customers += len(ids)
        basis = Basis(states, told["features"].T, now, self.model)
        self._touchpoints.add(satisfaction_at(basis))
        bought = states["purchase_days"] > 0
        self._add_values(told["features"][bought, Feature.CLV])
        if self.model.parameters.segments is not None:
            self._add_classes(told[bought])
        self._add_warnings(told["levels"])
        self._add_top(ids, told)

    def _add_values(self, clv: Floats) -> None:
        worth = np.maximum(clv, 0.0)
        buckets, places = np.unique(logarithmic(worth), return_inverse=True)
        counts, sums = np.bincount(places), np.bincount(places, worth)
        self._clv.update(dict(zip(buckets.tolist(), counts.tolist(), strict=True)))
        self._clv_sums.update(dict(zip(buckets.tolist(), sums.tolist(), strict=True)))

    def _add_classes(self, told: States) -> None:
        for name in CLASSES:
            codes, counts = np.unique(told["segments"][:, _COLUMN[name]], return_counts=True)
            for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
                self._classes[name, code] += count
        self._moods.add(told)
        place = tuple(told["segments"][:, _COLUMN[n]] for n in ("recency", "frequency"))
        np.add.at(self._rfm, place, 1)
        np.add.at(self._rfm_value, place, np.maximum(told["features"][:, Feature.CLV], 0.0))

    def _add_warnings(self, levels: Ints) -> None:
        self.with_warnings += int((levels > LOW).any(axis=1).sum())
        for rule in self.model.rules.rules:
            for level, count in enumerate(np.bincount(levels[:, rule.slot], minlength=3).tolist()):
                self._warnings[rule.slot, level] += count
        for route, slots in self.model.rules.by_route.items():
            highest = levels[:, list(slots)].max(axis=1, initial=LOW)
            for level, count in enumerate(np.bincount(highest, minlength=3).tolist()):
                self._warned[route, level] += count

    def _add_top(self, ids: Sequence[bytes], told: States) -> None:
        at_stake = told["features"][:, Feature.VALUE_AT_STAKE]
        at_risk = told["churn_risk"] * at_stake
        least = self._top[-1].value_at_risk if len(self._top) == TOP else 0.0
        rows = np.flatnonzero(at_risk > least)
        rows = rows[np.argsort(-at_risk[rows], kind="stable")[:TOP]]
        self._top += [
            self._at_risk(ids[row], told[row], float(at_risk[row])) for row in rows.tolist()
        ]
        self._top.sort(key=lambda each: (-each.value_at_risk, each.customer))
        del self._top[TOP:]

    def _at_risk(self, customer: bytes, row: np.void, at_risk: float) -> AtRisk:
        slot = int(row["levels"].argmax())
        level, values = int(row["levels"][slot]), row["features"]
        return AtRisk(
            at_risk,
            customer.decode(),
            float(row["churn_risk"]),
            float(values[Feature.VALUE_AT_STAKE]),
            float(values[Feature.P_ALIVE]),
            BANDS[level],
            self.model.rules[slot].name if level > LOW else "",
        )

    def overview(self, at: float, seconds: float) -> Overview:
        """The figures of who was counted so far."""
        total = float(sum(self._clv_sums.values()))
        lorenz = self._lorenz(total)
        rules = {rule.slot: rule.name for rule in self.model.rules.rules}
        return Overview(
            at=at,
            seconds=seconds,
            customers=self.customers,
            clv_total=total,
            clv=self._clv_classes(),
            lorenz=lorenz,
            pareto_share=None if total <= 0.0 else _top_share(lorenz),
            classes=self._named_classes(),
            moods={} if self.model.parameters.segments is None else self._moods.told(),
            touchpoints=self._touchpoints.told(),
            rfm=tuple(map(tuple, self._rfm.tolist())),
            rfm_value=tuple(map(tuple, self._rfm_value.tolist())),
            warnings={
                (rules[slot], BANDS[level]): count
                for (slot, level), count in self._warnings.items()
                if level > LOW
            },
            warned={(r, BANDS[level]): n for (r, level), n in self._warned.items() if level > LOW},
            with_warnings=self.with_warnings,
            top=tuple(self._top),
        )

    def _clv_classes(self) -> tuple[tuple[float, int], ...]:
        """Half octaves, from the least that anybody is in to the most."""
        halves: Counter[int] = Counter()
        for bucket, count in self._clv.items():
            halves[-1 if bucket == 0 else (bucket - 1) // (PER_OCTAVE // 2)] += count
        if not halves:
            return ()
        return tuple(
            (lower_edge(0 if half < 0 else 1 + half * (PER_OCTAVE // 2)), halves[half])
            for half in range(min(halves), max(halves) + 1)
        )

    def _lorenz(self, total: float) -> tuple[tuple[float, float], ...]:
        """A straight line within a bucket, of which there are 16 an octave."""
        if total <= 0.0:
            return ()
        order = sorted(self._clv)
        people = np.cumsum([self._clv[bucket] for bucket in order]) / sum(self._clv.values())
        value = np.cumsum([self._clv_sums[bucket] for bucket in order]) / total
        return ((0.0, 0.0), *zip(people.tolist(), value.tolist(), strict=True))

    def _named_classes(self) -> dict[str, dict[str, int]]:
        if self.model.parameters.segments is None:
            return {}
        return {
            name: {of: self._classes[name, code] for code, of in enumerate(_NAMES[name])}
            for name in CLASSES
        }


def _top_share(lorenz: tuple[tuple[float, float], ...]) -> float:
    people, value = zip(*lorenz, strict=True)
    return float(1.0 - np.interp(1.0 - PARETO, people, value))
