"""`ebbwatch explain`."""

import asyncio
from typing import Annotated, Any

import typer

from ebbwatch.cli.customers.verify import ParamsSince, RulesSince
from ebbwatch.cli.dates import seconds_or_present
from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.output import Json, console, say_json


@reads_history
def explain(
    customer: Annotated[str, typer.Argument(help="The customer's pseudonymous id.")],
    at: Annotated[
        str | None, typer.Option(help="At this instant, ISO 8601; else at present.")
    ] = None,
    *,
    history: HistoryOptions,
    params: ParamsSince = None,
    rules: RulesSince = None,
    as_json: Json = False,
) -> None:
    """Say why a customer's risk is what it is: points, reasons, and what would clear each warning.

    Of an instant before the last event it is told from the log: what a worker knew by then, by the
    parameters then in force. HISTORY is what the topics do not hold of it.
    """
    from ebbwatch.cli.customers.explain_page import document, page
    from streams.config import Settings
    from streams.tools.customers.look_up import inspect
    from streams.tools.customers.view import TooEarlyError

    settings, instant = Settings(), seconds_or_present("--at", at)
    found: Any
    try:
        found = asyncio.run(inspect(settings, customer, instant))
    except TooEarlyError:
        if instant is None:
            raise
        models = (settings, params or (), rules or ())
        found = _then(customer, instant, history, models)
    say_json(document(found)) if as_json else console().print(page(found))


def _then(customer: str, at: float, history: HistoryOptions, models: Any) -> Any:  # noqa: ANN401
    from ebbwatch.cli.history import reading
    from modelling.history import Book
    from streams.parameters.file import load_models
    from streams.tools.verify import then

    settings, used = models[0], load_models(*models)
    book = Book.of(used[0], settings.rates_file)
    with reading.in_parts_if_any(history, book) as parts:
        return asyncio.run(then(settings, customer, at, used, parts))
