"""The report of a backtest."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from modelling.backtest import FLAP_DAYS, ScorePerformance
from modelling.backtest import charts as backtest_charts
from modelling.backtest.charts import Weekly
from modelling.backtest.rule_sections import median_lead, of_all_rules, thresholds_sections
from modelling.backtest.run import BacktestRun, instant
from modelling.backtest.worth_sections import worth_sections
from modelling.report import ranking_charts
from modelling.report.figures import counted, day, decimal, interval, percent, whole
from modelling.report.page import Block, Cell, Chart, Fact, Page, PageSection, Table, Terms, write
from modelling.report.ranking_tables import tenths_table

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "churn_risk": "churn risk",
        "silence": "P(no purchase)",
        "churn": "churn scorecard",
        "days_since_last": "days since last purchase",
    }
)
SHOWN: Final = ("churn_risk", "silence", "days_since_last")


def write_backtest_report(path: Path, run: BacktestRun, more: Sequence[PageSection] = ()) -> None:
    """Write the report of a backtest, more sections first, as one HTML file.

    Raises:
        OSError: It cannot be written.
    """
    write(path, backtest_page(run, more))


def backtest_page(run: BacktestRun, more: Sequence[PageSection] = ()) -> Page:
    """The report of a backtest."""
    first, last = (day(instant(at)) for at in run.result.period)
    customers = counted(run.result.customers, "customer")
    events = counted(run.result.events, "event")
    return Page(
        kind="backtest",
        title=f"{customers}, {events} replayed",
        lead=(
            f"What the warnings from {first} to {last} would have been worth. Lost is who buys "
            f"nothing for {run.result.days:g} days or closes the account."
        ),
        facts=_facts(run),
        sections=[
            *worth_sections(run),
            *more,
            *thresholds_sections(run),
            *_over_time(run),
            *_leads(run),
            *_ranking(run),
            *_calibration(run),
            _definitions(run),
        ],
        made_by=f"Ebbwatch · parameters {run.model.parameters.version}",
    )


def _facts(run: BacktestRun) -> list[Fact]:
    own = of_all_rules(run.result.settings[0])
    lapses = f"{run.result.closures:,} of them by closure"
    return [
        Fact("Lapses", whole(run.result.lapses), lapses),
        Fact("Warnings a day", decimal(own.warnings_per_day, 2), f"{own.warnings:,} in all"),
        Fact("Precision", percent(own.precision), f"{own.right:,} were right"),
        Fact("Recall", percent(own.recall), f"{own.warned:,} lapses warned of"),
        Fact("Median lead", decimal(median_lead(own), 0), "days before the lapse"),
    ]


def _over_time(run: BacktestRun) -> Iterator[PageSection]:
    own, period = run.result.settings[0], run.result.period
    middle, high = of_all_rules(own), of_all_rules(own, "high")
    if not middle.warnings:
        yield PageSection("Warnings over time", "There was no warning in the period.")
        return
    weekly = Weekly(period.start, period.end, middle.weekly, high.weekly)
    caption = (
        "Warnings a day in each week, by the file's own thresholds, all rules together. A steady "
        "height can be worked off. A heap is customers who came together and fall silent together, "
        "or who were silent when the period began."
    )
    blocks = [Chart(backtest_charts.warnings_a_day(weekly), caption)]
    yield PageSection("Warnings over time", "", blocks)


def _leads(run: BacktestRun) -> Iterator[PageSection]:
    own = of_all_rules(run.result.settings[0])
    lead, median = own.lead_days, median_lead(own)
    if median is None or lead.quantiles is None:
        yield PageSection("How early warnings come", "No lapse was warned of.")
        return
    caption = (
        f"Of {own.warned:,} lapses warned of, all rules together. What lies at the left is told so "
        "late that little can be done."
    )
    names = [f"{float(quantile):.0%}" for quantile in lead.quantiles]
    row: list[Cell] = ["Days before", *(decimal(value, 1) for value in lead.quantiles.values())]
    chart = Chart(backtest_charts.leads(lead.edges, lead.counts, median), caption)
    table = Table(("Share of lapses with at most", *names), [row])
    yield PageSection("How early warnings come", "", [chart, table])


def _scores(run: BacktestRun) -> list[ScorePerformance]:
    scores = run.result.snapshots.scores
    return [one for name in SHOWN for one in scores if one.score == name and one.auc is not None]


def _ranking(run: BacktestRun) -> Iterator[PageSection]:
    seen, scores = run.result.snapshots, _scores(run)
    if not scores:
        return
    tenths = {TITLES[one.score]: one.deciles for one in scores}
    caption = (
        f"Left: {TITLES[scores[0].score]}; how much more often each tenth is lost than all. Right: "
        "who acts on the riskiest first reaches that share of the lost; the grey line is acting "
        "at random."
    )
    rows = [_score(one) for one in seen.scores if one.auc is not None]
    columns = (
        "Score",
        "Days",
        "Lost",
        "AUC",
        "95% interval",
        "Top tenth's lift",
        "Calibration error",
    )
    lead = (
        f"All customers with their scores on {len(seen.dates)} dates, {seen.customers:,} looks in "
        "all, held against who was lost in the days after: bought nothing, or closed the account. "
        "A churn scorecard's risk is held against who left as the parameter file defines it."
    )
    chart = Chart(ranking_charts.lift_and_gain("lift", tenths), caption)
    blocks: list[Block] = [Table(columns, rows), chart]
    caption = f"By {TITLES[scores[0].score]}, the riskiest tenth first."
    yield PageSection(
        "How the scores rank", lead, [*blocks, tenths_table(scores[0].deciles, caption)]
    )


def _score(one: ScorePerformance) -> list[Cell]:
    name = TITLES.get(one.score, one.score.replace("_", " "))
    area: tuple[Cell, Cell] = ("", "")
    if one.auc is not None:
        area = decimal(one.auc.value, 3), interval(one.auc.low, one.auc.high)
    error: Cell = "" if one.calibration_error is None else decimal(one.calibration_error, 4)
    lost = decimal(one.days, 0), percent(one.lost / one.customers)
    return [name, *lost, *area, decimal(one.deciles[0].lift, 2), error]


def _calibration(run: BacktestRun) -> Iterator[PageSection]:
    curves = {TITLES[one.score]: one.calibration for one in _scores(run) if one.calibration}
    if not curves:
        return
    chart = Chart(ranking_charts.calibration("calibration", curves), ranking_charts.CALIBRATED)
    yield PageSection("Do the risks mean what they say", "", [chart])


def _definitions(run: BacktestRun) -> PageSection:
    own, still_open = of_all_rules(run.result.settings[0]), run.result.open_stretches
    lead = (
        f"Of {own.warnings:,} warnings of all rules together {own.right:,} were right, "
        f"{own.wrong:,} wrong, {own.late:,} late and {own.open:,} are open. {still_open:,} "
        "silences go on at the history's end and are not judged: whether they end in a lapse is "
        "not known."
    )
    return PageSection("What the words mean", lead, [Terms(list(_terms(run.result.days).items()))])


def _terms(days: float) -> dict[str, str]:
    return {
        "Lapse": (
            f"{days:g} days have passed since a purchase without another, or the account is "
            "closed before. Who buys again may lapse again."
        ),
        "Warning": "The entry of a rule's value into band middle or above, or into band high.",
        "Right": "Raised before the lapse that ends the silence it was raised in.",
        "Wrong": "The customer bought again before any lapse.",
        "Late": "The lapse was past when it was raised.",
        "Open": "The history ends too soon to tell; counts neither for nor against a rule.",
        "Precision": "Right warnings over right, wrong and late ones.",
        "Recall": "Lapses of the period that were warned of, over all lapses of it.",
        "Lead": "Days from the first right warning to the lapse; the tables have the median.",
        "Mean lead": (
            "Days from the first right warning to the lapse, over all lapses: 0 where there was "
            "none, the whole silence where a warning stood since before it and is no new one."
        ),
        "Plain rules": (
            "Silent for D days; silent for k times the own mean gap between purchase days; the "
            "sum of quintiles of recency, frequency and monetary value, cut as the period began, "
            "down to at most c; nothing bought in a calendar month, told at its end."
        ),
        "Flap": f"A warning at most {FLAP_DAYS:g} days after the same rule's last one.",
        "Warned CLV": (
            "What customers whose lapse was warned of were still worth at the first right warning."
        ),
    }
