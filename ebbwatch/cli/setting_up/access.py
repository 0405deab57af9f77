"""`ebbwatch access`: who may ask `ebbwatch serve`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

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
