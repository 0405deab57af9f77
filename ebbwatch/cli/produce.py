"""`ebbwatch produce`."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, say_json


def produce(
    file: Annotated[str, typer.Argument(help="JSON lines of events; - reads standard input.")],
    topic: Annotated[
        str | None, typer.Option(help="Write all to this topic, whatever their type.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Write events to Kafka, each to the input topic of its type, keyed by its customer."""
    from streams.config import Settings
    from streams.tools.produce_file import LineError, write_lines

    settings = Settings()
    with _opened(file) as lines:
        try:
            written = asyncio.run(write_lines(settings, lines, topic))
        except LineError as refused:
            raise UserError(f"{file}:{refused}") from refused
    if as_json:
        say_json({"written": written})
        return
    for name, count in written.items():
        typer.echo(f"{count} events written to {name}")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as lines:
        yield lines
