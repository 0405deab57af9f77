"""Running a backtest of a history; its warnings as a worker would send them."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from modelling.backtest import Backtest, Backtester, Period, RuleThresholds, limits_of
from modelling.bulk.apart import HistoryApart
from modelling.bulk.memory import require_memory
from scoring import ScoringError
from scoring.facts.kinds import Kind
from scoring.facts.state import States, new_states
from scoring.model import ScoringModel
from scoring.rules import BUILT_IN, CHURN, SILENCE
from scoring.step.outcome import SCORE, WARNING, Outcome
from scoring.step.replay import EventLog, Replayed
from streams.config import Settings
from streams.outbox.messages import Messages

GRID: Final = "grid"
SILENCE_GRID: Final = (0.7, 0.8, 0.9, 0.95, 0.98)  # middle of the rule silence
CHURN_GRID: Final = (0.2, 0.3, 0.5, 0.7)  # of the rule churn, where there is a scorecard
FORM: Final = "RULE=MIDDLE[:HIGH],..., or grid"
PART_BYTES: Final = 2e9  # that a part takes, about, while it is replayed; measured
SILENCE_BYTES: Final = 300  # likewise, of what is kept of all
CUSTOMER_BYTES: Final = 5_000
Say = Callable[[str, int, int], None]  # what is done, how far, of how much


@dataclass(frozen=True)
class BacktestPlan:
    """What to backtest.

    Attributes:
        start, end: the period judged, epoch seconds; None takes the history's own. An end after
            the last event is the last event: what was not recorded is no silence.
        days: N: who buys nothing for so long is lost; None asks the parameter file, what it counts
            as leaving, or how long that takes to show where it is no silence.
        thresholds: to judge beside the parameter file's.
        keeps_warnings: whether the warnings themselves are wanted.
    """

    start: float | None = None
    end: float | None = None
    days: float | None = None
    thresholds: tuple[RuleThresholds, ...] = ()
    keeps_warnings: bool = False


@dataclass(frozen=True)
class BacktestRun:
    """A backtest that was made.

    Attributes:
        result: what it found.
        model: by which.
        seconds: replaying and judging took, all settings together.
        warnings: of the period, by the file's own thresholds, rows being the history's customers;
            None unless wanted.
        history: what was replayed, up to the period's end.
    """

    result: Backtest
    model: ScoringModel
    seconds: float
    warnings: States | None
    history: HistoryApart

    @property
    def events_per_second(self) -> float:
        """Events replayed, once for each setting, by the seconds taken."""
        return self.result.events * len(self.result.settings) / self.seconds


def backtest(
    history: EventLog | HistoryApart,
    model: ScoringModel,
    plan: BacktestPlan,
    say: Say = lambda *_: None,
) -> BacktestRun:
    """Backtest a history.

    Args:
        history: a log, or parts of one, at least one event.
        model: models, thresholds and calendar.
        plan: what to judge.
        say: told how far it is.

    Raises:
        ScoringError: the period is empty, or thresholds do not rise.
    """
    whole = HistoryApart.of(history) if isinstance(history, EventLog) else history
    period = period_of(whole, plan)
    if len(whole.parts) > 1:
        _require_memory(whole, period)
    kept: list[States] = [np.empty(0, WARNING)]

    def keep(replayed: Replayed) -> None:
        kept.append(_warnings(replayed, period))

    began = time.perf_counter()
    backtester = Backtester(whole, model, period, days_of(plan, model), say)
    result = backtester.run(plan.thresholds, keep if plan.keeps_warnings else None)
    seconds = time.perf_counter() - began
    warnings = np.concatenate(kept) if plan.keeps_warnings else None
    return BacktestRun(result, model, seconds, warnings, whole)


def _require_memory(history: HistoryApart, period: Period) -> None:
    """Refuse a period of more silences than memory holds: rules are compared over all of them."""
    silences = 0
    for _, log in history:
        silences += int((period.holds(log.times) & (log.events["kind"] == Kind.PURCHASE)).sum())
    need = PART_BYTES + silences * SILENCE_BYTES + len(history.customers) * CUSTOMER_BYTES
    what = f"{silences:,} silences of {len(history.customers):,} customers"
    require_memory(need, what, "--from a later day judges fewer")


def days_of(plan: BacktestPlan, model: ScoringModel) -> float:
    """N: who buys nothing for so long is lost."""
    if plan.days is not None:
        return plan.days
    return model.leaving.silence_days or model.leaving.within


def period_of(history: HistoryApart, plan: BacktestPlan) -> Period:
    """The period, within what the history tells.

    Raises:
        ScoringError: nothing is in it.
    """
    first, last = history.first, history.last
    start = first if plan.start is None else max(plan.start, first)
    end = last if plan.end is None else min(plan.end, last)
    if start >= end:
        expected = f"some days between {instant(first)} and {instant(last)}"
        got = f"{instant(start)} to {instant(end)}"
        raise ScoringError(where="period", expected=expected, got=got)
    return Period(start, end)


def _warnings(replayed: Replayed, period: Period) -> States:
    """A replayed block's warnings of the period, rows being the log's."""
    warnings = replayed.outcome.warnings
    kept: States = warnings[period.holds(warnings["now"])]
    kept["row"] = replayed.customers[kept["row"]]
    return kept


def write_warnings(run: BacktestRun, settings: Settings, file: Path) -> int:
    """Write the period's warnings as JSON lines, byte for byte what a worker publishes.

    They are ordered by time, customer, rule and sequence; a worker's topics hold them in the order
    its partitions came to them.

    Args:
        run: made with `keeps_warnings`.
        settings: whose topics they would go to.
        file: Written anew.

    Returns:
        How many.
    """
    messages = Messages.of(settings, run.model)
    warnings = np.empty(0, WARNING) if run.warnings is None else run.warnings
    outcome = Outcome(new_states(0), np.empty(0, np.int64), warnings, np.empty(0, SCORE), 0)
    entries = messages.entries(outcome, run.history.customers)
    file.write_bytes(b"".join(entry.value + b"\n" for entry in entries))
    return len(entries)


def instant(seconds: float) -> str:
    """Epoch seconds as ISO 8601.

    >>> instant(86_400.0)
    '1970-01-02T00:00:00+00:00'
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def read_thresholds(texts: Sequence[str], model: ScoringModel) -> tuple[RuleThresholds, ...]:
    """Read `--thresholds`: each text is one setting, but `grid`, which is one for each threshold.

    A rule whose high threshold is not given keeps its own, or the middle one if that is higher.

    Raises:
        ScoringError: a text is not of that form or names no rule.
    """
    own = limits_of(model)
    found: list[RuleThresholds] = []
    for text in texts:
        if text == GRID:
            found += _grid(own)
        else:
            found.append(dict(_thresholds(part, own) for part in text.split(",")))
    return tuple(found)


def _grid(own: Mapping[str, Any]) -> list[RuleThresholds]:
    grids = {BUILT_IN[SILENCE]: SILENCE_GRID, BUILT_IN[CHURN]: CHURN_GRID}
    return [
        {name: _risen(own[name].high, middle)}
        for name, middles in grids.items()
        if name in own
        for middle in middles
    ]


def _thresholds(text: str, own: Mapping[str, Any]) -> tuple[str, tuple[float, float]]:
    rule, _, given = text.partition("=")
    middle, _, high = given.partition(":")
    if rule not in own:
        raise ScoringError(where="--thresholds", expected=f"one of {', '.join(own)}", got=rule)
    try:
        low = float(middle)
        return rule, (low, float(high)) if high else _risen(own[rule].high, low)
    except ValueError as error:
        raise ScoringError(where="--thresholds", expected=FORM, got=text) from error


def _risen(high: float, middle: float) -> tuple[float, float]:
    return middle, max(high, middle)
