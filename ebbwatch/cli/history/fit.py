"""`ebbwatch fit`."""

import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

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
from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, check_folder, console, say_json, table
from modelling.fit.data import LIVE, FitWindow, from_files, from_live
from modelling.fit.file import FitResult, estimate, file_name, fit_file, prepared
from modelling.fit.likelihood import PurchaseModelName
from modelling.fit.run import FitData, FitRequest
from modelling.history import Book, Columns
from scoring.model import ScoringModel
from scoring.parameters import parse
from streams.config import Settings
from streams.parameters.file import read_document, write_document


class ModelName(StrEnum):
    """Models that can be fitted."""

    BGNBD = "bgnbd"
    MBGNBD = "mbgnbd"
    PARETONBD = "paretonbd"
    GAMMAGAMMA = "gammagamma"


PURCHASES: Final[Mapping[ModelName, PurchaseModelName]] = MappingProxyType(
    {
        ModelName.BGNBD: "bgnbd",
        ModelName.MBGNBD: "mbgnbd",
        ModelName.PARETONBD: "paretonbd",
    }
)


class TimeUnit(StrEnum):
    """Units of time a parameter file may be in."""

    WEEK = "week"
    DAY = "day"


def fit(
    history: HistoryPaths,
    model: Annotated[ModelName, typer.Option(help="What to fit.")],
    out: Annotated[Path, typer.Option(help="Where to write the parameter file.")],
    id_column: IdColumn = "customer_id",
    time_column: TimeColumn = "event_time",
    amount_column: AmountColumn = "amount",
    type_column: TypeColumn = "type",
    column: MoreColumns = None,
    amount_unit: Unit = AmountUnit.MAJOR,
    time_unit: Annotated[TimeUnit, typer.Option(help="Of the parameters.")] = TimeUnit.WEEK,
    until: Annotated[
        str | None, typer.Option(help="Last day to fit to; that of the last event by default.")
    ] = None,
    holdout: Annotated[
        str | None, typer.Option(help="Judge the fit on the days after --until up to this one.")
    ] = None,
    winsorise: Annotated[
        float,
        typer.Option(
            min=0.5, max=1.0, help="Lower mean spends above this quantile to it; 1: none."
        ),
    ] = 0.999,
    base: Annotated[
        Path | None, typer.Option(help="Parameter file to take all else from; else the packaged.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the parameters; else of the file.")] = None,
    currency: Annotated[str | None, typer.Option(help="Book currency; else the base's.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Book time zone; else the base's.")] = None,
    *,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report here.")] = None,
    as_json: Json = False,
) -> None:
    """Fit a model to a history, or to `redis`, a live system's state; write a parameter file."""
    began = time.perf_counter()
    check_folder(out, report)
    window = FitWindow(until=day("--until", until), holdout=day("--holdout", holdout))
    prior = read_document(base)
    request = FitRequest(
        model=PURCHASES.get(model),
        time_unit=time_unit.value,
        winsorise=winsorise,
        base=prepared(prior, currency, timezone),
        name=file_name(name or out.stem),
        needs_spend=currency not in {None, prior["book_currency"]},
    )
    names = columns(id_column, time_column, amount_column, type_column, column or [])
    found = fit_file(_data(history, request, names, amount_unit, window), request)
    write_document(out, found.document)
    if report is not None:
        _write_report(report, found)
    told = document(found, out, time.perf_counter() - began)
    say_json(told) if as_json else console().print(page(found, told))


def document(found: FitResult, out: Path, seconds: float) -> dict[str, Any]:
    """The fit as one JSON value; `seconds` are the fit's, `seconds_in_all` with reading."""
    asked, provenance = found.fits.asked, found.document["fit"]
    return {
        "model": asked.model,
        "parameters": dict(asked.parameters),
        "log_likelihood": asked.log_likelihood,
        "customers": asked.customers,
        "time_unit": provenance["time_unit"],
        "seconds": found.fits.seconds,
        "seconds_in_all": seconds,
        "standard_errors": dict(asked.standard_errors),
        "diagnostics": [*asked.diagnostics, *provenance["diagnostics"]],
        "spend": found.fits.spend and estimate(found.fits.spend),
        "winsorised": provenance["winsorised"],
        "window": provenance["window"],
        "cleaning": provenance["counts"],
        "left_out": dict(found.data.cleaning.first) if found.data.cleaning else {},
        "holdout": provenance["holdout"],
        "out": str(out),
        "version": found.parameters.version,
    }


def page(found: FitResult, told: dict[str, Any]) -> Group:
    """The fit for people."""
    fitted = [each for each in (found.fits.purchases, found.fits.spend) if each is not None]
    parameters = table("model", "parameter", "value", "standard error")
    for each in fitted:
        for name, value in each.parameters.items():
            error = each.standard_errors[name]
            parameters.add_row(each.model, name, f"{value:.6g}", f"{error:.2g}")
    return Group(parameters, Text(""), *_facts(found, told), *_notes(found, told))


def _facts(found: FitResult, told: dict[str, Any]) -> list[Text]:
    window, unit = told["window"], told["time_unit"]
    facts = [
        f"log-likelihood {told['log_likelihood']:.4f}, times in {unit}s, money in major units",
        f"{told['customers']} customers up to {window['until']}, {told['seconds']:.2f} s",
        f"{told['out']}: {told['version']}",
    ]
    if found.holdout is not None:
        facts.insert(2, _judged(told["holdout"]))
    return [Text(fact) for fact in facts]


def _judged(holdout: dict[str, Any]) -> str:
    related = holdout["correlation"]
    return (
        f"holdout of {holdout['days']} days: {holdout['expected']:.1f} purchases expected, "
        f"{holdout['actual']} made; a customer's correlation "
        f"{'none' if related is None else format(related, '.3f')}, "
        f"mean absolute error {holdout['mean_absolute_error']:.3f}"
    )


def _notes(found: FitResult, told: dict[str, Any]) -> list[Text]:
    spend = found.fits.spend.diagnostics if found.fits.spend and found.fits.purchases else ()
    lowered = told["winsorised"]["customers"]
    capped = [f"{lowered} mean spends were lowered to {told['winsorised']['cap']:.2f}."]
    left_out = [
        f"{told['cleaning'][reason]} rows left out as {reason}; first {first}"
        for reason, first in told["left_out"].items()
    ]
    notes = [*told["diagnostics"], *spend, *(capped if lowered else []), *left_out]
    return [Text(note, style="dim") for note in notes]


def _data(
    history: list[str], request: FitRequest, names: Columns, unit: AmountUnit, window: FitWindow
) -> FitData:
    settings = Settings()
    book = Book.of(ScoringModel(parse(request.base)), settings.rates_file)
    if LIVE not in history:
        return from_files(history, book, names, unit.value, window)
    if len(history) > 1:
        raise UserError(f"HISTORY: expected files, or {LIVE} alone, got both")
    return from_live(settings, book, window)


def _write_report(path: Path, found: FitResult) -> None:
    from modelling.fit.report.page import write_fit_report  # noqa: PLC0415 - plots take a while to load

    write_fit_report(path, found)
