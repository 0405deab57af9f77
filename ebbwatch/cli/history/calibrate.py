"""`ebbwatch calibrate`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer

from ebbwatch.cli.history.choosing import ThresholdOptions, aim, chooses_thresholds
from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.history.summaries import SummaryFile, alone
from ebbwatch.cli.output import Json, check_folder, console, say_json, telling

INCOMPLETE: Final = 3  # exit code of --strict where a step kept the base's section


@chooses_thresholds
@reads_history
def calibrate(
    *,
    out: Annotated[Path, typer.Option(help="Where to write the parameter file.")],
    history: HistoryOptions,
    summary: SummaryFile = None,
    choosing: ThresholdOptions,
    leaving: Annotated[
        str | None,
        typer.Option(
            metavar="TYPE:DAYS,...",
            help="silence:DAYS, closure:DAYS or partial:DAYS:SHARE; else the base's, or proposed.",
        ),
    ] = None,
    base: Annotated[
        Path | None, typer.Option(help="Parameter file to take all else from; else the packaged.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the parameters; else of the file.")] = None,
    currency: Annotated[str | None, typer.Option(help="Book currency; else the base's.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Book time zone; else the base's.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit code 3 where a step kept the base's section.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report here.")] = None,
    as_json: Json = False,
) -> None:
    """Fit all to a history, or `kafka`, the input topics; judge it out of time; write a file."""
    from ebbwatch.cli.history import reading
    from ebbwatch.cli.pages.calibrate import document, page
    from ebbwatch.cli.pages.history import history_json, history_lines
    from modelling.calibrate import CalibrationRequest, parse_leaving
    from modelling.calibrate.run import calibrate as calibrated
    from modelling.fit.base import prepared
    from modelling.fit.file import file_name
    from modelling.history import Book
    from scoring.model import ScoringModel
    from scoring.parameters import parse
    from streams.config import Settings
    from streams.parameters.file import read_document, write_document

    check_folder(out, report)
    prior = read_document(base or Settings().parameters_source)
    books = prepared(prior, currency, timezone)
    request = CalibrationRequest(
        base=prior,
        name=file_name(name or out.stem),
        aim=aim(choosing, books["currency_exponent"]),
        leaving=None if leaving is None else parse_leaving(leaving),
        currency=currency,
        timezone=timezone,
    )
    with telling(quiet=as_json) as say:
        say("Reading the history", 0, 0)
        book = Book.of(ScoringModel(parse(books)), Settings().rates_file)
        read = reading.history_or_topics(history, book, say, alone(summary, history))
        request = replace(request, share=read.share)
        found = calibrated(read.events(), request, read.cleaning, say)
    write_document(out, found.document)
    if report is not None:
        from modelling.calibrate.report import write_calibration_report  # plots take a while

        write_calibration_report(report, found)
    if as_json:
        say_json({**document(found, out), "history": history_json(read.cleaning)})
    else:
        console().print(page(found, out))
        console().print("\n".join(history_lines(read.cleaning)), style="dim")
    if strict and not found.is_complete:
        raise typer.Exit(INCOMPLETE)
