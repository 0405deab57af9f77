"""`ebbwatch backup`, `restore` and `rebuild`."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, console, say_json, telling

if TYPE_CHECKING:
    from streams.tools.recovery import Retained, Saved

Discard = Annotated[
    bool,
    typer.Option("--discard", help="Empty the store first; all workers must have been stopped."),
]
SHOWN = 3


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; a file that exists is refused.")],
    *,
    as_json: Json = False,
) -> None:
    """Write the store into one file with checksums, while workers go on."""
    from streams.config import Settings
    from streams.tools.recovery import BackupError, back_up

    with telling(quiet=as_json) as say:
        try:
            saved = asyncio.run(back_up(Settings(), file, say))
        except BackupError as error:
            raise UserError(str(error)) from error
    _tell(saved, file, "backed up to", as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(help="That backup wrote.")],
    *,
    discard: Discard = False,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty store; workers then make good from the topics what came since."""
    from streams.config import Settings
    from streams.tools import recovery

    settings = Settings()
    with telling(quiet=as_json) as say:
        try:
            saved = asyncio.run(recovery.restore(settings, file, say, discarding=discard))
        except recovery.BackupError as error:
            raise UserError(str(error)) from error
    _tell(saved, file, "restored from", as_json=as_json)


def _tell(saved: "Saved", file: Path, what: str, *, as_json: bool) -> None:
    if as_json:
        say_json({**saved._asdict(), "file": str(file)})
        return
    size = f"{saved.bytes / 1e6:.1f} MB"
    told = f"{saved.keys} keys of {saved.partitions} partitions, {size}, {what} {file}"
    console().print(f"{told}, as of {saved.made_at}", markup=False)


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
    from ebbwatch.cli.pages.backfill import document, page, progress
    from modelling.history import Book
    from streams.config import Settings
    from streams.parameters.file import load_model
    from streams.store import Fenced, Lost
    from streams.tools import recovery
    from streams.tools.backfill import BackfillError, load

    began, settings = time.perf_counter(), Settings()
    model = load_model(settings)
    with telling(quiet=as_json) as say:
        say("Looking at the topics")
        currency = model.parameters.book_currency
        held = asyncio.run(recovery.look(settings, model.calendar, currency))
        given = None if until is None else cut_of(until)
        if not history.paths:
            _require_all(held, given)
            if discard:
                asyncio.run(recovery.discard(settings))
            _tell_whole(as_json=as_json)
            return
        cut = _cut(held, given)
        with reading.in_parts(history, Book.of(model, settings.rates_file), say) as read:
            lacking = held.lacking((part() for part in read.parts), model.calendar)
            if lacking:
                first = ", ".join(lacking[:SHOWN])
                expected = f"all that the topics hold of before {_iso(held.since)}"
                got = f"nothing of {len(lacking)} days of customers, such as {first}"
                raise UserError(f"HISTORY: expected {expected}, got {got}")
            if discard:
                asyncio.run(recovery.discard(settings))
            told = progress(say)
            try:
                loaded = asyncio.run(load(settings, model, read.parts, cut, on_commit=told))
            except (BackfillError, Fenced, Lost) as error:
                raise UserError(str(error)) from error
    result = document(loaded, read.cleaning, time.perf_counter() - began)
    result["forgotten"] = held.forgotten
    if as_json:
        say_json(result)
    else:
        typer.echo(page(result, read.cleaning))
        typer.echo("Start the workers: they apply what the topics hold from the cut on.")


def _require_all(held: "Retained", cut: float | None) -> None:
    if cut is not None:
        raise UserError("--until: expected it together with HISTORY, got it alone")
    if held.forgotten:
        named = ", ".join(f"{name} before offset {at}" for name, at in held.forgotten.items())
        expected = "HISTORY, files of what the topics have forgotten"
        raise UserError(f"topics: expected {expected} ({named}), got none")


def _cut(held: "Retained", given: float | None) -> float:
    if given is None and held.since == -float("inf"):
        expected = "the cut of the backfill that was made: the topics have forgotten nothing"
        raise UserError(f"--until: expected {expected}, got none")
    if given is not None and given < held.since:
        expected = f"an instant from {_iso(held.since)} on, before which the topics lack records"
        raise UserError(f"--until: expected {expected}, got {_iso(given)}")
    return held.since if given is None else given


def _tell_whole(*, as_json: bool) -> None:
    if as_json:
        say_json({"forgotten": {}})
    else:
        console().print("The topics hold everything. Start the workers: they apply it anew.")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
