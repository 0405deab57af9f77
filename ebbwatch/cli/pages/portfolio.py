"""The portfolio, as `ebbwatch segments` shows it."""

from datetime import UTC, datetime
from typing import Any, Final

from rich.console import Group
from rich.text import Text

from ebbwatch.cli.output import table
from scoring.arrays import DAY
from scoring.segments import DEFINITIONS
from streams.outbox.wording import money, percent
from streams.tools.portfolio import PortfolioSnapshot

SHARES: Final = ("pareto_share", "repeat_rate", "retention_rate")


def document(found: PortfolioSnapshot) -> dict[str, Any]:
    """The portfolio as one JSON value."""
    return {
        "as_of": _day(found.today),
        **found.rates(),
        "currency": found.model.parameters.book_currency,
        "cut_points": found.cut_points(),
        "definitions": {each.name: each.meaning for each in DEFINITIONS},
    }


def page(found: PortfolioSnapshot) -> Group:
    """The portfolio for people."""
    rates = table("portfolio", f"as of {_day(found.today)}")
    for name, value in found.rates().items():
        rates.add_row(name.replace("_", " "), _spoken(name, value, found))
    cuts = table("cut points", "proposed", "in use")
    in_use = found.model.parameters.segments
    for name, values in found.cut_points().items():
        current = getattr(in_use, name) if in_use is not None else ()
        cuts.add_row(name, _listed(values), _listed(current))
    return Group(rates, Text(""), cuts)


def _spoken(name: str, value: float | None, found: PortfolioSnapshot) -> str:
    if value is None:
        return "nobody answered"
    if name == "clv_total":
        return money(value, found.model.parameters.book_currency)
    return percent(value) if name in SHARES else f"{value:,.6g}"


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:,.6g}" for value in values)


def _day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()
