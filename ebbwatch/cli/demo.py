"""`ebbwatch demo`."""

from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.output import Json


def demo(
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave Kafka and Redis running, to look around.")
    ] = False,
    params: Annotated[
        Path | None, typer.Option(help="Parameter file to run on instead of the demo's own.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Replay a real purchase log through a real Kafka and Redis, and watch warnings arrive."""
    from ebbwatch.demo.run import run
    from ebbwatch.demo.view.choice import view_here

    with view_here(silent=as_json) as view:
        found = run(view, keep=keep, parameters=params)
    if as_json:
        typer.echo(found.model_dump_json())
    if params is None and not all(outcome.as_expected for outcome in found.personas.values()):
        raise typer.Exit(1)
