"""`ebbwatch produce`."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, say_json, telling


def produce(
    file: Annotated[str, typer.Argument(help="JSON lines of events; - reads standard input.")],
    topic: Annotated[
        str | None, typer.Option(help="Write all to this topic, whatever their type.")
    ] = None,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Write also what was written of this file before.")
    ] = False,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Write also what workers will set aside.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write events to Kafka, each to the input topic of its type, keyed by its customer.

    The file is checked as a whole before anything is written. What was written of it before, be it
    by a run that was killed, is not written again; a file that has grown is gone on with.
    """
    from ebbwatch.cli.pages.produce import document, page, warnings
    from streams.config import Settings
    from streams.intake.rates import read_rates
    from streams.parameters.file import load_model
    from streams.tools.producing.checked_lines import LineError
    from streams.tools.producing.produce_file import FileWriter

    settings = Settings()
    parameters = load_model(settings).parameters
    rates = read_rates(settings.rates_file, parameters.book_currency)
    with _opened(file) as lines, telling(quiet=as_json) as tell:
        writer = FileWriter(settings, rates, topic, again=again, unchecked=unchecked, tell=tell)
        try:
            written = writer.write(lines, file)
        except LineError as refused:
            raise UserError(f"{file}:{refused}") from refused
    for line in warnings(file, written, parameters.book_currency):
        typer.echo(f"ebbwatch: {line}", err=True)
    say_json(document(written)) if as_json else typer.echo("\n".join(page(file, written)))


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """The file, or a copy of standard input: it is read twice."""
    if file != "-":
        with Path(file).open("rb") as lines:
            yield lines
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        yield copy
