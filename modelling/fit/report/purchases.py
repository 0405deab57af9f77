"""How often customers bought, against what the fitted model expects."""

from typing import Any, Final

import numpy as np

from modelling.fit.file import FitResult
from modelling.fit.ranges import FrequencyRanges, Span, in_words
from modelling.fit.report import charts as fit_charts
from modelling.fit.report.tracking import WEEK, Tracked, track
from modelling.history import Summary
from modelling.history.summary import day_number
from modelling.report.figures import decimal, percent, whole
from modelling.report.page import Block, Cell, Chart, Notes, PageSection, Table
from scoring.arrays import Floats
from scoring.model import ScoringModel
from scoring.models import PurchaseModel
from scoring.models.counts import chances_of_fewer

TENURES: Final = 256  # at once, so that their integrals fit into memory


def tracked(found: FitResult) -> Tracked | None:
    """Repeat purchases over time; None without a purchase model or a history."""
    data = found.data
    if data.log is None or found.fits.purchases is None:
        return None
    calendar = ScoringModel(found.parameters).calendar
    end = day_number(data.holdout or data.summary.until)
    return track(data.log, calendar, found.parameters.purchases, data.summary, end)


def tracking_section(found: FitResult) -> list[PageSection]:
    """Purchases over time."""
    over_time = tracked(found)
    if over_time is None:
        return []
    lead = (
        "Repeat purchases of the fit's customers, all together; a day on which a customer buys "
        "again is one. What is expected knows of each customer only when they first bought."
    )
    blocks = [_tracking_chart(over_time), _tracking_table(over_time)]
    return [PageSection("Purchases over time", lead, blocks)]


def _tracking_chart(over_time: Tracked) -> Block:
    if len(over_time.weekly[0]) < 2:  # noqa: PLR2004 - a line needs two points
        return Notes(["The history is too short for a chart by week."])
    caption = (
        "A good model's line runs through the middle of the weekly swings and keeps to the curve "
        "of all purchases, also after the line, in days it was not fitted to. It knows nothing of "
        "seasons and campaigns."
    )
    return Chart(fit_charts.tracking(over_time), caption)


def _tracking_table(over_time: Tracked) -> Table:
    fitted = int(np.searchsorted(over_time.days, over_time.fitted))
    rows = [_span("Fit's window", over_time, 0, fitted)]
    if over_time.days[-1] > over_time.fitted:
        rows.append(_span("Holdout", over_time, fitted, -1))
    return Table(("Days", "Weeks", "Actual", "Expected", "Expected against actual"), rows)


def _span(name: str, over_time: Tracked, first: int, last: int) -> list[Cell]:
    days, expected, actual = (
        float(line[last] - line[first])
        for line in (over_time.days, over_time.expected, over_time.actual)
    )
    off = expected / actual - 1.0 if actual else None
    return [name, decimal(days / WEEK, 1), whole(actual), decimal(expected, 1), percent(off)]


def frequency_section(found: FitResult) -> list[PageSection]:
    """Customers by repeat purchases, made and expected."""
    if found.fits.purchases is None:
        return []
    ranges = FrequencyRanges.of(found.data.summary.x)
    counted = by_frequency(found.parameters.purchases, found.data.summary, ranges)
    rows = [_in_range(*row) for row in zip(ranges.spans, *counted, strict=True)]
    lead = "How many customers came back how often, against what the model expects of as many."
    caption = "Bars of a pair should be of one height; a model that fits misses none by much."
    columns = ("Repeat purchase days", "Customers, actual", "Expected")
    blocks: list[Block] = [
        Chart(fit_charts.frequencies(ranges.spans, *counted), caption),
        Table(columns, rows),
    ]
    return [PageSection("How often customers come back", lead, blocks)]


def by_frequency(
    model: PurchaseModel, summary: Summary, ranges: FrequencyRanges
) -> tuple[Floats, Floats]:
    """Customers by repeat purchase days in the window, shape (ranges,).

    Args:
        model: In days.
        summary: The fit's customers.
        ranges: Of repeat purchase days.

    Returns:
        How many there are, and how many the model expects.
    """
    tenures, customers = np.unique(summary.T, return_counts=True)
    fewer = np.zeros(len(ranges.least))
    for start in range(0, len(tenures), TENURES):
        lot = slice(start, start + TENURES)
        fewer += chances_of_fewer(model, ranges.least, tenures[lot]) @ customers[lot]
    expected = np.maximum(np.diff(fewer, append=float(customers.sum())), 0.0)
    actual = np.bincount(ranges.places(summary.x), minlength=len(ranges.least))
    return actual.astype(np.float64), expected


def _in_range(span: Span, actual: float, expected: float) -> list[Cell]:
    return [in_words(*span), whole(actual), decimal(float(expected), 1)]


def conditional_section(found: FitResult) -> list[PageSection]:
    """Customers' purchases in the holdout, by their frequency before."""
    if found.holdout is None:
        return []
    holdout = found.holdout.section()
    rows = [_conditional(one) for one in holdout["bins"]]
    columns = ("Repeat purchase days before", "Customers", "Actual, mean", "Expected, mean")
    caption = (
        "Each point is the mean over customers of that frequency in the fit's window. The model "
        "is good where the lines are one, also at the right, where the best customers are."
    )
    chart = Chart(fit_charts.conditional(holdout["bins"]), caption)
    return [
        PageSection("Customers in the holdout", _forecasts(holdout), [chart, Table(columns, rows)])
    ]


def _forecasts(holdout: dict[str, Any]) -> str:
    related = holdout["correlation"]
    correlation = "is not defined" if related is None else f"is {related:.3f}"
    return (
        f"Knowing each customer's purchases up to the fit's end, the model expected "
        f"{holdout['expected']:,.1f} purchases in the {holdout['days']} days after it, and "
        f"{holdout['actual']:,} were made. Customer by customer, the correlation of both "
        f"{correlation}; the mean absolute error is {holdout['mean_absolute_error']:.3f} purchases."
    )


def _conditional(one: dict[str, Any]) -> list[Cell]:
    means = decimal(one["actual"], 2), decimal(one["expected"], 2)
    return [in_words(one["frequency"], one["most"]), whole(one["customers"]), *means]
