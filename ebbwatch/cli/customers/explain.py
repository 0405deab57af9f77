"""`ebbwatch explain`."""

import asyncio
from typing import Annotated

import typer

from ebbwatch.cli.dates import seconds_or_present
from ebbwatch.cli.output import Json, console, say_json


def explain(
    customer: Annotated[str, typer.Argument(help="The customer's pseudonymous id.")],
    at: Annotated[
        str | None, typer.Option(help="At this instant, ISO 8601; else at present.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Say why a customer's risk is what it is: points, reasons, and what would clear each warning.

    As of an instant from the last event on; `ebbwatch verify` derives what was warned of before.
    """
    from ebbwatch.cli.customers.explain_page import document, page
    from streams.config import Settings
    from streams.tools.customers.look_up import inspect

    instant = seconds_or_present("--at", at)
    found = asyncio.run(inspect(Settings(), customer, instant))
    say_json(document(found)) if as_json else console().print(page(found))
