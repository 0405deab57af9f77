"""`ebbwatch register`."""

import os
from typing import Annotated

import typer
from rich.text import Text

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, console, mark, say_json

USER, PASSWORD = "EBBWATCH_REGISTRY_USER", "EBBWATCH_REGISTRY_PASSWORD"


def register(
    url: Annotated[str, typer.Argument(help="Of the registry's API, http:// or https://.")],
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only ask whether it would take them.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Register the contracts of all topics with a schema registry: all of them, or none.

    Of Confluent or whoever speaks its API, under the subjects `<topic>-value`. Where it asks who
    you are, `EBBWATCH_REGISTRY_USER` and `EBBWATCH_REGISTRY_PASSWORD` say it. What is there
    already stays as it is; what its rules call incompatible is refused, and nothing is written.
    """
    import asyncio

    from streams.config import Settings
    from streams.tools.contracts import registry

    entries = asyncio.run(registry.register(Settings(), url, _credentials(), only_compared=check))
    if as_json:
        say_json(
            [
                {"subject": each.subject, "was": each.standing.value, "id": each.number}
                for each in entries
            ]
        )
        return
    for each in entries:
        there = "not written" if each.number is None else f"id {each.number}"
        told = f"{each.standing.value}, {there}"
        console().print(Text.assemble(mark(good=True), f" {each.subject}  ", (told, "dim")))


def _credentials() -> tuple[str, str] | None:
    """Who asks; a password has no place on a command line, which others can see."""
    user, password = os.environ.get(USER), os.environ.get(PASSWORD)
    if user is None and password is None:
        return None
    if not user or password is None:
        raise UserError(f"{USER}, {PASSWORD}: expected both, got one")
    return user, password
