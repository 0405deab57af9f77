"""`ebbwatch inspect`."""

import asyncio
from typing import Annotated

import typer

from ebbwatch.cli.dates import instant_or_utc
from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, console, say_json


def inspect(
    customer: Annotated[str, typer.Argument(help="The customer's pseudonymous id.")],
    at: Annotated[
        str | None, typer.Option(help="Score at this instant, ISO 8601; else at present.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show one customer: state, scores, open warnings, next timer; exit code 1 if unknown."""
    from ebbwatch.cli.pages.customer import document, page
    from streams.config import Settings
    from streams.tools import inspect_customer as tool
    from streams.tools.customer_view import TooEarlyError

    settings = Settings()
    try:
        given = None if at is None else instant_or_utc("--at", at)
        found = asyncio.run(tool.inspect(settings, customer, given))
    except (TooEarlyError, tool.UnknownCustomerError) as error:
        raise UserError(str(error)) from error
    say_json(document(found)) if as_json else console().print(page(found))
