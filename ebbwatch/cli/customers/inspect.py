"""`ebbwatch inspect`."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.dates import seconds_or_present
from ebbwatch.cli.one_line import FAILED, UserError
from ebbwatch.cli.options import ScoredAt
from ebbwatch.cli.output import Json, console, say_json

INPUT = "-"


def inspect(
    customers: Annotated[
        list[str] | None,
        typer.Argument(metavar="CUSTOMER...", help="Pseudonymous ids; - reads them, one a line."),
    ] = None,
    ids: Annotated[
        Path | None, typer.Option(help="A file of ids, one a line; - reads standard input.")
    ] = None,
    at: ScoredAt = None,
    *,
    as_json: Json = False,
) -> None:
    """Show a customer: state, scores, open warnings, next timer; exit code 1 if unknown.

    Of several, or those of --ids, each is a line of JSON, as `serve` answers; who is not known is
    told on standard error.
    """
    instant = seconds_or_present("--at", at)
    named = list(customers or ())
    if ids is None and len(named) == 1 and named[0] != INPUT:
        _one(named[0], instant, as_json=as_json)
        return
    if not named and ids is None:
        raise UserError("CUSTOMER: expected ids, or --ids FILE, got none")
    if not asyncio.run(_many(_listed(named, ids), instant)):
        raise typer.Exit(FAILED)


def _one(customer: str, at: float | None, *, as_json: bool) -> None:
    from ebbwatch.cli.pages.customer import document, page
    from streams.config import Settings
    from streams.tools.customers import look_up as tool

    found = asyncio.run(tool.inspect(Settings(), customer, at))
    say_json(document(found)) if as_json else console().print(page(found))


async def _many(customers: Iterator[str], at: float | None) -> bool:
    """Print a line for each; tell whether all are known."""
    from schemas.outputs.now import CustomerNow
    from streams.config import Settings
    from streams.tools.customers.look_up import inspect_many

    is_all = True
    async for customer, found in inspect_many(Settings(), customers, at):
        if isinstance(found, CustomerNow):
            sys.stdout.write(f"{found.model_dump_json()}\n")
        else:
            is_all = False
            why = "nothing is held of them" if found is None else found
            sys.stderr.write(f"ebbwatch: {customer}: {why}\n")
    return is_all


def _listed(named: list[str], file: Path | None) -> Iterator[str]:
    """All ids asked for, in their order; lines are read as they are needed."""
    for name in named:
        if name == INPUT:
            yield from _lines(sys.stdin)
        else:
            yield name
    if file is not None and str(file) == INPUT:
        yield from _lines(sys.stdin)
    elif file is not None:
        with file.open(encoding="utf-8-sig") as lines:
            yield from _lines(lines)


def _lines(lines: Iterable[str]) -> Iterator[str]:
    return (name for line in lines if (name := line.strip()))
