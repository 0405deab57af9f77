"""`ebbwatch desk`."""

import asyncio
import signal
import tomllib
from pathlib import Path
from typing import Annotated, Any

import typer

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, say_json
from ebbwatch.cli.running.worker import end_with


def run(
    metrics_port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Serve /metrics; 0 does not.")
    ] = 0,
    parent: Annotated[int | None, typer.Option(hidden=True)] = None,
) -> None:
    """Ration cases: hand out what a day holds, the most value at risk first; the rest waits.

    One at a time: a second one takes over, and the first ends. EBBWATCH_DESK_FILE states the rules.
    """
    if parent is not None:
        end_with(parent)
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


def check(
    file: Annotated[Path | None, typer.Argument(help="A desk's file (TOML).")] = None,
    no_offers: Annotated[
        Path | None, typer.Option(help="A list of customers to whom nothing may be offered.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Name every mistake of a desk's file or list with its line; exit code 1 where there is one."""
    from scoring.rules import RulesError
    from scoring.warning.desk import ROUTES, desk_rules, listed

    try:
        found = desk_rules(file.read_bytes(), str(file)) if file else desk_rules()
        held = listed(no_offers.read_bytes(), str(no_offers)) if no_offers else {}
    except RulesError as error:
        if as_json:
            say_json({"ok": False, "mistakes": [m._asdict() for m in error.mistakes]})
        else:
            where = str(error).partition(", line ")[0]
            typer.echo("\n".join(f"{where}, {mistake}" for mistake in error.mistakes))
        raise typer.Exit(1) from error
    capacity = {route: found.route.of(route).capacity for route in ROUTES}
    due = found.due.model_dump()
    if as_json:
        rules = {"name": found.name, "capacity": capacity, "due": due}
        say_json({"ok": True, **rules, "no_offers": len(held)})
        return
    told = ", ".join(f"{route} {cases}" for route, cases in capacity.items())
    within = ", ".join(f"{band} {days}" for band, days in due.items())
    typer.echo(f"{file or 'shipped'}: {found.name}, cases of a business day: {told};")
    typer.echo(f"to be answered within working days: {within}")
    if no_offers:
        typer.echo(f"{no_offers}: nothing is offered to {len(held)} customers")


def show(*, as_json: Json = False) -> None:
    """Print the desk's file that comes with the program, with its comments."""
    from scoring.warning.desk import shipped_desk_text

    if as_json:
        say_json(tomllib.loads(shipped_desk_text()))
    else:
        typer.echo(shipped_desk_text(), nl=False)


def digest(
    smtp: Annotated[
        str, typer.Option(help="smtp://host[:port]; smtps:// or smtp+starttls:// are encrypted.")
    ],
    to: Annotated[list[str], typer.Option(help="Whom it goes to; several by several options.")],
    sender: Annotated[str, typer.Option("--from", help="Whose address it is from.")],
    language: Annotated[str, typer.Option(help="Whose words: en, zh, …")] = "en",
    user: Annotated[str | None, typer.Option(help="To log in as.")] = None,
    password_file: Annotated[Path | None, typer.Option(help="Holds the user's password.")] = None,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Send it also if this week's was, or may have been.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Mail the minor leads, by route: at most once a week, however often it is run.

    To be run by a timer, say daily: what the server was not there for is tried again the next time.
    """
    from datetime import UTC, datetime

    from schemas.outputs.words import known_language
    from streams.config import Settings
    from streams.tools.desk.digest import Post, address, send_digest

    try:
        known_language(language)
    except ValueError as error:
        raise UserError(f"--language: {error}") from error
    password = password_file.read_text("utf-8").strip() if password_file else ""
    whom = list(dict.fromkeys(address(each, "--to") for each in to))
    sending = send_digest(
        Settings(),
        Post(smtp, user, password),
        address(sender, "--from"),
        whom,
        datetime.now(UTC),
        language=language,
        again=again,
    )
    became, refused = asyncio.run(sending)
    if as_json:
        say_json({"outcome": became.name.lower(), "not_taken_for": refused})
    else:
        typer.echo(became.value)
        for each in refused:
            typer.echo(f"{each}: the server did not take it", err=True)
    if refused:
        raise typer.Exit(1)
