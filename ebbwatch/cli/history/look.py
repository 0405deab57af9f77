"""`ebbwatch look`."""

from typing import Annotated

import typer

from ebbwatch.cli.history.options import HistoryOptions, reads_history
from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, console, say_json, telling


@reads_history
def look(
    *,
    history: HistoryOptions,
    write: Annotated[
        bool, typer.Option("--write", help="Write the options to ebbwatch.toml beside the file.")
    ] = False,
    currency: Annotated[str | None, typer.Option(help="Book currency; else the base's.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Book time zone; else the base's.")] = None,
    as_json: Json = False,
) -> None:
    """Look at a file: its columns, the options that read it, and the command to type next."""
    from ebbwatch.cli.pages.look import document, options_file, page
    from modelling.fit.base import prepared
    from modelling.history import Book
    from modelling.history.layout import OPTIONS_FILE, beside, typed_over
    from modelling.look import look_at
    from scoring.model import ScoringModel
    from scoring.parameters import parse
    from streams.config import Settings
    from streams.parameters.file import read_document

    settings = Settings()
    base = read_document(settings.parameters_source)

    def book_in(told: str | None) -> Book:
        books = prepared(base, currency or told, timezone)
        return Book.of(ScoringModel(parse(books)), settings.rates_file)

    known = history.options or beside(history.paths)
    with telling(quiet=as_json) as say:
        say("Looking", 0, 0)
        found = look_at(history.paths, book_in, typed_over(known, history.typed()))
    written = None
    if write:
        written = found.path.parent / OPTIONS_FILE
        if written.exists():
            raise UserError(f"{written}: expected no options file yet, got one")
        written.write_text(options_file(found), encoding="utf-8")
    of_file = next(iter(found.proposal.currencies), None)
    own = of_file if of_file != base["book_currency"] else None
    books_of = {"currency": currency or own, "timezone": timezone}
    result = document(found, history.paths, books_of, written)
    if as_json:
        say_json(result)
        return
    console().print(page(found, result))
    if result["command"] is not None:  # in one line however long, to be copied
        typer.echo(f"\nNext:\n  {result['command']}")
