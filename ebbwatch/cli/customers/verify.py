"""`ebbwatch verify`."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.output import Json, console, say_json

ParamsSince = Annotated[
    list[Path] | None,
    typer.Option(help="Parameter files since; may be repeated. Else that of the settings."),
]
RulesSince = Annotated[
    list[Path] | None,
    typer.Option(help="Rules files since; may be repeated. Else that of the settings."),
]
NOT_SAME = 3  # exit code where what is derived differs from what was published


@reads_history
def verify(
    warning_id: Annotated[str, typer.Argument(help="The warning's id.")],
    *,
    history: HistoryOptions,
    params: ParamsSince = None,
    rules: RulesSince = None,
    warning: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Its messages, JSON lines; else from the topics."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Derive a warning anew from the log, byte for byte, or tell what differs: exit code 3.

    HISTORY is what was loaded by `backfill`, or what the topics have forgotten since.
    """
    from ebbwatch.cli.history import reading
    from ebbwatch.cli.pages.verified import document, page
    from modelling.history import Book
    from streams.config import Settings
    from streams.parameters.file import load_models
    from streams.tools.verify import published, read_warnings
    from streams.tools.verify import verify as verified

    settings = Settings()
    models = load_models(settings, params or (), rules or ())
    if warning is not None:
        messages = read_warnings(warning, warning_id)
    else:
        messages = asyncio.run(published(settings, warning_id))
    book = Book.of(models[0], settings.rates_file)
    with reading.in_parts_if_any(history, book) as parts:
        found = asyncio.run(verified(settings, messages, models, parts))
    say_json(document(found)) if as_json else console().print(page(found))
    if not found.is_same:
        raise typer.Exit(NOT_SAME)
