"""`ebbwatch serve`."""

from typing import Annotated

import typer

from ebbwatch.cli.running.worker import Mode, end_with


def serve(
    host: Annotated[str | None, typer.Option(help="Overrides EBBWATCH_SERVE_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Overrides EBBWATCH_SERVE_PORT; 0 takes a free one.")
    ] = None,
    mode: Annotated[Mode | None, typer.Option(help="Overrides EBBWATCH_MODE.")] = None,
    *,
    without_login: Annotated[
        bool,
        typer.Option("--without-login", help="Let everybody on this machine in; loopback only."),
    ] = False,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Answer programs and people: customers scored at the moment of the question.

    It writes nothing to Redis: give it a user there that may read alone. What those answer whom
    EBBWATCH_SERVE_ANSWERERS names goes to Kafka (docs/serve.md).
    """
    if parent is not None:
        end_with(parent)
    from ebbwatch.serve.settings import ServeSettings
    from streams.config import Settings

    own = {"host": host, "port": port, "without_login": without_login or None}
    given = {name: value for name, value in own.items() if value is not None}
    serving = ServeSettings(**given)  # type: ignore[arg-type]
    settings = Settings() if mode is None else Settings(mode=mode.value)
    from ebbwatch.serve.run import run

    run(settings, serving, typer.echo)
