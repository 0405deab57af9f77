"""Verdicts on warnings, by rule and threshold."""

from collections.abc import Iterator, Sequence
from typing import Final

from modelling.backtest import ANY, Judged, Setting
from modelling.backtest import charts as backtest_charts
from modelling.backtest.charts import Choice
from modelling.backtest.run import Report
from modelling.report.figures import bare_money, decimal, percent, whole
from modelling.report.page import Block, Cell, Chart, Section, Table

OWN: Final = "the file's own"
COLUMNS: Final = (
    *("Rule", "Band", "From", "Warnings", "A day", "Precision", "Recall"),
    *("Lead, days", "Flaps"),
)


def over_all(setting: Setting, band: str = "middle") -> Judged:
    """The verdict on all rules together."""
    return next(one for one in setting.rules if (one.rule, one.band) == (ANY, band))


def median_lead(one: Judged) -> float | None:
    """Days before the lapse, None where none was warned of."""
    return one.lead_days.quantiles["0.5"] if one.lead_days.quantiles else None


def thresholds_sections(found: Report) -> Iterator[Section]:
    """What each rule's warnings were worth, by the file's thresholds and by others."""
    own, *others = found.found.settings
    lead = "Every rule that warned, and all of them together, with the thresholds of the file."
    rows = [_verdict(one, found) for one in own.rules if one.warnings or one.rule == ANY]
    yield Section("Warnings, by rule and threshold", lead, [Table(_columns(found), rows)])
    if others:
        lead = "The same history replayed with other thresholds; all else is as in the file."
        yield Section("Other thresholds", lead, list(_alternatives(found)))


def _columns(found: Report) -> tuple[str, ...]:
    return (*COLUMNS, f"Warned CLV, {found.model.parameters.book_currency}")


def _verdict(one: Judged, found: Report) -> list[Cell]:
    currency = found.model.parameters.book_currency
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


def _alternatives(found: Report) -> Iterator[Block]:
    choices = _choices(found.found.settings)
    if len(choices) > 1:
        caption = (
            "Each point is one setting, all rules together, and the warnings a day it costs. "
            "Further up fewer customers are disturbed in vain; further right fewer are missed."
        )
        yield Chart(backtest_charts.choices(choices), caption)
    rows = [row for setting in found.found.settings[1:] for row in _setting(setting, found)]
    yield Table(("Thresholds", *_columns(found)), rows)


def _setting(setting: Setting, found: Report) -> list[list[Cell]]:
    """Verdicts on the rules whose thresholds differ, and on all together where that is more."""
    warned = {one.rule for one in setting.rules if one.warnings} - {ANY}
    shown = {*setting.limits, *([ANY] if warned - {*setting.limits} else [])}
    rows = [_verdict(one, found) for one in setting.rules if one.rule in shown]
    return [[_named(setting) if not at else "", *row] for at, row in enumerate(rows)]


def _choices(settings: Sequence[Setting]) -> list[Choice]:
    """Settings that can be shown, those of the same figures as one."""
    names: dict[tuple[float, float, float], list[str]] = {}
    for setting in settings:
        one = over_all(setting)
        if one.warnings_per_day and one.precision is not None and one.recall is not None:
            figures = one.recall, one.precision, one.warnings_per_day
            names.setdefault(figures, []).append(_named(setting))
    return [Choice(" and ".join(same), *figures) for figures, same in names.items()]


def _named(setting: Setting) -> str:
    limits = (f"{rule}\u00a0{middle:g}" for rule, (middle, _) in setting.limits.items())
    return ", ".join(limits) or OWN
