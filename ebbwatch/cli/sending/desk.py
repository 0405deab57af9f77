"""`ebbwatch desk`."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from ebbwatch.cli.output import Json, say_json

File = Annotated[Path, typer.Argument(help="A desk's file (TOML).")]


def run(
    metrics_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Serve /metrics; 0 does not.")
    ] = 0,
) -> None:
    """Ration cases: hand out what a day holds, the most value at risk first; the rest waits.

    One at a time: a second one takes over, and the first ends. EBBWATCH_DESK_FILE states the rules.
    """
    from streams.config import Settings

    asyncio.run(_run(Settings(), metrics_port))


async def _run(settings: Any, port: int) -> None:  # noqa: ANN401
    import structlog
    from prometheus_client import REGISTRY, start_http_server

    from streams.telemetry.logs import configure
    from streams.tools.desk.rationing import ration, rules_in_use

    configure(settings.log_level)
    if port:
        start_http_server(port, settings.metrics_host)
    stop = asyncio.Event()
    for asking in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(asking, stop.set)
    log = structlog.get_logger()
    log.info("rationing", rules=rules_in_use(settings).name, topic=settings.assignment_topic)
    await ration(settings, stop, REGISTRY)
    log.info("left")


def check(file: File, *, as_json: Json = False) -> None:
    """Name every mistake of a desk's file with its line; exit code 1 where there is one."""
    from scoring.rules import RulesError
    from scoring.warning.desk import ROUTES, desk_rules

    try:
        found = desk_rules(file.read_bytes(), str(file))
    except RulesError as error:
        if as_json:
            say_json({"ok": False, "mistakes": [m._asdict() for m in error.mistakes]})
        else:
            typer.echo("\n".join(f"{file}, {mistake}" for mistake in error.mistakes))
        raise typer.Exit(1) from error
    capacity = {route: found.route.of(route).capacity for route in ROUTES}
    if as_json:
        say_json({"ok": True, "name": found.name, "capacity": capacity})
    else:
        told = ", ".join(f"{route} {cases}" for route, cases in capacity.items())
        typer.echo(f"{file}: {found.name}, cases of a business day: {told}")


def show() -> None:
    """Print the desk's file that comes with the program, with its comments."""
    from scoring.warning.desk import shipped_desk_text

    typer.echo(shipped_desk_text(), nl=False)
