"""Backtests: a history replayed and judged, and what is told of it to people and machines."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from modelling.backtest import Backtest, Backtester, Limits, Period, limits_of
from scoring import ScoringError
from scoring.facts.state import States, new_states
from scoring.model import ScoringModel
from scoring.rules import RULES, SILENCE
from scoring.step.outcome import SCORE, WARNING, Outcome
from scoring.step.replay import EventLog, Replayed
from streams.config import Settings
from streams.outbox.messages import Messages

DAYS: Final = 180.0  # without a purchase, after which a customer is lost unless told otherwise
GRID: Final = "grid"
SILENCE_GRID: Final = (0.7, 0.8, 0.9, 0.95, 0.98)  # middle of the rule silence
FORM: Final = "RULE=MIDDLE[:HIGH],..., or grid"


@dataclass(frozen=True)
class Plan:
    """What to backtest.

    Attributes:
        start, end: the period judged, epoch seconds; None takes the history's own. An end after
            the last event is the last event: what was not recorded is no silence.
        days: N: who buys nothing for so long is lost.
        settings: thresholds to judge beside the parameter file's.
        keeps_warnings: whether the warnings themselves are wanted.
    """

    start: float | None = None
    end: float | None = None
    days: float = DAYS
    settings: tuple[Limits, ...] = ()
    keeps_warnings: bool = False


@dataclass(frozen=True)
class Report:
    """A backtest that was made.

    Attributes:
        found: what it found.
        model: by which.
        seconds: replaying and judging took, all settings together.
        warnings: of the period, by the file's own thresholds, rows being the log's; None unless
            wanted.
        log: what was replayed.
    """

    found: Backtest
    model: ScoringModel
    seconds: float
    warnings: States | None
    log: EventLog

    @property
    def events_per_second(self) -> float:
        """Events replayed, once for each setting, by the seconds taken."""
        return self.found.events * len(self.found.settings) / self.seconds


def backtest(log: EventLog, model: ScoringModel, plan: Plan) -> Report:
    """Backtest a history.

    Args:
        log: the history, at least one event.
        model: models, thresholds and calendar.
        plan: what to judge.

    Raises:
        ScoringError: the period is empty, or thresholds do not rise.
    """
    period = _period(log, plan)
    kept: list[States] = [np.empty(0, WARNING)]
    began = time.perf_counter()
    backtester = Backtester(log, model, period, plan.days)
    heed = (lambda each: kept.append(_kept(each, period))) if plan.keeps_warnings else _ignore
    found = backtester.run(plan.settings, heed)
    seconds = time.perf_counter() - began
    warnings = np.concatenate(kept) if plan.keeps_warnings else None
    return Report(found, model, seconds, warnings, backtester.log)


def _period(log: EventLog, plan: Plan) -> Period:
    """The period, within what the history tells.

    Raises:
        ScoringError: nothing is in it.
    """
    first, last = float(log.times[0]), float(log.times[-1])
    start = first if plan.start is None else max(plan.start, first)
    end = last if plan.end is None else min(plan.end, last)
    if start >= end:
        expected = f"some days between {instant(first)} and {instant(last)}"
        got = f"{instant(start)} to {instant(end)}"
        raise ScoringError(where="period", expected=expected, got=got)
    return Period(start, end)


def _kept(replayed: Replayed, period: Period) -> States:
    warnings = replayed.outcome.warnings
    kept: States = warnings[period.holds(warnings["now"])]
    kept["row"] = replayed.customers[kept["row"]]
    return kept


def _ignore(_: Replayed) -> None:
    return


def write_warnings(report: Report, settings: Settings, file: Path) -> int:
    """Write the period's warnings as JSON lines, byte for byte what a worker publishes.

    They are ordered by time, customer, rule and sequence; a worker's topics hold them in the order
    its partitions came to them.

    Args:
        report: made with `keeps_warnings`.
        settings: whose topics they would go to.
        file: Written anew.

    Returns:
        How many.
    """
    messages = Messages.of(settings, report.model)
    warnings = np.empty(0, WARNING) if report.warnings is None else report.warnings
    told = Outcome(new_states(0), np.empty(0, np.int64), warnings, np.empty(0, SCORE), 0)
    entries = messages.entries(told, report.log.customers)
    file.write_bytes(b"".join(entry.value + b"\n" for entry in entries))
    return len(entries)


def document(report: Report) -> dict[str, Any]:
    """The backtest as one JSON value; money in minor units, times in ISO 8601."""
    found = report.found
    return {
        "model_version": report.model.parameters.version,
        "currency": report.model.parameters.book_currency,
        "events": found.events,
        "customers": found.customers,
        "from": instant(found.period.start),
        "until": instant(found.period.end),
        "horizon_days": found.days,
        "lapses": found.lapses,
        "closures": found.closures,
        "open_stretches": found.open_stretches,
        "warnings": found.warnings,
        "timers": found.timers,
        "seconds": round(report.seconds, 3),
        "events_per_second": round(report.events_per_second),
        "settings": [
            {"thresholds": thresholds(setting.limits), "rules": [asdict(r) for r in setting.rules]}
            for setting in found.settings
        ],
        "snapshots": _snapshots(report),
    }


def thresholds(limits: Limits) -> dict[str, dict[str, float]]:
    """Limits by rule as JSON."""
    return {rule: {"middle": middle, "high": high} for rule, (middle, high) in limits.items()}


def _snapshots(report: Report) -> dict[str, Any]:
    found = report.found.snapshots
    return {
        "dates": [instant(date) for date in found.dates],
        "customers": found.customers,
        "scores": [
            {
                "score": each.score,
                "horizon_days": each.days,
                "lost": each.lost,
                "auc": each.auc and each.auc._asdict(),
                "deciles": [decile._asdict() for decile in each.deciles],
                "calibration": [one._asdict() for one in each.calibration],
                "calibration_error": each.calibration_error,
            }
            for each in found.scores
        ],
    }


def instant(seconds: float) -> str:
    """Epoch seconds as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def settings_of(texts: Sequence[str], model: ScoringModel) -> tuple[Limits, ...]:
    """Read `--thresholds`: each text is one setting, but `grid`, which is one for each threshold.

    A rule whose high threshold is not given keeps its own, or the middle one if that is higher.

    Raises:
        ScoringError: a text is not of that form or names no rule.
    """
    own = limits_of(model)
    found: list[Limits] = []
    for text in texts:
        if text == GRID:
            name = RULES[SILENCE].name
            found += [{name: _risen(own[name].high, middle)} for middle in SILENCE_GRID]
        else:
            found.append(dict(_limit(part, own) for part in text.split(",")))
    return tuple(found)


def _limit(text: str, own: Mapping[str, Any]) -> tuple[str, tuple[float, float]]:
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
