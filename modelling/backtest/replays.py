"""The backtest: a history replayed by the live step, and what its warnings were worth."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Final

import numpy as np
from pydantic import ValidationError

from modelling.backtest.defections import DefectionPerformance, defection_performance
from modelling.backtest.performance import Period, RulePerformance, rule_performance
from modelling.backtest.raised import Raised, joined, raised
from modelling.backtest.rivals.comparison import Contest, EqualLead
from modelling.backtest.rivals.curves import PlainCurve
from modelling.backtest.rivals.levels import Changes, changed, of_rule, together
from modelling.backtest.rivals.plain import plain_rules
from modelling.backtest.rivals.silences import decided
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
from scoring.rules import BUILT_IN, CHURN
from scoring.step.replay import EventLog, Replayed, replay
from scoring.warning.lifecycle import MIDDLE

CARD: Final = BUILT_IN[CHURN]
RuleThresholds = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Setting:
    """What one choice of thresholds brings.

    Attributes:
        thresholds: middle and high of the rules that differ from the parameter file's.
        rules: performance of each rule and band.
        equal_lead: of each rule that was at band middle, by the file's own thresholds, or whose
            thresholds were asked for: beside plain rules that lead by as much.
        defections: of each rule about a decline that warned, which by silence would score 0.
    """

    thresholds: RuleThresholds
    rules: tuple[RulePerformance, ...]
    equal_lead: tuple[EqualLead, ...]
    defections: tuple[DefectionPerformance, ...] = ()


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
        plain: what plain rules bring over all their figures; none where nobody was lost.
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
    plain: tuple[PlainCurve, ...]


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

    @cached_property
    def contest(self) -> Contest:
        """The plain rules over the silences that the period decides."""
        silences, calendar = decided(self.lives, self.period), self.model.calendar
        plain = plain_rules(self.log, self.lives, silences, self.period, self.days, calendar)
        return Contest(silences, plain, self.days)

    def run(
        self,
        thresholds: tuple[RuleThresholds, ...] = (),
        on_replayed: Callable[[Replayed], None] | None = None,
    ) -> Backtest:
        """Replay and measure.

        Args:
            thresholds: to judge beside the file's own, each by a replay of its own.
            on_replayed: called with every block replayed with the file's own thresholds, explained.
        """
        dates = snapshot_dates(self.period, longest_horizon(self.model))
        own, told = _Collector(self.model, dates), on_replayed is not None
        end = self.period.end
        for replayed in replay(self.log, self.model, until=end, stops=dates, explained=told):
            own.add(replayed)
            if on_replayed is not None:
                on_replayed(replayed)
        snapshots = snapshot_performance(
            own.scored, self.lives, dates, self.model, self.log, self.period.end
        )
        others = tuple(self.judge(each) for each in thresholds)
        first = self._judged({}, own.raised, own.changes, self.model)
        return self._result(own, (first, *others), snapshots)

    def judge(self, thresholds: RuleThresholds) -> Setting:
        """Replay with other thresholds and measure."""
        model = with_thresholds(self.model, thresholds)
        kept = [
            (raised(each), changed(each)) for each in replay(self.log, model, until=self.period.end)
        ]
        entries, changes = ([each[part] for each in kept] for part in (0, 1))
        return self._judged(thresholds, entries, changes, model)

    def _judged(
        self,
        thresholds: RuleThresholds,
        entries: list[Raised],
        changes: list[Changes],
        model: ScoringModel,
    ) -> Setting:
        whole = joined(entries)
        rules = rule_performance(whole, self.lives, self.period, self.days, model)
        shown = thresholds.keys() or model.rules.slots.keys()
        held = self._held(together(changes), model, shown)
        declines = defection_performance(whole, self.log, self.period, model)
        return Setting(thresholds, rules, tuple(held), declines)

    def _held(
        self, changes: Changes, model: ScoringModel, shown: Collection[str]
    ) -> Iterator[EqualLead]:
        contest = self.contest
        for rule in model.rules.rules:
            own = changes[changes["rule"] == rule.slot]
            if rule.name in shown and len(own):
                tally = of_rule(own, MIDDLE, self.lives, contest.silences)
                yield contest.held(rule.name, float(model.middle[rule.slot]), tally)

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
            plain=self.contest.curves,
        )


class _Collector:
    """Keeps of a replay what measuring it takes."""

    def __init__(self, model: ScoringModel, dates: Sequence[float]) -> None:
        self._model, self._dates = model, dates
        self.raised: list[Raised] = []
        self.changes: list[Changes] = []
        self.scored: list[DatedScores] = []
        self.warnings = self.timers = 0

    def add(self, replayed: Replayed) -> None:
        self.raised.append(raised(replayed))
        self.changes.append(changed(replayed))
        self.warnings += len(replayed.outcome.warnings)
        self.timers += replayed.outcome.timers
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
