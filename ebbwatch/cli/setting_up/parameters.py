"""`ebbwatch parameters`."""

from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.output import Json, WholeTable, check_folder, console, say_json


def new(
    currency: Annotated[str, typer.Option(help="Of the book, ISO 4217, such as AUD.")],
    timezone: Annotated[str, typer.Option(help="Of the book, IANA, such as Australia/Sydney.")],
    out: Annotated[Path, typer.Option(help="The parameter file to write.")],
    preset: Annotated[str, typer.Option(help="What to begin with: cards or cdnow.")] = "cards",
    mean_purchase: Annotated[
        float | None,
        typer.Option(
            help="What a customer spends on a day with purchases, on average, in the currency; "
            "else the preset's amounts are converted by a rate of exchange."
        ),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Write a parameter file to begin with, for a bank of another currency or time zone.

    Your own history makes a better one: ebbwatch calibrate.
    """
    from ebbwatch.cli.one_line import UserError
    from scoring.parameters import sealed
    from streams.config import PRESETS
    from streams.parameters.file import write_document
    from streams.tools.new_parameters import new_document

    check_folder(out)
    if preset not in PRESETS:
        raise UserError(f"--preset: expected one of {', '.join(PRESETS)}, got {preset}")
    document = sealed(new_document(preset, currency, timezone, mean_purchase))
    write_document(out, document)
    if as_json:
        shown = ("name", "book_currency", "currency_exponent", "book_timezone", "origins", "sha256")
        say_json({"file": str(out), **{name: document[name] for name in shown}})
        return
    parts = WholeTable("part", "comes from")
    for part, origin in document["origins"].items():
        parts.add_row(part.replace("_", " "), origin["made_from"])
    console().print(parts)
    typer.echo(f"\n{out}: put to use by EBBWATCH_PARAMETERS_FILE={out}")
    typer.echo("Your own history makes a better one: ebbwatch calibrate.")
