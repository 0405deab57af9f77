"""The options of every command that reads a history, declared once."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from enum import StrEnum
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer


class AmountUnit(StrEnum):
    """What amounts of CSV and Parquet files count; wire events always count minor units."""

    MAJOR = "major"
    MINOR = "minor"


class EpochUnit(StrEnum):
    """What numbers that are times count."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"
    EXCEL = "excel"


class IdenticalRows(StrEnum):
    """What becomes of rows that stand alike in two files."""

    KEEP = "keep"
    DROP = "drop"


Text = str | None
Texts = list[str] | None


@dataclass(frozen=True, kw_only=True)
class HistoryOptions:
    """Where a history is and how it is written down, as it was typed; no option is checked.

    What is None was not typed: an options file may say it.
    """

    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="HISTORY...",
            help="Parquet, CSV, XLSX or JSON lines of wire events: files, folders or patterns.",
        ),
    ] = field(default_factory=list)
    options: Annotated[
        Path | None,
        typer.Option(help="TOML file of the options below; else ebbwatch.toml beside the files."),
    ] = None
    id_column: Annotated[Text, typer.Option(help="Column of customer ids; else customer_id.")] = (
        None
    )
    time_column: Annotated[Text, typer.Option(help="Column of event times; else event_time.")] = (
        None
    )
    amount_column: Annotated[
        Text, typer.Option(help='Column of amounts, else amount; "" where there are none.')
    ] = None
    type_column: Annotated[
        Text, typer.Option(help='Column of event types, else type; "": all are purchases.')
    ] = None
    column: Annotated[
        Texts, typer.Option(metavar="NAME=COLUMN", help="What another of the wire's is called.")
    ] = None
    amount_unit: Annotated[
        AmountUnit | None, typer.Option(help="What amounts of tables count; else major units.")
    ] = None
    amount: Annotated[
        Text, typer.Option(metavar="FORMULA", help="Amounts worked out: 'Quantity * UnitPrice'.")
    ] = None
    separator: Annotated[
        Text, typer.Option(help="Between a CSV file's columns, else a comma: ';', '|', tab.")
    ] = None
    encoding: Annotated[
        Text, typer.Option(help="Of CSV files, else utf-8: cp1252, latin-1, utf-16.")
    ] = None
    sheet: Annotated[Text, typer.Option(help="Of a spreadsheet; else its first.")] = None
    skip_lines: Annotated[
        int | None, typer.Option(min=0, help="Before the line that names the columns; else none.")
    ] = None
    decimal: Annotated[Texts, typer.Option(help="Decimal mark; may be repeated, else a point.")] = (
        None
    )
    thousands: Annotated[Texts, typer.Option(help="Between thousands: ',', '.', ' ', \"'\".")] = (
        None
    )
    currency_sign: Annotated[
        Texts, typer.Option(help="Sign or code beside amounts: '$', CHF; may be repeated.")
    ] = None
    time_format: Annotated[
        Texts,
        typer.Option(metavar="FORMAT", help="Such as '%d/%m/%Y %H:%M', or iso; may be repeated."),
    ] = None
    epoch: Annotated[
        EpochUnit | None,
        typer.Option(help="What numbers count that are times: since 1970, or as Excel."),
    ] = None
    times_in: Annotated[
        Text, typer.Option(metavar="ZONE", help="Zone of times that name none; else the book's.")
    ] = None
    exclude: Annotated[
        Texts,
        typer.Option(
            metavar="FILTER", help="Rows to leave out: 'InvoiceNo starts with C', 'x is blank'."
        ),
    ] = None
    allow_bad: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Of rows that may be unusable; else 0.01."),
    ] = None
    identical: Annotated[
        IdenticalRows | None,
        typer.Option(help="Rows that stand alike in two files count twice, or once; else keep."),
    ] = None

    def typed(self) -> dict[str, Any]:
        """The options that were typed, named as on the command line.

        >>> HistoryOptions(paths=["a.csv"], id_column="Cust").typed()
        {'id-column': 'Cust'}
        """
        given = {f.name: getattr(self, f.name) for f in fields(self)[2:]}
        plain = {n: v.value if isinstance(v, StrEnum) else v for n, v in given.items()}
        return {n.replace("_", "-"): v for n, v in plain.items() if v is not None and v != []}


def reads_history(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all options of a history in the place of its parameter `history`.

    Args:
        command: Takes `history: HistoryOptions`, and all else by keyword too.

    >>> @reads_history
    ... def count(*, by: str, history: HistoryOptions, as_json: bool = False) -> None:
    ...     print(by, history.paths, history.id_column)
    >>> " ".join(inspect.signature(count).parameters)  # doctest: +ELLIPSIS
    'by paths options id_column ... identical as_json'
    """
    return spread(command, "history", HistoryOptions)


def spread(command: Callable[..., None], name: str, options: type[Any]) -> Callable[..., None]:
    """Give a command options in the place of a parameter that holds them all.

    Args:
        command: takes the parameter, and all else by keyword too.
        name: of the parameter.
        options: dataclass whose fields are annotated as options.
    """
    signature = inspect.signature(command)

    @functools.wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 - the command's own, and the options
        asked = {each.name: given.pop(each.name) for each in fields(options)}
        command(**{name: options(**asked)}, **given)

    shown: Any = run
    shown.__signature__ = signature.replace(
        parameters=[
            each
            for own in signature.parameters.values()
            for each in (_parameters(options) if own.name == name else [own])
        ]
    )
    return run


def _parameters(options: type[Any]) -> list[Parameter]:
    hints = get_type_hints(options, include_extras=True)
    return [
        Parameter(
            each.name, Parameter.KEYWORD_ONLY, default=_default(each), annotation=hints[each.name]
        )
        for each in fields(options)
    ]


def _default(one: "Field[Any]") -> Any:  # noqa: ANN401 - an option's default
    if one.default_factory is not MISSING:
        return one.default_factory()
    return Parameter.empty if one.default is MISSING else one.default
