"""`ebbwatch warnings`."""

import asyncio
import json
import sys
from typing import Annotated, Any

import typer

from ebbwatch.cli.output import Json, console, say_json


def warnings(
    *,
    rule: Annotated[list[str] | None, typer.Option(help="Only of this rule; repeatable.")] = None,
    route: Annotated[str | None, typer.Option(help="Only of this one: risk, relationship.")] = None,
    band: Annotated[str | None, typer.Option(help="Only of this one: middle, high.")] = None,
    severity: Annotated[
        float, typer.Option(min=0.0, help="Least value at risk, major units of the book currency.")
    ] = 0.0,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what comes.")] = False,
    ids: Annotated[bool, typer.Option("--ids", help="Print ids alone, one a line.")] = False,
    as_json: Json = False,
) -> None:
    """List the open warnings, the most value at risk first, as the topics tell them.

    With --follow each further message is a line: of --json a JSON document.
    """
    from ebbwatch.cli.customers.desk_page import Chosen

    try:
        chosen = Chosen.of(frozenset(rule or ()), route, band, severity)
        asyncio.run(_show(chosen, follow=follow, ids=ids, as_json=as_json))
    except KeyboardInterrupt:
        raise typer.Exit from None


async def _show(chosen: Any, *, follow: bool, ids: bool, as_json: bool) -> None:  # noqa: ANN401
    from ebbwatch.cli.customers.desk_page import Listing, changed, listed
    from streams.config import Settings
    from streams.tools.desk import OpenSet, watch

    known, is_listed = OpenSet(), False
    async for messages, is_all in watch(Settings()):
        news = [message for message in messages if known.take(message)]
        if is_listed:
            for message in filter(chosen, news):
                told = message.model_dump(mode="json")
                _say(json.dumps(told) if as_json else changed(message, ids=ids))
        elif is_all:
            listing, is_listed = Listing(known, chosen), True
            if ids:
                _say(*(each.warning_id for each in listing.warnings))
            elif as_json:
                say_json(listing.document())
            else:
                console().print(listed(listing), soft_wrap=True)
        if is_all and not follow:
            return


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
