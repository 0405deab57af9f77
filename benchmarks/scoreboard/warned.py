"""The live code's warnings in a holdout, beside a plain rule's, by the same definitions."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.scoreboard.data import Case
from modelling.backtest import (
    ANY,
    BANDS,
    Backtest,
    Backtester,
    Period,
    RulePerformance,
    RuleThresholds,
    Stretches,
    limits_of,
    with_thresholds,
)
from modelling.backtest.measures.performance import rule_performance
from modelling.backtest.measures.raised import RAISED, joined
from modelling.backtest.run import SILENCE_GRID
from modelling.leaving import stretches
from scoring.arrays import DAY, Bools, Floats
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import BUILT_IN, CHURN, SILENCE
from scoring.step.replay import Replayed
from scoring.warning.lifecycle import MIDDLE

Grids = Mapping[int, tuple[float, ...]]
GRIDS: Final[Grids] = MappingProxyType({SILENCE: SILENCE_GRID, CHURN: (0.1, 0.2, 0.4, 0.6, 0.8)})
NEAR: Final = 0.1  # of the warnings, by which others may differ and still be about as many
MEDIAN: Final = "0.5"
RIVAL_GRID: Final = (0.25, 0.5, 0.75, 0.9)  # shares of N
SLOTS: Final = {name: slot for slot, name in enumerate(BUILT_IN)}


@dataclass(frozen=True)
class Line:
    """A rule at a threshold, and plain rules to hold it against.

    Attributes:
        own: What its warnings were worth.
        standing: Share of the lapses at whose instant the rule's band was up, be it since before
            the last purchase; None for rules together.
        as_often: Of `silent for D days` with about as many warnings; None where no D below N has.
        as_early: Of that with the same median lead; None where nothing was warned of rightly.
    """

    own: RulePerformance
    standing: float | None
    as_often: RulePerformance | None
    as_early: RulePerformance | None


@dataclass(frozen=True)
class Warned:
    """What a case's backtests found.

    Attributes:
        result: By the file's own thresholds, with the scores' snapshots.
        own: Of rules that warned by the file's own thresholds.
        others: Of those whose threshold was changed.
        rivals: `silent for D days`, D rising.
        events_per_second: Replayed and judged, all settings together.
    """

    result: Backtest
    own: tuple[Line, ...]
    others: tuple[Line, ...]
    rivals: tuple[RulePerformance, ...]
    events_per_second: float


def warned(case: Case, document: dict[str, Any], grids: Grids = GRIDS) -> Warned:
    """Replay a case by a parameter file, and by other thresholds of band middle, by rule's slot."""
    model, period = ScoringModel(parse(document)), Period(case.start, case.end)
    began = time.perf_counter()
    lives = stretches(
        case.log.before(math.nextafter(period.end, math.inf)), case.lapse_days, period.end
    )
    runs = [_Run(case, model, period, limits, lives) for limits in choices(model, grids)]
    seconds = time.perf_counter() - began
    plain = Plain(lives, period, case.lapse_days, model)
    events = len(runs) * runs[0].result.events
    return Warned(
        result=runs[0].result,
        own=tuple(runs[0].lines(plain)),
        others=tuple(line for run in runs[1:] for line in run.lines(plain)),
        rivals=tuple(plain.performance(round(share * case.lapse_days)) for share in RIVAL_GRID),
        events_per_second=events / seconds,
    )


def choices(model: ScoringModel, grids: Grids) -> Iterator[RuleThresholds]:
    """The file's own thresholds, then each of the grids'."""
    yield {}
    own = limits_of(model)
    for slot, grid in grids.items():
        rule = BUILT_IN[slot]
        if rule in own:
            new = (middle for middle in grid if middle != own[rule].middle)
            yield from ({rule: (middle, max(middle, own[rule].high))} for middle in new)


class Plain:
    """`silent for D days`: warns whoever has not bought for D days, once in each silence."""

    def __init__(self, lives: Stretches, period: Period, days: float, model: ScoringModel) -> None:
        self._lives, self._period, self._days, self._model = lives, period, days, model

    def performance(self, silent_days: int) -> RulePerformance:
        """What its warnings were worth."""
        at = self._lives.start + silent_days * DAY
        up = self._up(at)
        raised = np.zeros(int(up.sum()), RAISED)
        raised["row"], raised["time"] = self._lives.row[up], at[up]
        raised["rule"], raised["band"] = SILENCE, MIDDLE
        found = rule_performance(
            joined([raised]), self._lives, self._period, self._days, self._model
        )
        own = next(one for one in found if one.rule == BUILT_IN[SILENCE])
        name = f"silent for {silent_days} days"
        return replace(own, rule=name, threshold=float(silent_days))

    def as_often(self, one: RulePerformance) -> RulePerformance | None:
        """That with D below N which comes nearest to a rule's warnings; of equals the longest."""
        choices = np.arange(math.ceil(self._days) - 1, 0, -1)
        counts = np.array([self._count(days) for days in choices.tolist()])
        best = np.argmin(np.abs(counts - one.warnings))
        is_near = abs(counts[best] - one.warnings) <= NEAR * one.warnings
        return self.performance(int(choices[best])) if is_near else None

    def as_early(self, one: RulePerformance) -> RulePerformance | None:
        """That whose warnings lead by as much as the median of a rule's right ones."""
        quantiles = one.lead_days.quantiles
        if quantiles is None:
            return None
        silent_days = round(self._days - quantiles[MEDIAN])
        return self.performance(min(max(silent_days, 1), math.ceil(self._days) - 1))

    def _up(self, at: Floats) -> Bools:
        lives = self._lives
        known = np.isfinite(lives.start) & (at <= self._period.end)
        up: Bools = known & (lives.next > at) & (at < lives.closing)
        return up

    def _count(self, days: int) -> int:
        at = self._lives.start + days * DAY
        return int((self._up(at) & self._period.holds(at)).sum())


class _Run:
    """A backtest of one setting, which keeps all changes of levels."""

    def __init__(
        self,
        case: Case,
        model: ScoringModel,
        period: Period,
        limits: RuleThresholds,
        lives: Stretches,
    ) -> None:
        self._limits, self._period, self._lives = limits, period, lives
        self._changes: list[NDArray[np.void]] = []
        backtester = Backtester(case.log, with_thresholds(model, limits), period, case.lapse_days)
        self.result = backtester.run((), self._keep)

    def lines(self, plain: Plain) -> Iterator[Line]:
        """A line for each rule and band that warned; of a grid, for the band that it sets."""
        for one in self.result.settings[0].rules:
            is_asked = one.rule in self._limits and one.band == BANDS[MIDDLE]
            if one.warnings and (is_asked or not self._limits):
                yield Line(one, self._standing(one), plain.as_often(one), plain.as_early(one))

    def _keep(self, replayed: Replayed) -> None:
        changes = replayed.outcome.warnings[["row", "rule", "after", "now"]].copy()
        changes["row"] = replayed.customers[changes["row"]]
        self._changes.append(changes)

    def _standing(self, one: RulePerformance) -> float | None:
        if one.rule == ANY:
            return None
        band = next(code for code, name in BANDS.items() if name == one.band)
        changes = np.concatenate(self._changes)
        changes = changes[changes["rule"] == SLOTS[one.rule]]
        return standing(changes, self._lives, self._period, band)


def standing(
    changes: NDArray[np.void], lives: Stretches, period: Period, band: int
) -> float | None:
    """Share of a period's lapses just before whose instant a rule was at a band or above.

    Args:
        changes: Of the rule's level: `row`, `after` and `now`, each customer's as they came.
        lives: What became of the customers.
        period: What is judged.
        band: `MIDDLE` or `HIGH`.
    """
    due = lives.lost & period.holds(lives.instant)
    if not due.any():
        return None
    changes = changes[np.lexsort((changes["now"], changes["row"]))]
    # Complex numbers are ordered by their real part, then by the imaginary one.
    keys = changes["row"] + 1j * changes["now"]
    last = np.searchsorted(keys, lives.row[due] + 1j * lives.instant[due], side="left") - 1
    rows, after = (np.append(changes[name], -1) for name in ("row", "after"))
    return float(((rows[last] == lives.row[due]) & (after[last] >= band)).mean())
