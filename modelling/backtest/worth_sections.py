"""The first section of a backtest's report: is it worth it, and the curves that show it."""

from collections.abc import Iterator
from typing import Final

from modelling.backtest import charts as backtest_charts
from modelling.backtest.rivals.comparison import EqualLead, Rival
from modelling.backtest.rivals.curves import EARLY
from modelling.backtest.run import BacktestRun
from modelling.backtest.worth import HeldRule, answer, held_rules
from modelling.report.figures import NONE, decimal, percent, whole
from modelling.report.page import Block, Cell, Chart, PageSection, Table

COLUMNS: Final = (
    *("Rule", "From", "Warnings", "Precision", "Lapses warned of", "Mean lead, days"),
    *("Best plain rule as early", "Its warnings", "Its precision", "Fewer by", "95% interval"),
    "Counting those that stood",
)
BUDGET: Final = ("Rule", "From", "Warnings", "Mean lead, days")


def worth_sections(run: BacktestRun) -> Iterator[PageSection]:
    """Whether the rules are worth their warnings."""
    held = list(held_rules(run.result))
    yield PageSection("Is this worth it for us?", answer(run.result), list(_blocks(run, held)))


def _blocks(run: BacktestRun, held: list[HeldRule]) -> Iterator[Block]:
    if held:
        yield Table(COLUMNS, [_row(one.beside) for one in held], _AS_EARLY)
    able = [one.beside for one in held if one.beside.rivals]
    if able:
        kinds = [curve.rule for curve in run.result.plain]
        yield Table((*BUDGET, *kinds), [_budget(one) for one in able], _AS_MANY)
        own: dict[str, list[EqualLead]] = {}
        for one in able:
            own.setdefault(one.rule, []).append(one)
        points = {rule: [one.point for one in all_] for rule, all_ in own.items()}
        early = min(EARLY, run.result.days / 2)
        chart = backtest_charts.worth(run.result.plain, points, early)
        yield Chart(chart, _CURVES.format(early=early))


_AS_EARLY: Final = (
    "Mean lead is over all lapses, those not warned of counting 0. The plain rule that needs the "
    "fewest warnings for the same mean lead stands beside each rule. Below 0 the rule warns more "
    "often than it. A warning that stood since before a silence is no new one in it; the last "
    "column counts it in each silence, as a plain rule's is."
)
_AS_MANY: Final = (
    "The longest mean lead, days, that each plain rule brings by as many warnings as the rule's, "
    "a share of the customers drawn at random being left to it where it would warn more."
)
_CURVES: Final = (
    "Left: what share of the warnings is right, by how early they come on average. Right: what "
    "catching lapses {early:g} days or more before costs. Lines are plain rules over all their "
    "figures, dots the rules with their thresholds. Further up is better at the left, further "
    "down at the right."
)


def _row(one: EqualLead) -> list[Cell]:
    return [
        *_named(one),
        whole(one.warnings),
        percent(one.precision),
        percent(one.recall),
        decimal(one.mean_lead_days, 1),
        *_best(one.best),
    ]


def _named(one: EqualLead) -> list[Cell]:
    return [one.rule.replace("_", " "), decimal(one.threshold, 3)]


def _best(best: Rival | None) -> list[Cell]:
    if best is None:
        return [NONE, whole(None), percent(None), percent(None), "", percent(None)]
    share, ends = best.fewer, ""
    if share is not None and share.low is not None:
        ends = f"{share.low:.1%} to {share.high:.1%}"
    fewer = percent(share.value if share else None)
    told = percent(best.fewer_told.value if best.fewer_told else None)
    return [best.rule, whole(best.warnings), percent(best.precision), fewer, ends, told]


def _budget(one: EqualLead) -> list[Cell]:
    leads = [decimal(rival.lead_days, 1) for rival in one.rivals]
    return [*_named(one), whole(one.warnings), decimal(one.mean_lead_days, 1), *leads]
