"""The backtest: a history replayed by the live step, and what its warnings were worth."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from modelling.backtest.collecting import Collector, LivedPart, no_one
from modelling.backtest.measures.defections import DefectionPerformance, defection_performance
from modelling.backtest.measures.performance import RulePerformance, placed_performance
from modelling.backtest.measures.placed import Period, PlacedWarnings
from modelling.backtest.measures.scores import (
    SnapshotPerformance,
    longest_horizon,
    snapshot_dates,
    snapshot_performance,
)
from modelling.backtest.rivals.comparison import Contest, EqualLead
from modelling.backtest.rivals.curves import PlainCurve
from modelling.backtest.rivals.habits import KnownHabits, habits
from modelling.backtest.rivals.levels import Changes, of_rule, together
from modelling.backtest.rivals.plain import plain_rules
from modelling.backtest.rivals.silences import Silences, decided, decided_at
from modelling.backtest.settings import RuleThresholds, told, with_thresholds
from modelling.bulk.apart import HistoryApart
from modelling.leaving.stretches import stretches
from scoring.arrays import NEVER
from scoring.model import ScoringModel
from scoring.step.replay import EventLog, Replayed
from scoring.warning.gate import Holding
from scoring.warning.lifecycle import MIDDLE

Say = Callable[[str, int, int], None]  # what is done, how far, of how much
DOING: Final = "Replaying customers"


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
    """Backtests settings of one model on one history, of which one part at a time is in memory.

    Args:
        history: a log, or parts of one; what is after the period is left out.
        model: models, thresholds and calendar.
        period: what is judged; all before it is replayed as well.
        days: N: who buys nothing for so long is lost.
        say: told how far it is.
    """

    def __init__(
        self,
        history: EventLog | HistoryApart,
        model: ScoringModel,
        period: Period,
        days: float,
        say: Say = lambda *_: None,
    ) -> None:
        self.history = HistoryApart.of(history) if isinstance(history, EventLog) else history
        self.model, self.period, self.days, self._say = model, period, days, say

    @cached_property
    def contest(self) -> Contest:
        """The plain rules over the silences that the period decides."""
        silences, known = [], []
        for part in self._parts():
            at = decided_at(part.lives, self.period)
            own = decided(part.lives, self.period)
            silences.append(replace(own, row=part.rows[own.row]))
            found = habits(part.log, part.lives, self.model.calendar)
            known.append(found.at(at, part.lives, self.period))
        whole, order = Silences.together(silences)
        knowing = KnownHabits.together(known, order)
        plain = plain_rules(knowing, self.period.start, self.days, self.model.calendar)
        return Contest(whole, plain, self.days)

    def run(
        self,
        thresholds: tuple[RuleThresholds, ...] = (),
        on_replayed: Callable[[Replayed], None] | None = None,
    ) -> Backtest:
        """Replay and measure.

        Args:
            thresholds: to judge beside the file's own, each by a replay of its own.
            on_replayed: called with every block replayed with the file's own thresholds, explained;
                its customers are the history's.
        """
        dates = snapshot_dates(self.period, longest_horizon(self.model))
        own = Collector(self.model, self.period, dates)
        for part in self._parts():
            replays = part.replayed(self.model, dates, explained=on_replayed is not None)
            own.add(part, self._counted(DOING, part, replays), on_replayed or no_one)
        others = tuple(self.judge(each) for each in thresholds)
        first = self._judged({}, own, self.model)
        snapshots = snapshot_performance(own.answered, dates, self.model)
        return self._result(own, (first, *others), snapshots)

    def judge(self, thresholds: RuleThresholds) -> Setting:
        """Replay with other thresholds and measure."""
        model = with_thresholds(self.model, thresholds)
        found = Collector(model, self.period, ())
        doing = f"{DOING} with {told(thresholds)}"
        for part in self._parts():
            found.add(part, self._counted(doing, part, part.replayed(model, (), explained=False)))
        return self._judged(thresholds, found, model)

    @cached_property
    def _holding(self) -> Holding:
        return self.history.held(self.period.end)

    def _counted(
        self, doing: str, part: "LivedPart", replays: Iterator[Replayed]
    ) -> Iterator[Replayed]:
        """A part's blocks; tells after each how many customers are done."""
        before = part.before
        self._say(doing, before, part.of)
        for one in replays:
            yield one
            if one.is_stop and one.clock == part.end:
                before += len(one.customers)
                self._say(doing, before, part.of)

    def _parts(self) -> Iterator["LivedPart"]:
        until, before = float(np.nextafter(self.period.end, NEVER)), 0
        for rows, log in self.history:
            kept = log.before(until)
            lives = stretches(kept, self.days, self.period.end)
            many = len(self.history.customers)
            yield LivedPart(rows, kept, lives, before, many, self.period.end, self._holding)
            before += len(rows)

    def _judged(
        self, thresholds: RuleThresholds, found: "Collector", model: ScoringModel
    ) -> Setting:
        placed = PlacedWarnings.together(found.placed, self.history.rows)
        rules = placed_performance(placed, self.period, self.days, model)
        shown = thresholds.keys() or model.rules.slots.keys()
        held = self._held(together(found.changes), model, shown)
        declines = defection_performance(found.defections, model)
        return Setting(thresholds, rules, tuple(held), declines)

    def _held(
        self, changes: Changes, model: ScoringModel, shown: Collection[str]
    ) -> Iterator[EqualLead]:
        contest = self.contest
        for rule in model.rules.rules:
            own = changes[changes["rule"] == rule.slot]
            if rule.name in shown and len(own):
                tally = of_rule(own, MIDDLE, contest.silences)
                yield contest.held(rule.name, float(model.middle[rule.slot]), tally)

    def _result(
        self, own: "Collector", settings: tuple[Setting, ...], snapshots: SnapshotPerformance
    ) -> Backtest:
        count = own.count
        return Backtest(
            events=count["events"],
            customers=count["customers"],
            period=self.period,
            days=self.days,
            lapses=count["lapses"],
            closures=count["closures"],
            open_stretches=count["open_stretches"],
            warnings=count["warnings"],
            timers=count["timers"],
            settings=settings,
            snapshots=snapshots,
            plain=self.contest.curves,
        )
