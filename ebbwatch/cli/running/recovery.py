"""`ebbwatch backup`, `restore` and `rebuild`."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.output import Json, say_json, telling

Discard = Annotated[
    bool,
    typer.Option("--discard", help="Empty the store first; all workers must have been stopped."),
]


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; a file that exists is refused.")],
    *,
    as_json: Json = False,
) -> None:
    """Write the store into one file with checksums, while workers go on."""
    from ebbwatch.cli.pages.backfill import tell_saved
    from streams.config import Settings
    from streams.tools.recovery import back_up

    with telling(quiet=as_json) as say:
        saved = asyncio.run(back_up(Settings(), file, say))
    tell_saved(saved, file, "backed up to", as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="That backup wrote.")],
    *,
    discard: Discard = False,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty store; workers then make good from the topics what came since."""
    from ebbwatch.cli.pages.backfill import tell_saved
    from streams.config import Settings
    from streams.tools import recovery

    with telling(quiet=as_json) as say:
        saved = asyncio.run(recovery.restore(Settings(), file, say, discarding=discard))
    tell_saved(saved, file, "restored from", as_json=as_json)


@reads_history
def rebuild(
    *,
    history: HistoryOptions,
    until: Annotated[
        str | None,
        typer.Option(help="The cut: files up to it, topics from it on; else as the topics tell."),
    ] = None,
    discard: Discard = False,
    as_json: Json = False,
) -> None:
    """Bring a lost store back from files and topics, or tell what is missing.

    HISTORY is what the topics have forgotten, or what was once loaded from files. Workers that are
    started afterwards apply the rest, and warn nobody twice.
    """
    from ebbwatch.cli.history import reading
    from ebbwatch.cli.history.backfill import cut_of
    from ebbwatch.cli.pages.backfill import LOADING, document, page, tell_whole
    from modelling.history import Book
    from streams.config import Settings
    from streams.parameters.file import load_model
    from streams.tools import recovery
    from streams.tools.backfill import load

    began, settings = time.perf_counter(), Settings()
    model = load_model(settings)
    given = None if until is None else cut_of(until)
    with telling(quiet=as_json) as say:
        say("Looking at the topics", 0, 0)
        currency = model.parameters.book_currency
        held = asyncio.run(recovery.look(settings, model.calendar, currency))
        if not history.paths:
            held.require_all(given)
            if discard:
                asyncio.run(recovery.discard(settings))
            tell_whole(as_json=as_json)
            return
        cut, book = held.cut(given), Book.of(model, settings.rates_file)
        with reading.in_parts(history, book, say) as read:
            held.require((part() for part in read.parts), model.calendar)
            if discard:
                asyncio.run(recovery.discard(settings))
            loaded = asyncio.run(
                load(
                    settings,
                    model,
                    read.parts,
                    cut,
                    on_commit=lambda made: say(LOADING, made.customers, made.of),
                )
            )
    result = document(loaded, read.cleaning, time.perf_counter() - began)
    if as_json:
        say_json({**result, "forgotten": held.forgotten})
    else:
        typer.echo(page(result, read.cleaning))
        typer.echo("Start the workers: they apply what the topics hold from the cut on.")
