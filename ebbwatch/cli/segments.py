"""`ebbwatch segments`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, console, say_json, table
from scoring.arrays import DAY
from scoring.segments import DEFINITIONS
from streams.config import Settings
from streams.outbox.wording import money, percent
from streams.parameters.file import load_model, read_document, write_document
from streams.tools.portfolio import Standing, standing, with_cut_points

SHARES: Final = ("pareto_share", "repeat_rate", "retention_rate")


def segments(
    out: Annotated[
        Path | None,
        typer.Option(help="Write the parameters in use with the proposed cut points to a file."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Tell the portfolio's rates and propose cut points of segments, from all live customers."""
    settings = Settings()
    found = asyncio.run(standing(settings, load_model(settings)))
    if not found.portfolio.customers:
        place = f"{settings.partitions} partitions under prefix {settings.redis_prefix}"
        raise UserError(f"portfolio: expected customers with a purchase in {place}, found none")
    if out is not None:
        write_document(out, with_cut_points(read_document(settings.parameters_file), found))
    if as_json:
        say_json(document(found))
    else:
        _show(found)


def document(found: Standing) -> dict[str, Any]:
    """The portfolio as one JSON value."""
    return {
        "as_of": _day(found.today),
        **found.rates(),
        "currency": found.model.parameters.book_currency,
        "cut_points": found.cut_points(),
        "definitions": {each.name: each.meaning for each in DEFINITIONS},
    }


def _show(found: Standing) -> None:
    rates = table("portfolio", f"as of {_day(found.today)}")
    for name, value in found.rates().items():
        rates.add_row(name.replace("_", " "), _spoken(name, value, found))
    cuts = table("cut points", "proposed", "in use")
    in_use = found.model.parameters.segments
    for name, values in found.cut_points().items():
        current = getattr(in_use, name) if in_use is not None else ()
        cuts.add_row(name, _listed(values), _listed(current))
    console().print(rates, "", cuts, sep="\n")


def _spoken(name: str, value: float | None, found: Standing) -> str:
    if value is None:
        return "nobody answered"
    if name == "clv_total":
        return money(value, found.model.parameters.book_currency)
    return percent(value) if name in SHARES else f"{value:,.6g}"


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:,.6g}" for value in values)


def _day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()
