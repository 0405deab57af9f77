"""The backtest: a history replayed by the live step, and what its warnings were worth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from pydantic import ValidationError

from modelling.backtest.performance import Period, RulePerformance, rule_performance
from modelling.backtest.raised import Raised, joined, raised
from modelling.backtest.scores import (
    DatedScores,
    SnapshotPerformance,
    longest_horizon,
    score_present,
    snapshot_dates,
    snapshot_performance,
)
from modelling.leaving.stretches import Fate, Stretches, stretches
from scoring.arrays import NEVER
from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.parameters import RuleLimits
from scoring.rules import CHURN, RULES
from scoring.step.replay import EventLog, Replayed, replay

CARD: Final = RULES[CHURN].name
RuleThresholds = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Setting:
    """What one choice of thresholds brings.

    Attributes:
        thresholds: middle and high of the rules that differ from the parameter file's.
        rules: performance of each rule and band.
    """

    thresholds: RuleThresholds
    rules: tuple[RulePerformance, ...]


@dataclass(frozen=True)
class Backtest:
    """What a backtest finds.

    Attributes:
        events: replayed, those before the period included.
        customers: who have one.
        period: what was judged.
        days: N: who buys nothing for so long is lost.
        lapses: with their instant in the period.
        closures: of those, by closed accounts.
        open_stretches: whose end the history does not show.
        warnings: all changes of a level, by the file's own thresholds.
        timers: that fired, likewise.
        settings: the file's own thresholds first, then those asked for.
        snapshots: performance of the scores; thresholds do not move them.
    """

    events: int
    customers: int
    period: Period
    days: float
    lapses: int
    closures: int
    open_stretches: int
    warnings: int
    timers: int
    settings: tuple[Setting, ...]
    snapshots: SnapshotPerformance


class Backtester:
    """Backtests settings of one model on one history.

    Args:
        log: the history; what is after the period is left out.
        model: models, thresholds and calendar.
        period: what is judged; all before it is replayed as well.
        days: N: who buys nothing for so long is lost.
    """

    def __init__(self, log: EventLog, model: ScoringModel, period: Period, days: float) -> None:
        self.log, self.model = log.before(float(np.nextafter(period.end, NEVER))), model
        self.period, self.days = period, days
        self.lives = stretches(self.log, days, period.end)

    def run(
        self,
        thresholds: tuple[RuleThresholds, ...] = (),
        on_replayed: Callable[[Replayed], None] = lambda _: None,
    ) -> Backtest:
        """Replay and measure.

        Args:
            thresholds: to judge beside the file's own, each by a replay of its own.
            on_replayed: called with every block replayed with the file's own thresholds.
        """
        dates = snapshot_dates(self.period, longest_horizon(self.model))
        own = _Collector(self.model, dates, on_replayed)
        for replayed in replay(self.log, self.model, until=self.period.end, stops=dates):
            own.add(replayed)
        snapshots = snapshot_performance(own.scored, self.lives, dates, self.model)
        others = tuple(self._setting(each) for each in thresholds)
        first = Setting({}, self._performance(own.raised, self.model))
        return self._result(own, (first, *others), snapshots)

    def _setting(self, thresholds: RuleThresholds) -> Setting:
        model = with_thresholds(self.model, thresholds)
        parts = [raised(each) for each in replay(self.log, model, until=self.period.end)]
        return Setting(thresholds, self._performance(parts, model))

    def _performance(self, parts: list[Raised], model: ScoringModel) -> tuple[RulePerformance, ...]:
        return rule_performance(joined(parts), self.lives, self.period, self.days, model)

    def _result(
        self, own: "_Collector", settings: tuple[Setting, ...], snapshots: SnapshotPerformance
    ) -> Backtest:
        lives: Stretches = self.lives
        lapses = lives.lost & self.period.holds(lives.instant)
        return Backtest(
            events=len(self.log.events),
            customers=len(np.unique(self.log.rows)),
            period=self.period,
            days=self.days,
            lapses=int(lapses.sum()),
            closures=int((lapses & (lives.instant == lives.closing)).sum()),
            open_stretches=int(((lives.fate == Fate.UNKNOWN) & np.isfinite(lives.start)).sum()),
            warnings=own.warnings,
            timers=own.timers,
            settings=settings,
            snapshots=snapshots,
        )


class _Collector:
    """Keeps of a replay what measuring it takes."""

    def __init__(
        self, model: ScoringModel, dates: Sequence[float], on_replayed: Callable[[Replayed], None]
    ) -> None:
        self._model, self._dates, self._on_replayed = model, dates, on_replayed
        self.raised: list[Raised] = []
        self.scored: list[DatedScores] = []
        self.warnings = self.timers = 0

    def add(self, replayed: Replayed) -> None:
        self.raised.append(raised(replayed))
        self.warnings += len(replayed.outcome.warnings)
        self.timers += replayed.outcome.timers
        self._on_replayed(replayed)
        if replayed.clock in self._dates and replayed.is_stop:
            self.scored.append(score_present(replayed, self._model))


def with_thresholds(model: ScoringModel, thresholds: RuleThresholds) -> ScoringModel:
    """The model with other thresholds for some rules.

    Args:
        model: whose other parameters stay.
        thresholds: middle and high by rule name.

    Raises:
        ParameterError: there is no such rule, or its thresholds do not rise as they must.
    """
    rules = {**limits_of(model)}
    for name, (middle, high) in thresholds.items():
        if name not in rules:
            raise ParameterError(where="rule", expected=", ".join(rules), got=name)
        rules[name] = _limited(name, rules[name], middle, high)
    of_card, card = rules.pop(CARD, None), model.churn
    if of_card is not None and card is not None:
        card = replace(card, middle=of_card.middle, high=of_card.high)
    parameters = replace(model.parameters, rules=MappingProxyType(rules), churn=card)
    return ScoringModel(parameters)


def limits_of(model: ScoringModel) -> Mapping[str, RuleLimits]:
    """Limits of the rules whose thresholds can be chosen, the churn scorecard's if there is one."""
    card = model.churn
    if card is None:
        return model.parameters.rules
    own = RuleLimits(middle=card.middle, high=card.high, hysteresis=card.hysteresis, points=0.0)
    return {**model.parameters.rules, CARD: own}


def _limited(name: str, limits: RuleLimits, middle: float, high: float) -> RuleLimits:
    changed = {**limits.model_dump(), "middle": middle, "high": high, "raises": True}
    try:
        return RuleLimits.model_validate(changed)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        got = f"{middle:g}:{high:g}"
        raise ParameterError(where=f"rules.{name}", expected=detail["msg"], got=got) from error
