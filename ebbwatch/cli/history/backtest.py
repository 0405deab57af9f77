"""`ebbwatch backtest`."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from ebbwatch.cli.history.dates import day
from ebbwatch.cli.history.options import (
    AmountColumn,
    AmountUnit,
    HistoryPaths,
    IdColumn,
    MoreColumns,
    TimeColumn,
    TypeColumn,
    Unit,
    columns,
)
from ebbwatch.cli.output import Json, console, say_json, table
from modelling.backtest import run as backtesting
from modelling.backtest.run import (
    DAYS,
    BacktestPlan,
    BacktestRun,
    backtest_json,
    read_thresholds,
    write_warnings,
)
from modelling.history import Book, day_number, midnight, midnight_after, read_events
from streams.config import with_parameters
from streams.outbox.wording import money
from streams.parameters.file import load_model


def backtest(
    history: HistoryPaths,
    params: Annotated[
        Path | None, typer.Option(help="Parameter file; else that of the settings.")
    ] = None,
    id_column: IdColumn = "customer_id",
    time_column: TimeColumn = "event_time",
    amount_column: AmountColumn = "amount",
    type_column: TypeColumn = "type",
    column: MoreColumns = None,
    amount_unit: Unit = AmountUnit.MAJOR,
    start: Annotated[
        str | None, typer.Option("--from", help="First day judged; those before are replayed.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day; that of the last event by default.")
    ] = None,
    horizon_days: Annotated[
        float, typer.Option(min=1.0, help="Days without a purchase after which one is lost.")
    ] = DAYS,
    thresholds: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE=MIDDLE[:HIGH],...",
            help="Judge other thresholds too, each --thresholds by a replay; or: grid.",
        ),
    ] = None,
    warnings: Annotated[
        Path | None, typer.Option(help="Write the warnings here, a JSON line each.")
    ] = None,
    *,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report here.")] = None,
    as_json: Json = False,
) -> None:
    """Replay a history as a live worker would, and tell what its warnings were worth."""
    settings = with_parameters(params)
    model = load_model(settings)
    book = Book.of(model, settings.rates_file)
    names = columns(id_column, time_column, amount_column, type_column, column or [])
    first = day("--from", start) if start else None
    last = day("--until", until) if until else None
    plan = BacktestPlan(
        start=midnight(day_number(first), book.calendar) if first else None,
        end=midnight_after(book, last) if last else None,
        days=horizon_days,
        thresholds=read_thresholds(thresholds or [], model),
        keeps_warnings=warnings is not None,
    )
    log = read_events(history, book, columns=names, unit=amount_unit.value, until=last)
    found = backtesting.backtest(log, model, plan)
    if warnings is not None:
        write_warnings(found, settings, warnings)
    if report is not None:
        _write_report(report, found)
    say_json(backtest_json(found)) if as_json else console().print(page(found))


def page(report: BacktestRun) -> Group:
    """The backtest for people."""
    told = backtest_json(report)
    return Group(
        Text(f"{told['customers']} customers, {told['events']} events, {_span(told)}", "bold"),
        Text(
            f"Lost is who buys nothing for {told['horizon_days']:g} days or closes the account: "
            f"{told['lapses']} lapses, {told['closures']} of them by closure."
        ),
        Text("Lead is the median from the first right warning to the lapse."),
        Text(""),
        *(part for setting in told["settings"] for part in _setting(setting, told["currency"])),
        *_scores(told["snapshots"]),
        Text(f"{told['events_per_second']} events/s, parameters {told['model_version']}", "dim"),
    )


def _span(told: dict[str, Any]) -> str:
    return f"{told['from'][:10]} to {told['until'][:10]}"


def _setting(setting: dict[str, Any], currency: str) -> list[Any]:
    given = ", ".join(
        f"{rule}={limit['middle']:g}:{limit['high']:g}"
        for rule, limit in setting["thresholds"].items()
    )
    titles = "rule", "band", "a day", "precision", "recall", "lead", "flaps", f"CLV, {currency}"
    shown = table(*titles)
    for one in setting["rules"]:
        if one["warnings"]:
            shown.add_row(*_cells(one, currency))
    return [Text(given or "thresholds of the parameter file", "bold"), shown, Text("")]


def _cells(one: dict[str, Any], currency: str) -> list[str]:
    quantiles = one["lead_days"]["quantiles"]
    return [
        one["rule"],
        one["band"],
        f"{one['warnings_per_day']:.2f}",
        _percent(one["precision"]),
        _percent(one["recall"]),
        f"{quantiles['0.5']:.0f} d" if quantiles else "none",
        str(one["flaps"]),
        money(one["warned_clv"], currency).split()[0],
    ]


def _scores(snapshots: dict[str, Any]) -> list[Any]:
    if not snapshots["customers"]:
        return []
    shown = table("score", "H", "lost", "AUC", "95%", "lift", "ECE")
    for each in snapshots["scores"]:
        if each["auc"] is not None:
            shown.add_row(*_score(each, snapshots["customers"]))
    customers, dates = snapshots["customers"], len(snapshots["dates"])
    heading = (
        f"Scores on {dates} dates, {customers} customers in all: lost is who buys nothing in H days"
    )
    return [Text(heading, "bold"), shown, Text("")]


def _score(each: dict[str, Any], customers: int) -> list[str]:
    auc, error = each["auc"], each["calibration_error"]
    return [
        each["score"],
        f"{each['horizon_days']:g}",
        f"{each['lost'] / customers:.0%}",
        f"{auc['value']:.3f}",
        f"{auc['low']:.3f} to {auc['high']:.3f}",
        f"{each['deciles'][0]['lift']:.2f}",
        "" if error is None else f"{error:.3f}",
    ]


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"


def _write_report(path: Path, found: BacktestRun) -> None:
    from modelling.backtest.report import write_backtest_report  # noqa: PLC0415 - plots load slowly

    write_backtest_report(path, found)
