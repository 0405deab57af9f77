"""`ebbwatch fit`."""

import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

import typer

from ebbwatch.cli.dates import day
from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.history.summaries import SummaryFile, alone
from ebbwatch.cli.output import Json, check_folder, console, say_json, telling


class ModelName(StrEnum):
    """Models that can be fitted."""

    AUTO = "auto"
    BGNBD = "bgnbd"
    MBGNBD = "mbgnbd"
    PARETONBD = "paretonbd"
    GAMMAGAMMA = "gammagamma"


PurchaseName = Literal["auto", "bgnbd", "mbgnbd", "paretonbd"]
PURCHASES: Final[Mapping[ModelName, PurchaseName]] = MappingProxyType(
    {
        ModelName.AUTO: "auto",
        ModelName.BGNBD: "bgnbd",
        ModelName.MBGNBD: "mbgnbd",
        ModelName.PARETONBD: "paretonbd",
    }
)


class TimeUnit(StrEnum):
    """Units of time a parameter file may be in."""

    WEEK = "week"
    DAY = "day"


@reads_history
def fit(
    *,
    out: Annotated[Path, typer.Option(help="Where to write the parameter file.")],
    history: HistoryOptions,
    summary: SummaryFile = None,
    model: Annotated[
        ModelName,
        typer.Option(help="What to fit; auto takes the one that foretells days held out best."),
    ] = ModelName.AUTO,
    time_unit: Annotated[
        TimeUnit | None, typer.Option(help="Of the parameters; week, or that of a model kept.")
    ] = None,
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
    prior: Annotated[
        bool, typer.Option("--prior", help="With weak priors, so that few customers will do.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse a limit instead of writing it.")
    ] = False,
    base: Annotated[
        Path | None, typer.Option(help="Parameter file to take all else from; else the packaged.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the parameters; else of the file.")] = None,
    currency: Annotated[str | None, typer.Option(help="Book currency; else the base's.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Book time zone; else the base's.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report here.")] = None,
    as_json: Json = False,
) -> None:
    """Fit a model to a history, or to `redis`, a live system's state; write a parameter file."""
    from ebbwatch.cli.history import reading
    from ebbwatch.cli.pages.fit import document, page
    from modelling.fit.base import prepared
    from modelling.fit.data import FitWindow, from_summary
    from modelling.fit.file import file_name, fit_file
    from modelling.fit.run import FitRequest
    from streams.config import Settings
    from streams.parameters.file import read_document, write_document

    began = time.perf_counter()
    check_folder(out, report)
    window = FitWindow(until=day("--until", until), holdout=day("--holdout", holdout))
    former = read_document(base or Settings().parameters_source)
    request = FitRequest(
        model=PURCHASES.get(model),
        time_unit=time_unit.value if time_unit else _unit(model, former),
        winsorise=winsorise,
        base=prepared(former, currency, timezone),
        name=file_name(name or out.stem),
        strict=strict,
        with_prior=prior,
        segments=former.get("segments")
        if currency not in {None, former["book_currency"]}
        else None,
    )
    with telling(quiet=as_json) as say:
        table = alone(summary, history)
        if table is None:
            data = reading.purchases(history, request.base, window, say)
        else:
            allowed = reading.layout(history).allow_bad
            data = from_summary(table, reading.book(request.base), window, allowed)
        say("Fitting", 0, 0)
        found = fit_file(data, request)
    write_document(out, found.document)
    if report is not None:
        from modelling.fit.report.page import write_fit_report  # plots take a while to load

        write_fit_report(report, found)
    result = document(found, out, time.perf_counter() - began)
    say_json(result) if as_json else console().print(page(found, result))


def _unit(model: ModelName, former: Mapping[str, Any]) -> Literal["week", "day"]:
    """A model that is kept keeps its unit."""
    return former["time_unit"] if model is ModelName.GAMMAGAMMA else "week"
