"""Options of every command that reads a history."""

from collections.abc import Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Annotated, Final

import typer

from ebbwatch.cli.one_line import UserError
from modelling.history import Columns

HistoryPaths = Annotated[
    list[str],
    typer.Argument(
        metavar="HISTORY...",
        help="Parquet, CSV or JSON lines of wire events: files, folders or patterns.",
    ),
]
IdColumn = Annotated[str, typer.Option(help="Column of customer ids.")]
TimeColumn = Annotated[str, typer.Option(help="Column of event times.")]
AmountColumn = Annotated[
    str, typer.Option(help='Column of amounts; "" where the history has none.')
]
TypeColumn = Annotated[
    str, typer.Option(help='Column of event types; "" takes every row for a purchase.')
]
MoreColumns = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="NAME=COLUMN", help="What another of the wire's is called."),
]


class AmountUnit(StrEnum):
    """What amounts of CSV and Parquet files count; wire events always count minor units."""

    MAJOR = "major"
    MINOR = "minor"


Unit = Annotated[
    AmountUnit, typer.Option("--amount-unit", help="What amounts of CSV and Parquet files count.")
]
OTHERS: Final = tuple(field.name for field in fields(Columns))


def columns(
    id_column: str, time_column: str, amount_column: str, type_column: str, more: Sequence[str]
) -> Columns:
    """What the history's columns are called.

    Raises:
        UserError: One of `more` is not of the form NAME=COLUMN.
    """
    named = dict(_pair(each) for each in more)
    given = {
        "customer_id": id_column,
        "event_time": time_column,
        "amount": amount_column or None,
        "type": type_column or None,
    }
    return Columns(**{**given, **named})  # type: ignore[arg-type]


def _pair(text: str) -> tuple[str, str | None]:
    name, equals, column = text.partition("=")
    if not equals or name not in OTHERS:
        expected = f"NAME=COLUMN, the name one of {', '.join(OTHERS)}"
        raise UserError(f"--column: expected {expected}, got {text}")
    return name, column or None
