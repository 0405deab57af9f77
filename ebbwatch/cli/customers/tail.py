"""`ebbwatch tail`."""

import asyncio
import sys
from typing import Annotated, Any

import typer

from ebbwatch.cli.dates import ago_or_instant
from ebbwatch.cli.options import OfBand, OfRoute, OfRules, OfSeverity
from ebbwatch.cli.output import JsonLines, console


def tail(
    *,
    since: Annotated[
        str | None,
        typer.Option(help="Begin with what came since: 30m, 2h, 7d, or an instant, ISO 8601."),
    ] = None,
    rule: OfRules = None,
    route: OfRoute = None,
    band: OfBand = None,
    severity: OfSeverity = 0.0,
    customer: Annotated[
        list[str] | None, typer.Option(help="Only of this customer; repeatable.")
    ] = None,
    cases: Annotated[
        bool, typer.Option("--cases", help="Follow customers' cases in place of warnings.")
    ] = False,
    as_json: JsonLines = False,
) -> None:
    """Follow warnings as they come, a line each, until Ctrl-C.

    In colour on a terminal, plain where it is piped; what cleared is told whatever band or value it
    had before.
    """
    from ebbwatch.cli.customers.chosen import Chosen

    begin = None if since is None else ago_or_instant("--since", since)
    chosen = Chosen.of(rule, route, band, severity, customer)
    try:
        asyncio.run(_follow(chosen, begin, cases=cases, as_json=as_json))
    except KeyboardInterrupt:
        raise typer.Exit from None


async def _follow(chosen: Any, since: float | None, *, cases: bool, as_json: bool) -> None:  # noqa: ANN401
    from ebbwatch.cli.customers.desk_page import line
    from schemas import EarlyWarning
    from schemas.outputs.cases import CustomerCase
    from streams.config import Settings
    from streams.tools.desk import follow

    settings, shown = Settings(), console()
    contracts: dict[str, type[EarlyWarning | CustomerCase]] = (
        {settings.case_topic: CustomerCase}
        if cases
        else dict.fromkeys((settings.risk_topic, settings.relationship_topic), EarlyWarning)
    )
    async for message in follow(settings, contracts, since):
        if not chosen(message):
            continue
        if as_json:
            sys.stdout.write(f"{message.model_dump_json()}\n")
        else:
            shown.print(line(message), soft_wrap=True)
        sys.stdout.flush()
