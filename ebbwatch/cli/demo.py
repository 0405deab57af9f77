"""`ebbwatch demo`."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from ebbwatch.cli.output import Json
from ebbwatch.demo.run import run
from ebbwatch.demo.view.plain import PlainView
from ebbwatch.demo.view.screen import LiveView


def demo(
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave Kafka and Redis running, to look around.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Replay a real purchase log through a real Kafka and Redis, and watch warnings arrive."""
    console = Console(stderr=as_json, highlight=False)
    with _view(console, silent=as_json) as view:
        found = run(view, keep=keep)
    if as_json:
        typer.echo(found.model_dump_json())
    if not all(outcome.as_expected for outcome in found.personas.values()):
        raise typer.Exit(1)


def _view(console: Console, *, silent: bool) -> LiveView | PlainView:
    if console.is_terminal:
        return LiveView(console, closing=not silent)
    return PlainView(sys.stderr if silent else sys.stdout, closing=not silent)
