"""`ebbwatch summary-sql`."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import typer

from ebbwatch.cli.dates import day
from ebbwatch.cli.history.options import AmountUnit
from ebbwatch.cli.output import Json, say_json


class WarehouseDialect(StrEnum):
    """Dialects of SQL that queries are written in."""

    SPARK = "spark"
    DUCKDB = "duckdb"
    POSTGRES = "postgres"


class SummaryPurpose(StrEnum):
    """Commands that take a summary."""

    FIT = "fit"
    FIT_CHURN = "fit-churn"
    CALIBRATE = "calibrate"


class TimeType(StrEnum):
    """What a column of times may hold."""

    DATE = "date"
    TIMESTAMP = "timestamp"
    INSTANT = "instant"


KINDS: Final[Mapping[SummaryPurpose, Literal["customers", "lives"]]] = MappingProxyType(
    {
        SummaryPurpose.FIT: "customers",
        SummaryPurpose.FIT_CHURN: "lives",
        SummaryPurpose.CALIBRATE: "lives",
    }
)


def summary_sql(
    *,
    dialect: Annotated[WarehouseDialect, typer.Option(help="Of the warehouse.")],
    table: Annotated[
        str, typer.Option(help="Table or view, or a query in brackets that makes its columns.")
    ],
    currency: Annotated[str, typer.Option(help="Book currency.")],
    timezone: Annotated[str, typer.Option(help="Book time zone, whose days are counted.")],
    purpose: Annotated[
        SummaryPurpose, typer.Option("--for", help="Which command is to take the result.")
    ] = SummaryPurpose.FIT,
    id_column: Annotated[str, typer.Option(help="Column of customer ids.")] = "customer_id",
    time_column: Annotated[str, typer.Option(help="Column of event times.")] = "event_time",
    time_type: Annotated[
        TimeType,
        typer.Option(help="What it holds: days, the book's clocks without a zone, or instants."),
    ] = TimeType.TIMESTAMP,
    amount_column: Annotated[
        str, typer.Option(help='Column of amounts; "" where the history has none.')
    ] = "amount",
    type_column: Annotated[
        str, typer.Option(help="Column of event types; without it every row is a purchase.")
    ] = "",
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=COLUMN", help="What another of the wire's is called."),
    ] = None,
    amount_unit: Annotated[AmountUnit, typer.Option(help="What amounts count.")] = AmountUnit.MAJOR,
    until: Annotated[
        str | None, typer.Option(help="Last day to sum up; that of the last event by default.")
    ] = None,
    holdout: Annotated[
        str | None, typer.Option(help="With --for fit: also the days after --until to this one.")
    ] = None,
    share: Annotated[
        float, typer.Option(help="Of the customers, drawn by lot, with all of their events.")
    ] = 1.0,
    as_json: Json = False,
) -> None:
    """Print the query that sums a history up in its warehouse; --summary takes what it makes."""
    from modelling.warehouse import WarehouseQuery
    from modelling.warehouse import summary_sql as written

    query = WarehouseQuery(
        dialect=dialect.value,
        table=table,
        columns=_columns(id_column, time_column, amount_column, type_column, column or []),
        unit=amount_unit.value,
        time_type=time_type.value,
        currency=currency,
        zone=timezone,
        until=day("--until", until),
        holdout=day("--holdout", holdout),
        share=share,
    )
    sql = written(query, KINDS[purpose])
    if as_json:
        say_json({"dialect": dialect.value, "for": purpose.value, "sql": sql})
    else:
        typer.echo(sql, nl=False)


def _columns(id_: str, time: str, amount: str, type_: str, others: list[str]) -> Any:  # noqa: ANN401 - imported when it runs
    """What the columns are called; one that is not named is not read, as it may not be there."""
    from dataclasses import fields

    from modelling.history import Columns
    from modelling.history.layout import layout_of

    typed = {"id": id_, "time": time, "amount": amount, "type": type_}
    read = layout_of({**{f"{name}-column": each for name, each in typed.items()}, "column": others})
    further = {one.partition("=")[0] for one in others}
    told = {"customer_id", "event_time", "amount", "type"} | further
    names = (one.name for one in fields(Columns))
    named = {name: getattr(read.columns, name) if name in told else None for name in names}
    return Columns(**named)  # type: ignore[arg-type]
