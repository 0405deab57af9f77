"""`ebbwatch brake`."""

import asyncio
from typing import Annotated, Any

import typer

from ebbwatch.cli.dates import iso
from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, WholeTable, console, say_json


def show(*, as_json: Json = False) -> None:
    """Show what brakes hold, by rule and lifecycle; exit code 1 where anything is held.

    A partition whose warnings of an hour are far more than its budget publishes no further.
    """
    from streams.config import Settings
    from streams.tools.mending.brakes import read_brakes

    found = asyncio.run(read_brakes(Settings()))
    if as_json:
        told = [
            {**_told(each), "warnings": [
                {"rule": rule, "lifecycle": lifecycle, "count": count}
                for (rule, lifecycle), count in sorted(each.warnings.items())
            ]}
            for each in found
        ]  # fmt: skip
        say_json({"held": told})
    elif found:
        listed = WholeTable("partition", "hour of event time", "rule", "lifecycle", "held")
        for each in found:
            place = str(each.partition), _told(each)["hour"]
            for (rule, lifecycle), count in sorted(each.warnings.items()):
                listed.add_row(*place, rule, lifecycle, f"{count:,}")
        console().print(listed)
    else:
        typer.echo("nothing is held")
    if found:
        raise typer.Exit(1)


def release(
    partition: Annotated[
        int | None, typer.Argument(min=0, help="Its number; else all partitions.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Send what is held, each warning once and in order; workers may go on meanwhile.

    The rest of the hours that were counted so far is sent with it. Where parameters were wrong, put
    the right ones in place first: what clears then is sent right behind what was raised.
    """
    from streams.config import Settings
    from streams.tools.mending.brakes import release as let_go

    settings = Settings()
    if partition is not None and partition >= settings.partitions:
        last = settings.partitions - 1
        raise UserError(f"partition: expected a number from 0 to {last}, got {partition}")
    done = asyncio.run(let_go(settings, partition))
    if as_json:
        say_json({"released": [_told(each) for each in done]})
        return
    for each in done:
        brake = each.brake
        typer.echo(f"partition {each.partition}: {brake.messages} messages released")
    if not done:
        typer.echo("nothing is held")


def _told(each: Any) -> dict[str, Any]:  # noqa: ANN401 - its module loads when asked
    hour = iso(each.brake.hour * 3_600.0)
    numbers = {"messages": each.brake.messages, "rises": each.brake.rises}
    return {"partition": each.partition, "hour": hour, **numbers}
