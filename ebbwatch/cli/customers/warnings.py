"""`ebbwatch warnings`."""

import asyncio
import sys
from typing import Annotated, Any

import typer

from ebbwatch.cli.options import OfBand, OfRoute, OfRules, OfSeverity
from ebbwatch.cli.output import Json, console, say_json


def warnings(
    *,
    rule: OfRules = None,
    route: OfRoute = None,
    band: OfBand = None,
    severity: OfSeverity = 0.0,
    ids: Annotated[bool, typer.Option("--ids", help="Print ids alone, one a line.")] = False,
    as_json: Json = False,
) -> None:
    """List the open warnings, the most value at risk first, as the topics tell them."""
    from ebbwatch.cli.customers.chosen import Chosen
    from ebbwatch.cli.customers.desk_page import Listing, listed

    chosen = Chosen.of(rule, route, band, severity)
    listing = Listing(asyncio.run(_known()), chosen)
    if ids:
        sys.stdout.write("".join(f"{each.warning_id}\n" for each in listing.warnings))
    elif as_json:
        say_json(listing.document())
    else:
        console().print(listed(listing), soft_wrap=True)


async def _known() -> Any:  # noqa: ANN401 - an OpenSet, which is imported with what makes it
    from streams.config import Settings
    from streams.tools.desk import open_warnings

    return await open_warnings(Settings())
