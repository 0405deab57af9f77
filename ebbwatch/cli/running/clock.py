"""`ebbwatch clock`."""

import asyncio
import time
from typing import Annotated

import typer

from ebbwatch.cli.dates import instant_or_utc, iso
from ebbwatch.cli.output import Json, WholeTable, console, mark, say_json


def show(*, as_json: Json = False) -> None:
    """Show every partition's clock; exit code 1 where one is more than an hour ahead."""
    from streams.config import Settings
    from streams.tools.mending.clocks import TOLERATED, read_clocks

    now = time.time()
    found = asyncio.run(read_clocks(Settings()))
    if as_json:
        rows = [
            {"partition": at.partition, "clock": iso(at.clock) if at.clock else None,
             "ahead_seconds": round(at.clock - now, 3) if at.clock else None}
            for at in found
        ]  # fmt: skip
        say_json({"now": iso(now), "clocks": rows})
    else:
        listed = WholeTable("", "partition", "clock", "ahead of now, hours")
        for at in found:
            good, hours = at.clock - now <= TOLERATED, f"{(at.clock - now) / 3600:.2f}"
            told = (iso(at.clock), hours) if at.clock else ("no event yet", "")
            listed.add_row(mark(good), str(at.partition), *told)
        console().print(listed)
    if any(at.clock - now > TOLERATED for at in found):
        raise typer.Exit(1)


def reset(
    to: Annotated[
        str | None, typer.Option(help="Instant to set clocks back to, ISO 8601; else now.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Set clocks that ran ahead back, everybody to be judged anew; stop the workers first.

    Warnings that the leap raised are cleared by the next worker. What events of after the instant
    did to their own customers' sums stays: rebuild those from their topics where it matters.
    """
    from streams.config import Settings
    from streams.tools.mending.clocks import reset_clocks

    instant = time.time() if to is None else instant_or_utc("--to", to).timestamp()
    done = asyncio.run(reset_clocks(Settings(), instant))
    if as_json:
        sets = [{**each._asdict(), "before": iso(each.before)} for each in done]
        say_json({"set_to": iso(instant), "partitions": sets})
        return
    for each in done:
        told = f"{each.customers} customers to be judged anew, {each.ahead} with events ahead"
        console().print(f"partition {each.partition}: {iso(each.before)} set back; {told}")
    if not done:
        console().print(f"no clock is ahead of {iso(instant)}")
