"""The options of every command that reads a history, declared once."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from enum import StrEnum
from inspect import Parameter
from typing import Annotated, Any, get_type_hints

import typer


class AmountUnit(StrEnum):
    """What amounts of CSV and Parquet files count; wire events always count minor units."""

    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, kw_only=True)
class HistoryOptions:
    """Where a history is and what its columns are called, as it was typed; no option is checked."""

    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="HISTORY...",
            help="Parquet, CSV or JSON lines of wire events: files, folders or patterns.",
        ),
    ]
    id_column: Annotated[str, typer.Option(help="Column of customer ids.")] = "customer_id"
    time_column: Annotated[str, typer.Option(help="Column of event times.")] = "event_time"
    amount_column: Annotated[
        str, typer.Option(help='Column of amounts; "" where the history has none.')
    ] = "amount"
    type_column: Annotated[
        str, typer.Option(help='Column of event types; "" takes every row for a purchase.')
    ] = "type"
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=COLUMN", help="What another of the wire's is called."),
    ] = None
    amount_unit: Annotated[
        AmountUnit, typer.Option(help="What amounts of CSV and Parquet files count.")
    ] = AmountUnit.MAJOR


def reads_history(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all options of a history in the place of its parameter `history`.

    Args:
        command: Takes `history: HistoryOptions`, and all else by keyword too.

    >>> @reads_history
    ... def count(*, by: str, history: HistoryOptions, as_json: bool = False) -> None:
    ...     print(by, history.paths, history.id_column)
    >>> " ".join(inspect.signature(count).parameters)
    'by paths id_column time_column amount_column type_column column amount_unit as_json'
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


def _default(field: "Field[Any]") -> Any:  # noqa: ANN401 - an option's default
    return Parameter.empty if field.default is MISSING else field.default
