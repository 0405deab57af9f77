"""`ebbwatch fit-churn`."""

import math
import time
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

import typer
from rich.console import Group
from rich.table import Table
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
from ebbwatch.cli.output import Json, check_folder, console, say_json, table
from modelling.churn import run as churning
from modelling.churn.fit import ScorecardPlan
from modelling.churn.labels import read_labels
from modelling.churn.run import ChurnFitResult, ChurnRequest
from modelling.history import Book, read_events
from scoring.churn.inputs import BY_NAME
from scoring.model import ScoringModel
from scoring.parameters import parse
from streams.config import with_parameters
from streams.parameters.file import read_document, write_document


class CalibrationName(StrEnum):
    """Calibrations that can be fitted."""

    BEST = "best"
    PLATT = "platt"
    ISOTONIC = "isotonic"
    NONE = "none"


CHOSEN_BY: Final = MappingProxyType({"rate": "historic churn rate", "budget": "budget"})
LEFT_OUT: Final = MappingProxyType(
    {
        "constant": "Left out, being the same for all",
        "sign": "Left out, since beside the others it would weigh against its meaning",
    }
)


def fit_churn(
    history: HistoryPaths,
    out: Annotated[Path, typer.Option(help="Where to write the parameter file.")],
    params: Annotated[
        Path | None, typer.Option(help="Parameter file whose features are weighed; else as set.")
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(help="Day at whose beginning customers are looked at; may be repeated."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day of the history to use; that of its last event.")
    ] = None,
    horizon_days: Annotated[
        float | None,
        typer.Option(
            min=1.0, max=36_500.0, help="N: who buys nothing for so long is lost; else the file's."
        ),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV or Parquet file of customers and left_at, or left.")
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(help="Warnings a day that set the thresholds; else the churn rate does."),
    ] = None,
    calibration: Annotated[
        CalibrationName, typer.Option(help="From the regression's odds to risks.")
    ] = CalibrationName.BEST,
    points_to_double: Annotated[
        float, typer.Option(min=0.1, help="Points that double the odds.")
    ] = 20.0,
    id_column: IdColumn = "customer_id",
    time_column: TimeColumn = "event_time",
    amount_column: AmountColumn = "amount",
    type_column: TypeColumn = "type",
    column: MoreColumns = None,
    amount_unit: Unit = AmountUnit.MAJOR,
    *,
    free_signs: Annotated[
        bool, typer.Option("--free-signs", help="Let inputs weigh against their meaning too.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report here.")] = None,
    as_json: Json = False,
) -> None:
    """Fit the churn scorecard to a history; write it into a parameter file."""
    began = time.perf_counter()
    check_folder(out, report)
    settings = with_parameters(params)
    base = read_document(settings.parameters_file)
    model = ScoringModel(parse(base))
    request = ChurnRequest(
        horizon_days=horizon_days,
        until=None if until is None else day("--until", until),
        dates=tuple(day("--at", text) for text in at or []),
        warnings_per_day=budget,
        points_to_double=points_to_double,
        plan=ScorecardPlan(monotone=not free_signs, calibration=calibration.value),
    )
    names = columns(id_column, time_column, amount_column, type_column, column or [])
    log = read_events(
        history,
        Book.of(model, settings.rates_file),
        columns=names,
        unit=amount_unit.value,
        until=request.until,
    )
    given = None if labels is None else read_labels(labels, model.calendar.zone, id_column)
    found = churning.fit_churn(log, base, request, given)
    write_document(out, found.document)
    if report is not None:
        _write_report(report, found)
    told = document(found, out, time.perf_counter() - began)
    say_json(told) if as_json else console().print(page(told))


def document(found: ChurnFitResult, out: Path, seconds: float) -> dict[str, Any]:
    """The scorecard as one JSON value: its section, where it is, and what it took."""
    version = parse(found.document).version
    return {**found.scorecard, "out": str(out), "version": version, "seconds": seconds}


def page(told: dict[str, Any]) -> Group:
    """The scorecard for people."""
    terms = table("input", "what it is", "unit", "points a unit", "at 0 points")
    for term, points in zip(told["terms"], points_a_unit(told), strict=True):
        row = BY_NAME[term["input"]]
        terms.add_row(row.name, row.words, row.unit, f"{points:+.1f}", f"{term['centre']:.3g}")
    return Group(terms, Text(""), _ranking(told), Text(""), *_facts(told), *_left_out(told))


def points_a_unit(told: dict[str, Any]) -> list[float]:
    """Points of a step of one of each term."""
    scale = told["points_to_double"] / math.log(2.0)
    return [term["weight"] * scale for term in told["terms"]]


def _ranking(told: dict[str, Any]) -> Table:
    fit = told["fit"]
    ranking = table("ranked by", "AUC", "95% interval", "scorecard's gain", "95% interval")
    ranking.add_row("scorecard, cross-validated", *_interval(fit["auc"], ""))
    for name, plain in fit["baselines"].items():
        area, gain = _interval(plain["auc"], ""), _interval(plain["gain"], "+")
        ranking.add_row(name.replace("_", " "), *area, *gain)
    return ranking


def _interval(estimate: dict[str, float], sign: str) -> tuple[str, str]:
    value, low, high = (f"{estimate[name]:{sign}.3f}" for name in ("value", "low", "high"))
    return value, f"{low} to {high}"


def _facts(told: dict[str, Any]) -> list[Text]:
    fit, thresholds = told["fit"], told["thresholds"]
    looked = f"{fit['customers']} customers at {', '.join(fit['dates'])}"
    limit = f"perfect risks stay below {fit['calibration_limit']:.4f} in 95 of 100 cases"
    bands = f"middle from {thresholds['middle']:.3f}, high from {thresholds['high']:.3f}"
    facts = (
        f"{looked}; {fit['churned']} of {fit['rows']} lost within {told['horizon_days']:g} days",
        f"calibration {told['calibration']['type']}, error {fit['calibration_error']:.4f}; {limit}",
        f"{bands}, by the {CHOSEN_BY[thresholds['chosen_by']]}",
        f"{told['out']}: {told['version']}, {told['seconds']:.1f} s",
    )
    return [Text(fact) for fact in facts]


def _left_out(told: dict[str, Any]) -> list[Text]:
    left_out: dict[str, str] = told["fit"]["left_out"]
    notes = []
    for reason, words in LEFT_OUT.items():
        names = [name for name, why in left_out.items() if why == reason]
        if names:
            notes.append(Text(f"{words}: {', '.join(names)}", style="dim"))
    return notes


def _write_report(path: Path, found: ChurnFitResult) -> None:
    from modelling.churn.report import write_churn_report  # noqa: PLC0415 - plots take a while to load

    write_churn_report(path, found)
