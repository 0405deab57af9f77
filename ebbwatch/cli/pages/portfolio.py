"""The portfolio, as `ebbwatch segments` shows it."""

from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Group
from rich.text import Text

from ebbwatch.cli.output import WholeTable
from scoring.arrays import DAY
from scoring.segments import DEFINITIONS
from streams.outbox.phrases import money, phrases
from streams.tools.customers.portfolio import PortfolioSnapshot

SHARES: Final = ("pareto_share", "repeat_rate", "retention_rate")
AMOUNTS: Final = ("clv_total", "monetary_value", "clv")  # minor units, wherever they stand


def document(found: PortfolioSnapshot) -> dict[str, Any]:
    """The portfolio as one JSON value; all amounts in minor units of the currency."""
    return {
        "as_of": _day(found.today),
        **found.rates(),
        "currency": found.model.parameters.book_currency,
        "money_unit": "minor",
        "currency_exponent": found.model.parameters.currency_exponent,
        "cut_points": found.cut_points(),
        "definitions": {each.name: each.meaning for each in DEFINITIONS},
    }


def page(found: PortfolioSnapshot) -> Group:
    """The portfolio for people; all amounts in major units of the currency."""
    rates = WholeTable("portfolio", f"as of {_day(found.today)}")
    for name, value in found.rates().items():
        rates.add_row(name.replace("_", " "), _spoken(name, value, found))
    cuts = WholeTable("cut points", "proposed", "in use")
    in_use = found.model.parameters.segments
    for name, values in found.cut_points().items():
        current = getattr(in_use, name) if in_use is not None else ()
        currency = found.model.parameters.book_currency if name in AMOUNTS else None
        told = f"{name}, {currency}" if currency else name
        cuts.add_row(told, _listed(values, currency), _listed(current, currency))
    return Group(rates, Text(""), cuts)


def _spoken(name: str, value: float | None, found: PortfolioSnapshot) -> str:
    if value is None:
        return "nobody answered"
    if name in AMOUNTS:
        return money(value, found.model.parameters.book_currency)
    return phrases("en").percent(value) if name in SHARES else f"{value:,.6g}"


def _listed(values: tuple[float, ...], currency: str | None) -> str:
    """Values side by side; amounts in major units, the currency being said beside them."""
    if currency is not None:
        return "  ".join(money(value, currency).removesuffix(f" {currency}") for value in values)
    return "  ".join(f"{value:,.6g}" for value in values)


def _day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()
