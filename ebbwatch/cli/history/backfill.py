"""`ebbwatch backfill`."""

import asyncio
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

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
from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, say_json
from modelling.history import Book, read_events
from streams.config import with_parameters
from streams.parameters.file import load_model
from streams.store import Fenced, Lost
from streams.tools.backfill import BackfillError, Loaded, load


def backfill(
    history: HistoryPaths,
    until: Annotated[
        str,
        typer.Option(
            help="The cut, an ISO 8601 instant: files up to it, topics from it on. UTC "
            "unless it says otherwise."
        ),
    ],
    params: Annotated[
        Path | None, typer.Option(help="Parameter file; else that of the settings.")
    ] = None,
    id_column: IdColumn = "customer_id",
    time_column: TimeColumn = "event_time",
    amount_column: AmountColumn = "amount",
    type_column: TypeColumn = "type",
    column: MoreColumns = None,
    amount_unit: Unit = AmountUnit.MAJOR,
    *,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the same backfill, which was stopped.")
    ] = False,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Publish warnings of the past too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Load a history into Redis as if it had been streamed; live streaming goes on from the cut."""
    began = time.perf_counter()
    cut = _cut(until)
    settings = with_parameters(params)
    model = load_model(settings)
    names = columns(id_column, time_column, amount_column, type_column, column or [])
    book = Book.of(model, settings.rates_file)
    log = read_events(history, book, columns=names, unit=amount_unit.value)
    try:
        loaded = asyncio.run(load(settings, model, log, cut, resume=resume, publish=publish))
    except (BackfillError, Fenced, Lost) as refused:
        raise UserError(str(refused)) from refused
    _tell(loaded, time.perf_counter() - began, as_json=as_json)


def _cut(text: str) -> float:
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"--until: expected an ISO 8601 instant, got {text}") from error
    cut = given if given.tzinfo else given.replace(tzinfo=UTC)
    if cut > datetime.now(UTC):
        raise UserError(f"--until: expected an instant that is past, got {cut.isoformat()}")
    return cut.timestamp()


def _tell(loaded: Loaded, seconds: float, *, as_json: bool) -> None:
    if as_json:
        say_json(_document(loaded, seconds))
        return
    told = _document(loaded, seconds)
    typer.echo(
        f"{loaded.events} events of {loaded.customers} customers loaded into {loaded.partitions} "
        f"partitions up to {told['until']}, the last one at {told['last_event']}; "
        f"{loaded.duplicates} duplicates, {loaded.too_late} too late, {loaded.timers} timers, "
        f"{loaded.warnings} warnings, {loaded.published} messages to publish; {seconds:.1f} s"
    )


def _document(loaded: Loaded, seconds: float) -> dict[str, Any]:
    told = asdict(loaded)
    for name in ("until", "last_event"):
        told[name] = told[name] and datetime.fromtimestamp(told[name], UTC).isoformat()
    return {**told, "seconds": round(seconds, 3)}
