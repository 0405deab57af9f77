"""`ebbwatch backtest`."""

from pathlib import Path
from typing import Annotated

import typer

from ebbwatch.cli.dates import day
from ebbwatch.cli.history.choosing import ThresholdOptions, aim, chooses_thresholds
from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.options import FirstJudged, LastJudged
from ebbwatch.cli.output import Json, console, say_json, telling


@chooses_thresholds
@reads_history
def backtest(
    *,
    params: Annotated[
        Path | None, typer.Option(help="Parameter file; else that of the settings.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="Rules file; else that of the settings.")
    ] = None,
    history: HistoryOptions,
    choosing: ThresholdOptions,
    recommend: Annotated[
        bool,
        typer.Option(
            "--recommend", help="Try thresholds of the scorecard, and tell which to take."
        ),
    ] = False,
    start: FirstJudged = None,
    until: LastJudged = None,
    horizon_days: Annotated[
        float | None,
        typer.Option(
            min=1.0, help="Days without a purchase after which one is lost; else the file's own."
        ),
    ] = None,
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
    report: Annotated[Path | None, typer.Option(help="Write an HTML report here.")] = None,
    as_json: Json = False,
) -> None:
    """Replay a history as a live worker would, and tell what its warnings were worth."""
    from ebbwatch.cli.history import reading
    from ebbwatch.cli.pages.backtest import backtest_json, page
    from ebbwatch.cli.pages.history import history_json, history_lines
    from ebbwatch.cli.pages.thresholds import search_page
    from modelling.backtest import run as backtesting
    from modelling.bulk.apart import HistoryApart
    from modelling.history import Book, day_number, midnight, midnight_after
    from modelling.thresholds.replaying import require_scorecard
    from modelling.thresholds.search import search, search_json
    from scoring.parameters import Silence
    from streams.config import with_parameters
    from streams.parameters.file import load_model

    settings = with_parameters(params, rules)
    model = load_model(settings)
    book = Book.of(model, settings.rates_file)
    first, last = day("--from", start), day("--until", until)
    plan = backtesting.BacktestPlan(
        start=midnight(day_number(first), book.calendar) if first else None,
        end=midnight_after(book, last) if last else None,
        days=horizon_days,
        thresholds=backtesting.read_thresholds(thresholds or [], model),
        keeps_warnings=warnings is not None,
    )
    currency = model.parameters.book_currency
    wanted = aim(choosing, model.parameters.currency_exponent)
    if choosing.asks or recommend:
        require_scorecard(model)
    with telling(quiet=as_json) as say, reading.in_parts(history, book, say, last) as read:
        say("Replaying", 0, 0)
        found = backtesting.backtest(HistoryApart.of(read.parts), model, plan, say)
        if warnings is not None:
            backtesting.write_warnings(found, settings, warnings)
        tried = None
        if choosing.asks or recommend:
            period = found.result.period
            leaving = model.leaving if horizon_days is None else Silence(days=horizon_days)
            tried = search(found.history, model, period, leaving, wanted, tries_own=True, say=say)
    if report is not None:
        from modelling.backtest.report import write_backtest_report  # plots take a while to load
        from modelling.thresholds.report import choice_sections

        write_backtest_report(report, found, choice_sections(tried, currency))
    if as_json:
        told = {**backtest_json(found), "recommended": tried and search_json(tried)}
        say_json({**told, "history": history_json(read.cleaning)})
    else:
        console().print(page(found), *search_page(tried, currency))
        console().print("\n".join(history_lines(read.cleaning)), style="dim")
