"""`ebbwatch simulate`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.output import Json, check_folder, say_json


class FileFormat(StrEnum):
    """How events are written down."""

    WIRE = "wire"
    PARQUET = "parquet"


def simulate(
    *,
    customers: Annotated[int, typer.Option(help="How many customers.")],
    days: Annotated[int, typer.Option(help="How many days their events are written down.")],
    out: Annotated[Path, typer.Option(help="Folder to write to, new or empty.")],
    seed: Annotated[int, typer.Option(help="Of everything; the same makes the same bank.")] = 0,
    start: Annotated[str, typer.Option(help="First day.")] = "2024-01-01",
    currency: Annotated[str, typer.Option(help="Of the books: USD or EUR.")] = "USD",
    form: Annotated[
        FileFormat, typer.Option("--format", help="JSON lines of wire events, or tables.")
    ] = FileFormat.WIRE,
    as_json: Json = False,
) -> None:
    """Make up a bank's events, and write beside them who leaves, when and why."""
    from ebbwatch.cli.dates import day
    from ebbwatch.cli.pages.simulate import document, page
    from modelling.simulation.files import write_bank
    from modelling.simulation.plan import SimulationPlan

    first = day("--start", start)
    plan = SimulationPlan(customers=customers, days=days, seed=seed, start=first, currency=currency)
    check_folder(out)
    result = document(write_bank(plan, out, form.value))
    say_json(result) if as_json else typer.echo(page(result))
