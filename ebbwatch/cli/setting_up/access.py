"""`ebbwatch access`: who may ask `ebbwatch serve`, and what each process has to be allowed."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, say_json

Name = Annotated[str, typer.Argument(help="Who: named in the audit of look-ups.")]


def token(
    name: Name,
    file: Annotated[Path, typer.Option(help="As EBBWATCH_SERVE_TOKENS_FILE names it.")],
    *,
    as_json: Json = False,
) -> None:
    """Make a program's token, print it this once, and keep its hash in a file.

    One that the name had before is no longer taken; a name is shut out by deleting its line.
    """
    from ebbwatch.serve.access import add_token

    made = add_token(file, name)
    if as_json:
        say_json({"name": name, "token": made})
    else:
        typer.echo(made)


def password(
    name: Name,
    file: Annotated[Path, typer.Option(help="As EBBWATCH_SERVE_PASSWORDS_FILE names it.")],
    *,
    as_json: Json = False,
) -> None:
    """Set a person's password, asked for or read from standard input, and keep its hash."""
    from ebbwatch.serve.access import add_password

    if sys.stdin.isatty():
        given = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        given = sys.stdin.readline().rstrip("\r\n")
    add_password(file, name, given)
    if as_json:
        say_json({"name": name, "file": str(file)})
    else:
        typer.echo(f"{file}: {name} may log in", err=True)


Process = Annotated[
    str | None, typer.Argument(help="worker, desk, serve, webhook, …; all without one.")
]


def rights(
    process: Process = None,
    *,
    user: Annotated[
        str | None, typer.Option(help="Whom to allow it; else who is called as the process.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the least that users of Kafka and Redis have to be allowed, as commands of theirs.

    Names are those of the settings. Nothing is done: who may, pastes what is shown.
    """
    from streams.config import Settings
    from streams.tools.contracts.rights import rights_of

    settings = Settings()
    known = rights_of(settings)
    if process is not None and process not in known:
        raise UserError(f"PROCESS: expected one of {', '.join(known)}, got {process!r}")
    shown = {
        name: {
            "kafka": list(each.kafka_lines(user or name, settings.kafka_bootstrap)),
            "redis": each.redis_line(user or name, settings.redis_prefix),
        }
        for name, each in known.items()
        if process in {None, name}
    }
    if as_json:
        say_json(shown)
        return
    for name, lines in shown.items():
        typer.echo(f"# {name}")
        for line in (*lines["kafka"], lines["redis"]):
            if line:
                typer.echo(line)
