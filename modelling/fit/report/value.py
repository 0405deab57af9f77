"""Who is still there by the fitted models, and what they are worth."""

from typing import Final, NamedTuple

import numpy as np

from modelling.fit.file import FitResult
from modelling.fit.report import value_charts
from modelling.report.figures import day, money
from modelling.report.page import Block, Cell, Chart, PageSection, Table
from scoring.arrays import Floats
from scoring.evaluation import gini, top_share
from scoring.model import ScoringModel

WIDEST: Final = 60  # repeat purchase days on the map, at most
NARROWEST: Final = 6
BEYOND: Final = 0.995  # quantile of frequency at which the map ends
QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


class Values(NamedTuple):
    """CLV of the fit's customers at its end.

    Attributes:
        each: Minor units, shape (customers,).
        top: Share of it that the most valuable fifth holds; None where nobody is worth anything.
        gini: Gini coefficient, None likewise.
    """

    each: Floats
    top: float | None
    gini: float | None


def customer_values(found: FitResult) -> Values:
    """What each customer is still worth, by the new file's models, as the live system has it."""
    model, summary = ScoringModel(found.parameters), found.data.summary
    alive = model.purchases.p_alive(summary.x, summary.t_x, summary.T)
    purchases = alive * model.discounted_ahead(summary.x, summary.T)
    each = model.margin * model.spend.expected_spend(summary.x, summary.monetary_value) * purchases
    if not each.any():
        return Values(each, None, None)
    return Values(each, top_share(each), gini(each))


def alive_section(found: FitResult) -> list[PageSection]:
    """P(alive) over frequency and recency."""
    if found.fits.purchases is None:
        return []
    summary = found.data.summary
    tenure = max(float(summary.T.max()), 1.0)
    most = int(np.clip(np.quantile(summary.x, BEYOND), NARROWEST, WIDEST))
    caption = (
        f"For a customer who first bought {tenure:.0f} days ago; the darker, the surer to be "
        "still there. At the top are those who bought of late. The further right, the faster a "
        "silence tells: who used to buy often and has stopped is gone, who seldom buys may "
        "just be between two purchases."
    )
    chart = Chart(value_charts.alive_map(found.parameters.purchases, tenure, most), caption)
    lead = "The chance that a customer is still active, by how often and how lately they bought."
    return [PageSection("Who is still there", lead, [chart])]


def value_section(found: FitResult, worth: Values) -> PageSection:
    """Spread of CLV, and how much of it few customers hold."""
    if worth.top is None:
        return PageSection("What customers are worth", "By these models nobody is worth anything.")
    currency, exponent = found.parameters.book_currency, found.parameters.currency_exponent
    some = worth.each[worth.each > 0.0] / 10.0**exponent
    blocks: list[Block] = [
        Chart(value_charts.value_spread(some, currency), _spread_caption(worth)),
        Table(("Customers", "Value"), _quantiles(worth, currency)),
        Chart(value_charts.lorenz(worth.each), _lorenz_caption(worth)),
    ]
    return PageSection("What customers are worth", _meaning(found), blocks)


def _meaning(found: FitResult) -> str:
    of = found.parameters
    return (
        f"The margin ({of.margin:.0%}) on what a customer is expected to spend in the "
        f"{of.clv_horizon_days:,.0f} days after {day(found.data.summary.until.isoformat())}, "
        "discounted to that day. Chance to be still there, purchases and spend are by the models."
    )


def _spread_caption(worth: Values) -> str:
    nothing = int((worth.each <= 0.0).sum())
    left_out = f" {nothing:,} customers of no value are left out." if nothing else ""
    return (
        "Each step to the right is a multiple, not a sum. The mean lies far right of the median "
        "where few customers hold much of the value. The bar at the left holds the least "
        f"0.5% too.{left_out}"
    )


def _lorenz_caption(worth: Values) -> str:
    return (
        "The further the curve bends from the straight line, the more the value hangs on few; the "
        f"Gini coefficient is {worth.gini:.3f}. Losing a customer at the left costs most."
    )


def _quantiles(worth: Values, currency: str) -> list[list[Cell]]:
    found = np.quantile(worth.each, QUANTILES).tolist()
    rows: list[list[Cell]] = [
        [f"{q:.0%} are worth at most", money(value, currency)]
        for q, value in zip(QUANTILES, found, strict=True)
    ]
    mean, total = float(worth.each.mean()), float(worth.each.sum())
    return [*rows, ["Mean", money(mean, currency)], ["All together", money(total, currency)]]
