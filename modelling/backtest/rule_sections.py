"""Sections of a backtest's report: how rules performed, by rule and threshold."""

from collections.abc import Iterator, Sequence
from typing import Final

from modelling.backtest import ANY, RulePerformance, Setting
from modelling.backtest import charts as backtest_charts
from modelling.backtest.charts import Choice
from modelling.backtest.measures.defections import DefectionPerformance
from modelling.backtest.run import BacktestRun
from modelling.report.figures import bare_money, decimal, percent, whole
from modelling.report.page import Block, Cell, Chart, PageSection, Table

OWN: Final = "the file's own"
COLUMNS: Final = (
    *("Rule", "Band", "From", "Warnings", "A day", "Precision", "Recall"),
    *("Lead, days", "Flaps"),
)


def of_all_rules(setting: Setting, band: str = "middle") -> RulePerformance:
    """The performance of all rules together."""
    return next(one for one in setting.rules if (one.rule, one.band) == (ANY, band))


def median_lead(one: RulePerformance) -> float | None:
    """Days before the lapse, None where none was warned of."""
    return one.lead_days.quantiles["0.5"] if one.lead_days.quantiles else None


DEFECTIONS: Final = (
    "Rules about declines do not foretell silence. Right is a warning after which activity stays "
    "below the share of before that counts as partial defection; whose days are not over is left "
    "out. A defection is warned of from its beginning on, until it is over."
)


def thresholds_sections(run: BacktestRun) -> Iterator[PageSection]:
    """What each rule's warnings were worth, by the file's thresholds and by others."""
    own, *others = run.result.settings
    lead = "Every rule that warned, and all of them together, with the thresholds of the file."
    rows = [_row(one, run) for one in own.rules if one.warnings or one.rule == ANY]
    yield PageSection("Warnings, by rule and threshold", lead, [Table(_columns(run), rows)])
    if own.defections:
        columns = ("Rule", "Warnings", "Precision", "Defections", "Recall")
        rows = [_defection(one) for one in own.defections]
        yield PageSection("Declines, by what they warn of", DEFECTIONS, [Table(columns, rows)])
    if others:
        lead = "The same history replayed with other thresholds; all else is as in the file."
        yield PageSection("Other thresholds", lead, list(_alternatives(run)))


def _defection(one: DefectionPerformance) -> list[Cell]:
    told = [whole(one.warnings), percent(one.precision), whole(one.defections), percent(one.recall)]
    return [one.rule.replace("_", " "), *told]


def _columns(run: BacktestRun) -> tuple[str, ...]:
    return (*COLUMNS, f"Warned CLV, {run.model.parameters.book_currency}")


def _row(one: RulePerformance, run: BacktestRun) -> list[Cell]:
    currency = run.model.parameters.book_currency
    return [
        "all" if one.rule == ANY else one.rule.replace("_", " "),
        one.band,
        "" if one.threshold is None else decimal(one.threshold, 3),
        whole(one.warnings),
        decimal(one.warnings_per_day, 2),
        percent(one.precision),
        percent(one.recall),
        decimal(median_lead(one), 0),
        whole(one.flaps),
        bare_money(one.warned_clv, currency),
    ]


def _alternatives(run: BacktestRun) -> Iterator[Block]:
    choices = _choices(run.result.settings)
    if len(choices) > 1:
        caption = (
            "Each point is one setting, all rules together, and the warnings a day it costs. "
            "Further up fewer customers are disturbed in vain; further right fewer are missed."
        )
        yield Chart(backtest_charts.choices(choices), caption)
    rows = [row for setting in run.result.settings[1:] for row in _setting(setting, run)]
    yield Table(("Thresholds", *_columns(run)), rows)


def _setting(setting: Setting, run: BacktestRun) -> list[list[Cell]]:
    """Rows of the rules whose thresholds differ, and of all together where that is more."""
    warned = {one.rule for one in setting.rules if one.warnings} - {ANY}
    shown = {*setting.thresholds, *([ANY] if warned - {*setting.thresholds} else [])}
    rows = [_row(one, run) for one in setting.rules if one.rule in shown]
    return [[_named(setting) if not at else "", *row] for at, row in enumerate(rows)]


def _choices(settings: Sequence[Setting]) -> list[Choice]:
    """Settings that can be shown, those of the same figures as one."""
    names: dict[tuple[float, float, float], list[str]] = {}
    for setting in settings:
        one = of_all_rules(setting)
        if one.warnings_per_day and one.precision is not None and one.recall is not None:
            figures = one.recall, one.precision, one.warnings_per_day
            names.setdefault(figures, []).append(_named(setting))
    return [Choice(" and ".join(same), *figures) for figures, same in names.items()]


def _named(setting: Setting) -> str:
    limits = (f"{rule}\u00a0{middle:g}" for rule, (middle, _) in setting.thresholds.items())
    return ", ".join(limits) or OWN
