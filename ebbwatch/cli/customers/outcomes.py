"""`ebbwatch outcomes`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, check_folder, console, say_json


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
    ranking: Annotated[
        bool, typer.Option("--ranking", help="Learn whom acting helps most, and say how well.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="With --ranking, write who still can be helped to a CSV file."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell what became of warnings: answers, precision, and what acting on them is worth.

    Who is held out (`feedback.holdout_share`) is compared with who is treated, by who bought again.
    """
    from ebbwatch.cli.customers.desk_page import (
        outcomes_document,
        outcomes_page,
        ranking_document,
        ranking_page,
    )
    from modelling.uplift import learnt, write
    from streams.config import Settings
    from streams.parameters.file import load_model
    from streams.tools.desk import Costs, report

    if out is not None and not ranking:
        raise UserError("--out: expected --ranking beside it, which is what it writes")
    check_folder(out)
    settings = Settings()
    scale = 10.0 ** load_model(settings).parameters.currency_exponent
    costs = Costs(contact_cost * scale, offer_cost * scale)
    found = asyncio.run(report(settings, days, costs))
    learned = learnt(found.customers, costs) if ranking else None
    if learned is not None and out is not None:
        write(learned[1], out)
    if as_json:
        told = {"ranking": ranking_document(*learned)} if learned else {}
        say_json(outcomes_document(found) | told)
        return
    console().print(outcomes_page(found))
    if learned is not None:
        console().print(ranking_page(*learned))
