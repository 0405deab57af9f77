"""`ebbwatch features`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ebbwatch.cli.history.dates import day
from ebbwatch.cli.history.options import (
    AmountColumn,
    AmountUnit,
    HistoryPaths,
    IdColumn,
    MoreColumns,
    TimeColumn,
    TypeColumn,
    Unit,
    columns,
)
from ebbwatch.cli.output import Json, check_folder, say_json
from modelling.features import check_target, point_in_time, write_table
from modelling.history import Book, Cleaning, read_history
from streams.config import with_parameters
from streams.parameters.file import load_model


def features(
    history: HistoryPaths,
    at: Annotated[str, typer.Option(help="Day at whose beginning customers are looked at.")],
    out: Annotated[Path, typer.Option(help="File to write, .parquet or .csv.")],
    horizon_days: Annotated[
        int | None,
        typer.Option(min=1, max=36_500, help="Days the labels are about; else the parameters'."),
    ] = None,
    params: Annotated[
        Path | None, typer.Option(help="Parameter file; else the one configured.")
    ] = None,
    id_column: IdColumn = "customer_id",
    time_column: TimeColumn = "event_time",
    amount_column: AmountColumn = "amount",
    type_column: TypeColumn = "type",
    column: MoreColumns = None,
    amount_unit: Unit = AmountUnit.MAJOR,
    *,
    as_json: Json = False,
) -> None:
    """Write features as they were known at a day, and what customers bought from then on."""
    check_target(out)
    check_folder(out)
    asked = day("--at", at)
    settings = with_parameters(params)
    model = load_model(settings)
    names = columns(id_column, time_column, amount_column, type_column, column or [])
    book = Book.of(model, settings.rates_file)
    read = read_history(history, book, columns=names, unit=amount_unit.value)
    days = horizon_days or round(model.parameters.horizon_days)
    table = point_in_time(read.events(), model, asked, days)
    write_table(table, out)
    told = {
        "out": str(out),
        "at": asked.isoformat(),
        "horizon_days": days,
        "customers": table.height,
        "labelled": table["label_bought_nothing"].null_count() == 0,
        "parameters": model.parameters.version,
        "cleaning": read.cleaning.counts(),
    }
    say_json(told) if as_json else _say(told, read.cleaning)


def _say(told: dict[str, Any], cleaning: Cleaning) -> None:
    days = told["horizon_days"]
    missing = f"no labels: the history ends within {days} days"
    ahead = f"{days} days ahead" if told["labelled"] else missing
    typer.echo(f"{told['out']}: {told['customers']} customers at {told['at']}, {ahead}")
    for reason, first in cleaning.first.items():
        typer.echo(f"{cleaning.left_out[reason]} rows left out as {reason}; first {first}")
