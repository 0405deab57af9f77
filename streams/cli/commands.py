"""All commands, each a few lines that call into a module of its own."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from schemas import export
from streams.cli import config, stack, topics
from streams.cli.backfill import backfill
from streams.cli.backtest import backtest
from streams.cli.demo import demo
from streams.cli.errors import OneLineErrors
from streams.cli.features import features
from streams.cli.fit import fit
from streams.cli.fit_churn import fit_churn
from streams.cli.inspect import inspect
from streams.cli.output import Json, say_json
from streams.cli.produce import produce
from streams.cli.segments import segments
from streams.cli.worker import worker


def main() -> None:
    """Run the command line; what libraries log stays out of the way unless a command shows it."""
    logging.getLogger().addHandler(logging.NullHandler())
    app(prog_name="ebbwatch")


def schemas(
    folder: Annotated[Path, typer.Argument(help="Where to write them.")], *, as_json: Json = False
) -> None:
    """Write the JSON Schema of every event, warning, score and dead letter to a folder."""
    written = [str(path) for path in export.write(folder)]
    if as_json:
        say_json({"written": written})
    else:
        sys.stdout.write("".join(f"{path}\n" for path in written))


app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Early warning of ebbing card customers: Kafka in, explained churn warnings out.",
)
for command in (
    demo,
    worker,
    produce,
    inspect,
    segments,
    fit,
    fit_churn,
    features,
    backtest,
    backfill,
    schemas,
):
    app.command()(command)
app.add_typer(topics.app, name="topics")
app.add_typer(stack.app, name="stack")
app.add_typer(config.app, name="config")
