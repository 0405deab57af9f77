"""All commands, each a few lines that call into a module of its own."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli import config, stack, topics
from ebbwatch.cli.demo import demo
from ebbwatch.cli.history.backfill import backfill
from ebbwatch.cli.history.backtest import backtest
from ebbwatch.cli.history.features import features
from ebbwatch.cli.history.fit import fit
from ebbwatch.cli.history.fit_churn import fit_churn
from ebbwatch.cli.inspect import inspect
from ebbwatch.cli.one_line import OneLineErrors
from ebbwatch.cli.output import Json, say_json
from ebbwatch.cli.produce import produce
from ebbwatch.cli.segments import segments
from ebbwatch.cli.worker import worker
from schemas import export


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
