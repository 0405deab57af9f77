"""Tables that a warehouse made, in the place of a history: `--summary`."""

from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.history.options import HistoryOptions
from ebbwatch.cli.one_line import UserError

SummaryFile = Annotated[
    Path | None,
    typer.Option(
        "--summary",
        metavar="TABLE",
        help="In place of HISTORY: what the query of summary-sql made, Parquet or CSV.",
    ),
]


def alone(summary: Path | None, given: HistoryOptions) -> Path | None:
    """The table, which stands in the place of a history.

    Raises:
        UserError: A history was given too.
    """
    if summary is not None and given.paths:
        raise UserError("--summary: expected it or HISTORY, got both")
    return summary
