"""Warnings of the live code's scorecard at thresholds, beside plain rules that lead by as much."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.scoreboard.data import Case
from modelling.backtest import Backtester, Period
from modelling.backtest.rivals import EqualLead, Rival
from modelling.backtest.rivals.resamples import Bounds
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import BUILT_IN, CHURN, read_rules

RULE: Final = BUILT_IN[CHURN]
# Plain rules end with the silence; one that waits would stand through the next ones as well.
AT_ONCE: Final = read_rules(f"[rule.{RULE}]\nclear_after_days = 0\n".encode())
THRESHOLDS: Final = (0.2, 0.3, 0.5, 0.7)


@dataclass(frozen=True)
class Held:
    """What was found of a case.

    Attributes:
        case: The case.
        lapses: Decided in the period.
        silences: Decided in it, lapses included.
        rows: One a threshold, rising; none for a threshold that nobody reached.
    """

    case: Case
    lapses: int
    silences: int
    rows: tuple[EqualLead, ...]


def held(case: Case, document: dict[str, Any], thresholds: Sequence[float] = THRESHOLDS) -> Held:
    """Replay a case once for each threshold of the rule `churn`."""
    model, period = ScoringModel(parse(document), AT_ONCE), Period(case.start, case.end)
    backtester = Backtester(case.log, model, period, case.lapse_days)
    high = model.churn.high if model.churn else 1.0
    settings = [backtester.judge({RULE: (each, max(each, high))}) for each in thresholds]
    silences = backtester.contest.silences
    rows = tuple(row for setting in settings for row in setting.equal_lead)
    return Held(case, int(silences.lost.sum()), len(silences.row), rows)


def json_rows(found: Held) -> list[dict[str, Any]]:
    """The comparison as JSON values, one a threshold."""
    return [_row(found.case, one) for one in found.rows]


def _row(case: Case, one: EqualLead) -> dict[str, Any]:
    return {
        "log": case.name,
        "lapse_days": case.lapse_days,
        "rule": one.rule,
        "threshold": one.threshold,
        "warnings": one.warnings,
        "precision": one.precision,
        "recall": one.recall,
        "mean_lead_days": one.mean_lead_days,
        "lapses": one.lapses,
        "silences_under_standing_warning": one.stood,
        **_named("plain", one.silent),
        **_fewer("fewer", one.silent.fewer if one.silent else None),
        **_fewer("fewer_counting_standing", one.silent.fewer_told if one.silent else None),
        **_named("best_plain", one.best),
        **_fewer("fewer_than_best", one.best.fewer if one.best else None),
        **_fewer("fewer_than_best_counting_standing", one.best.fewer_told if one.best else None),
    }


def _named(name: str, rival: Rival | None) -> dict[str, Any]:
    """A plain rule's figures, None where no figure of it leads by as much."""
    is_able = rival is not None and rival.warnings is not None
    return {
        f"{name}_rule": rival.rule if rival and is_able else None,
        f"{name}_warnings": rival.warnings if rival else None,
        f"{name}_precision": rival.precision if rival else None,
    }


def _fewer(name: str, share: Bounds | None) -> dict[str, Any]:
    return {
        name: share.value if share else None,
        f"{name}_low": share.low if share else None,
        f"{name}_high": share.high if share else None,
    }
