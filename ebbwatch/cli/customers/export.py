"""`ebbwatch export`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.dates import seconds_or_present
from ebbwatch.cli.options import ScoredAt
from ebbwatch.cli.output import Json, check_folder, say_json, telling


def export(
    *,
    out: Annotated[Path, typer.Option(help="File to write, .parquet or .csv.")],
    at: ScoredAt = None,
    as_json: Json = False,
) -> None:
    """Write all customers' scores, segments, levels and open warnings, a row each.

    The same figures as of `inspect` and `serve`. Who was heard of after --at is left out, counted,
    and who withdrew consent to profiling.
    """
    from modelling.exports import export as exported
    from streams.config import Settings

    check_folder(out)
    instant = seconds_or_present("--at", at)
    with telling(quiet=as_json) as tell:
        done = exported(Settings(), out, instant, tell)
    if as_json:
        say_json({"out": str(out), **asdict(done)})
        return
    left = f", {done.too_early} left out whose last event is later" if done.too_early else ""
    left += f", {done.not_scored} left out who withdrew consent" if done.not_scored else ""
    typer.echo(f"{out}: {done.customers} customers{left}")
