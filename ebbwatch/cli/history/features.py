"""`ebbwatch features`."""

from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.dates import day
from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.output import Json, check_folder, say_json, telling


@reads_history
def features(
    *,
    at: Annotated[str, typer.Option(help="Day at whose beginning customers are looked at.")],
    out: Annotated[Path, typer.Option(help="File to write, .parquet or .csv.")],
    horizon_days: Annotated[
        int | None,
        typer.Option(min=1, max=36_500, help="Days the labels are about; else the parameters'."),
    ] = None,
    params: Annotated[
        Path | None, typer.Option(help="Parameter file; else the one configured.")
    ] = None,
    history: HistoryOptions,
    as_json: Json = False,
) -> None:
    """Write features as they were known at a day, and what customers bought from then on."""
    from ebbwatch.cli.history import reading
    from ebbwatch.cli.pages.features import document, page
    from modelling.bulk.apart import HistoryApart
    from modelling.exports import check_target, point_in_time, write_table
    from modelling.history import Book
    from streams.config import with_parameters
    from streams.parameters.file import load_model

    check_target(out)
    check_folder(out)
    asked = day("--at", at)
    settings = with_parameters(params)
    model = load_model(settings)
    days = horizon_days or round(model.parameters.horizon_days)
    book = Book.of(model, settings.rates_file)
    with telling(quiet=as_json) as say, reading.in_parts(history, book, say) as read:
        table = point_in_time(HistoryApart.of(read.parts), model, asked, days, say)
    write_table(table, out)
    result = document(table, read.cleaning, out, asked, days, model.parameters.version)
    say_json(result) if as_json else typer.echo(page(result, read.cleaning))
