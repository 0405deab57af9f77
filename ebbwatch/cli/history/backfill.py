"""`ebbwatch backfill`."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.dates import instant_or_utc
from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, say_json, telling


@reads_history
def backfill(
    *,
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
    rules: Annotated[
        Path | None, typer.Option(help="Rules file; else that of the settings.")
    ] = None,
    history: HistoryOptions,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the same backfill, which was stopped.")
    ] = False,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Publish warnings of the past too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Load a history into Redis as if it had been streamed; live streaming goes on from the cut."""
    from ebbwatch.cli.history import reading
    from ebbwatch.cli.pages.backfill import LOADING, document, page
    from modelling.history import Book
    from streams.config import with_parameters
    from streams.parameters.file import load_model
    from streams.tools.backfill import load

    began = time.perf_counter()
    cut = cut_of(until)
    settings = with_parameters(params, rules)
    model = load_model(settings)
    book = Book.of(model, settings.rates_file)
    with telling(quiet=as_json) as say, reading.in_parts(history, book, say) as read:
        say("Looking through the history", 0, 0)
        loading = load(
            settings,
            model,
            read.parts,
            cut,
            resume=resume,
            publish=publish,
            on_commit=lambda made: say(LOADING, made.customers, made.of),
        )
        loaded = asyncio.run(loading)
    result = document(loaded, read.cleaning, time.perf_counter() - began)
    say_json(result) if as_json else typer.echo(page(result, read.cleaning))


def cut_of(text: str) -> float:
    """The instant that was typed as `--until`, epoch seconds.

    Raises:
        UserError: it is none, or lies ahead.
    """
    cut = instant_or_utc("--until", text)
    if cut > datetime.now(UTC):
        raise UserError(f"--until: expected an instant that is past, got {cut.isoformat()}")
    return cut.timestamp()
