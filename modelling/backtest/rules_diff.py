"""Two rules files on one history: what each would have warned of, and of whom only one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from modelling.backtest.measures.performance import BANDS, RulePerformance
from modelling.backtest.measures.placed import Period
from modelling.backtest.replays import Backtester
from modelling.backtest.run import BacktestPlan, Say, days_of, instant, period_of
from modelling.bulk.apart import HistoryApart
from scoring.model import ScoringModel
from scoring.step.replay import Replayed
from scoring.warning.case_row import Status

SHOWN: Final = 5  # examples of each kind
Warned = tuple[int, str]  # customer and rule


class Rise(NamedTuple):
    """A customer warned of by a rule, the first time in the period.

    Attributes:
        at: epoch seconds.
        band: that it rose to.
    """

    at: float
    band: str


@dataclass(frozen=True)
class RulesSide:
    """What one of the two files brings.

    Attributes:
        rules: performance of each rule and band.
        warned: first rise of each customer by each rule.
        cases: opened in the period.
    """

    rules: tuple[RulePerformance, ...]
    warned: Mapping[Warned, Rise]
    cases: int


@dataclass(frozen=True)
class RulesDiff:
    """Both sides.

    Attributes:
        period: that was judged.
        customers: the history's, by row.
        before, after: the sides.
    """

    period: Period
    customers: Sequence[bytes]
    before: RulesSide
    after: RulesSide


def rules_diff(
    history: HistoryApart,
    before: ScoringModel,
    after: ScoringModel,
    plan: BacktestPlan,
    say: Say = lambda *_: None,
) -> RulesDiff:
    """Backtest a history by two models that differ by their rules.

    Raises:
        ScoringError: the period is empty.
    """
    period = period_of(history, plan)
    sides = []
    for name, model in (("before", before), ("after", after)):
        sides.append(_side(history, model, period, plan, _naming(say, name)))
    return RulesDiff(period, history.customers, *sides)


def _naming(say: Say, name: str) -> Say:
    return lambda doing, done, of: say(f"{doing} by the rules {name}", done, of)


def _side(
    history: HistoryApart, model: ScoringModel, period: Period, plan: BacktestPlan, say: Say
) -> RulesSide:
    warned: dict[Warned, Rise] = {}
    cases = 0

    def keep(replayed: Replayed) -> None:
        nonlocal cases
        of = replayed.outcome
        opened = (of.cases["status"] == Status.OPEN) & np.isin(
            of.cases["before"], [Status.NONE, Status.CLOSED]
        )
        cases += int((opened & period.holds(of.cases["now"])).sum())
        rose = (of.warnings["after"] > of.warnings["before"]) & period.holds(of.warnings["now"])
        for one in of.warnings[rose]:
            who = int(replayed.customers[one["row"]]), model.rules[one["rule"]].name
            rise = Rise(float(one["now"]), BANDS[int(one["after"])])
            warned[who] = min(rise, warned.get(who, rise))

    result = Backtester(history, model, period, days_of(plan, model), say).run((), keep)
    return RulesSide(result.settings[0].rules, warned, cases)


def rules_diff_json(diff: RulesDiff) -> dict[str, Any]:
    """What differs, as one JSON value."""
    lost, gained = (
        {who: rise for who, rise in one.warned.items() if who not in other.warned}
        for one, other in ((diff.before, diff.after), (diff.after, diff.before))
    )
    customers = [{row for row, _ in side.warned} for side in (diff.before, diff.after)]
    days = diff.period.days
    return {
        "from": instant(diff.period.start),
        "until": instant(diff.period.end),
        "customers": len(diff.customers),
        "customers_warned": {
            "before_only": len(customers[0] - customers[1]),
            "after_only": len(customers[1] - customers[0]),
            "both": len(customers[0] & customers[1]),
        },
        "cases_per_day": {
            "before": diff.before.cases / days if days else None,
            "after": diff.after.cases / days if days else None,
        },
        "rules": _rules(diff),
        "lost": _told(lost, diff.customers),
        "gained": _told(gained, diff.customers),
    }


def _rules(diff: RulesDiff) -> list[dict[str, Any]]:
    """Each rule and band under both; None where a file has no such rule."""
    sides = [{(r.rule, r.band): r for r in side.rules} for side in (diff.before, diff.after)]
    return [
        {"rule": rule, "band": band, "before": _figures(*found[:1]), "after": _figures(*found[1:])}
        for rule, band in dict.fromkeys([*sides[0], *sides[1]])
        if any(found := [side.get((rule, band)) for side in sides])
    ]


def _figures(one: RulePerformance | None) -> dict[str, Any] | None:
    if one is None:
        return None
    leads = one.lead_days.quantiles
    return {
        "warnings": one.warnings,
        "warnings_per_day": one.warnings_per_day,
        "precision": one.precision,
        "recall": one.recall,
        "lead_days": leads and leads["0.5"],
    }


def _told(warned: Mapping[Warned, Rise], customers: Sequence[bytes]) -> dict[str, Any]:
    """How many customers a rule warned of under one side alone, and the first of them."""
    rules: dict[str, int] = {}
    for _, rule in warned:
        rules[rule] = rules.get(rule, 0) + 1
    first = sorted(warned.items(), key=lambda each: (each[1].at, each[0]))[:SHOWN]
    return {
        "count": len(warned),
        "by_rule": rules,
        "examples": [
            {"customer_id": customers[row].decode(), "rule": rule, "band": rise.band,
             "event_time": instant(rise.at)}
            for (row, rule), rise in first
        ],
    }  # fmt: skip
