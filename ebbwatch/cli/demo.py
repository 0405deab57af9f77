"""`ebbwatch demo`."""

from pathlib import Path
from typing import Annotated, Final

import typer

from ebbwatch.cli.output import Json

PORT: Final = 8_642


def demo(
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave Kafka and Redis running, to look around.")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Keep the page open on the demo's data until Ctrl-C.")
    ] = False,
    port: Annotated[int, typer.Option(help="Where that page is; 0 takes a free port.")] = PORT,
    params: Annotated[
        Path | None, typer.Option(help="Parameter file to run on instead of the demo's own.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Replay a real purchase log through a real Kafka and Redis, and watch warnings arrive."""
    from ebbwatch.demo.run import run
    from ebbwatch.demo.view.choice import view_here

    with view_here(silent=as_json) as view:
        found = run(view, keep=keep, parameters=params, port=port if page else None)
    if as_json:
        typer.echo(found.model_dump_json())
    if params is None and not all(outcome.as_expected for outcome in found.personas.values()):
        raise typer.Exit(1)
