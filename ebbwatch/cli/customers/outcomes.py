"""`ebbwatch outcomes`."""

import asyncio
from typing import Annotated

import typer

from ebbwatch.cli.output import Json, console, say_json


def outcomes(
    *,
    days: Annotated[
        float, typer.Option(min=1.0, help="Within which after a warning a purchase is a return.")
    ] = 28.0,
    contact_cost: Annotated[
        float, typer.Option(min=0.0, help="Of contacting a customer, major units.")
    ] = 0.0,
    offer_cost: Annotated[
        float, typer.Option(min=0.0, help="Of an accepted offer, major units.")
    ] = 0.0,
    as_json: Json = False,
) -> None:
    """Tell what became of warnings: answers, precision, and what acting on them is worth.

    Who is held out (`feedback.holdout_share`) is compared with who is treated, by who bought again.
    """
    from ebbwatch.cli.customers.desk_page import outcomes_document, outcomes_page
    from streams.config import Settings
    from streams.parameters.file import load_model
    from streams.tools.desk import Costs, report

    settings = Settings()
    scale = 10.0 ** load_model(settings).parameters.currency_exponent
    costs = Costs(contact_cost * scale, offer_cost * scale)
    found = asyncio.run(report(settings, days, costs))
    say_json(outcomes_document(found)) if as_json else console().print(outcomes_page(found))
