"""`ebbwatch segments`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, console, say_json


def segments(
    out: Annotated[
        Path | None,
        typer.Option(help="Write the parameters in use with the proposed cut points to a file."),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Tell the portfolio's rates and propose cut points of segments, from all live customers."""
    from ebbwatch.cli.pages.portfolio import document, page
    from streams.config import Settings
    from streams.parameters.file import load_model, read_document, write_document
    from streams.tools.customers.portfolio import read_portfolio, with_cut_points

    settings = Settings()
    found = asyncio.run(read_portfolio(settings, load_model(settings)))
    if not found.portfolio.customers:
        place = f"{settings.partitions} partitions under prefix {settings.redis_prefix}"
        raise UserError(f"portfolio: expected customers with a purchase in {place}, found none")
    if out is not None:
        write_document(out, with_cut_points(read_document(settings.parameters_source), found))
    say_json(document(found)) if as_json else console().print(page(found))
