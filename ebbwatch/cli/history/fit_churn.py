"""`ebbwatch fit-churn`."""

import time
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.dates import day
from ebbwatch.cli.history.choosing import ThresholdOptions, aim, chooses_thresholds
from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.history.summaries import SummaryFile, alone
from ebbwatch.cli.output import Json, check_folder, console, say_json, telling


class CalibrationName(StrEnum):
    """Calibrations that can be fitted."""

    BEST = "best"
    PLATT = "platt"
    ISOTONIC = "isotonic"
    NONE = "none"


@chooses_thresholds
@reads_history
def fit_churn(
    *,
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
    leaving: Annotated[
        str | None,
        typer.Option(
            help="What counts: silence:DAYS, closure:DAYS, partial:DAYS:SHARE, or several with "
            "commas; else what the file says."
        ),
    ] = None,
    horizon_days: Annotated[
        float | None,
        typer.Option(min=1.0, max=36_500.0, help="The same as --leaving silence:N."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="CSV or Parquet file of customers and left_at, or left.")
    ] = None,
    allow_unmatched: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of labels that may be of nobody.")
    ] = 0.1,
    choosing: ThresholdOptions,
    calibration: Annotated[
        CalibrationName, typer.Option(help="From the regression's odds to risks.")
    ] = CalibrationName.BEST,
    points_to_double: Annotated[
        float, typer.Option(min=0.1, help="Points that double the odds.")
    ] = 20.0,
    history: HistoryOptions,
    summary: SummaryFile = None,
    free_signs: Annotated[
        bool, typer.Option("--free-signs", help="Let inputs weigh against their meaning too.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report here.")] = None,
    as_json: Json = False,
) -> None:
    """Fit the churn scorecard to a history; write it into a parameter file."""
    from ebbwatch.cli.history import reading
    from ebbwatch.cli.pages.history import history_json, history_lines
    from ebbwatch.cli.pages.scorecard import document, page
    from ebbwatch.cli.pages.thresholds import search_page
    from modelling.calibrate.leaving import asked_leaving
    from modelling.churn import run as churning
    from modelling.churn.fit import ScorecardPlan
    from modelling.churn.labels import match, read_labels
    from modelling.history import Book
    from modelling.thresholds import fit_with_thresholds
    from modelling.thresholds.search import search_json
    from scoring.model import ScoringModel
    from scoring.parameters import parse
    from streams.config import with_parameters
    from streams.parameters.file import read_document, write_document

    began = time.perf_counter()
    check_folder(out, report)
    settings = with_parameters(params)
    base = read_document(settings.parameters_source)
    model = ScoringModel(parse(base))
    request = churning.ChurnRequest(
        leaving=asked_leaving(leaving, horizon_days),
        until=day("--until", until),
        dates=tuple(day("--at", text) for text in at or []),
        points_to_double=points_to_double,
        plan=ScorecardPlan(monotone=not free_signs, calibration=calibration.value),
    )
    currency, exponent = base["book_currency"], base["currency_exponent"]
    wanted = aim(choosing, exponent)
    with telling(quiet=as_json) as say:
        book, table = Book.of(model, settings.rates_file), alone(summary, history)
        read = reading.learnt_from(history, book, request.until, say, table)
        log, given, matched = read.events(), None, None
        if labels is not None:
            given = read_labels(labels, model.calendar.zone, reading.layout(history))
            given = given.drawn(read.share)
            matched = match(given, log.customers, allow_unmatched)
        drawn = replace(request, share=read.share)
        chosen = fit_with_thresholds(log, base, drawn, wanted, given, say=say)
    found = chosen.found
    write_document(out, found.document)
    if report is not None:
        from modelling.churn.report import write_churn_report  # plots take a while to load
        from modelling.thresholds.report import choice_sections

        write_churn_report(report, found, choice_sections(chosen.search, currency, chosen.notes))
    result = document(found, out, time.perf_counter() - began)
    result |= {"recommended": chosen.search and search_json(chosen.search)}
    result |= {"notes": list(chosen.notes), "labels": matched and asdict(matched)}
    result |= {"history": history_json(read.cleaning)}
    if as_json:
        say_json(result)
    else:
        console().print(*search_page(chosen.search, currency, chosen.notes), page(result))
        lines = [*history_lines(read.cleaning), *(matched.sentences() if matched else [])]
        console().print("\n".join(lines), style="dim")
