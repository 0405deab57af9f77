"""`ebbwatch outcomes`."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, check_folder, console, say_json


def outcomes(
    *,
    days: Annotated[
        float, typer.Option(min=1.0, help="Within which after a warning a purchase is a return.")
    ] = 28.0,
    contact_cost: Annotated[
        float, typer.Option(min=0.0, help="Of contacting a customer, major units.")
    ] = 0.0,
    offer_cost: Annotated[
        float, typer.Option(min=0.0, help="Of an accepted offer, major units.")
    ] = 0.0,
    ranking: Annotated[
        bool, typer.Option("--ranking", help="Learn whom acting helps most, and say how well.")
    ] = False,
    propose: Annotated[
        bool,
        typer.Option("--propose", help="Say what thresholds answers speak for; changes nothing."),
    ] = False,
    keep: Annotated[
        float,
        typer.Option(
            min=0.5, max=0.99, help="With --propose, share of the right warnings to be kept."
        ),
    ] = 0.9,
    rules: Annotated[
        Path | None,
        typer.Option(help="With --propose, rules file in force; else that of the settings."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="With --ranking, write who still can be helped to a CSV file; with --propose, "
            "that rules file with the thresholds proposed."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Tell what became of warnings: answers, precision, and what acting on them is worth.

    Who is held out (`holdout` of the rules file) is compared with who is treated, by who bought
    again.
    """
    from ebbwatch.cli.customers.outcomes.page import (
        outcomes_document,
        outcomes_page,
        ranking_document,
        ranking_page,
    )
    from modelling.uplift import learnt, write
    from streams.config import with_parameters
    from streams.parameters.file import load_model
    from streams.tools.desk import Costs, report

    if out is not None and ranking == propose:
        raise UserError("--out: expected one of --ranking and --propose beside it, to be written")
    if rules is not None and not propose:
        raise UserError("--rules: expected --propose beside it, which compares with them")
    check_folder(out)
    settings = with_parameters(None, rules)
    model = load_model(settings)
    scale = 10.0**model.parameters.currency_exponent
    costs = Costs(contact_cost * scale, offer_cost * scale)
    found = asyncio.run(report(settings, days, costs))
    told, pages = outcomes_document(found), [outcomes_page(found)]
    if ranking:
        learned = learnt(found.customers, costs)
        told["ranking"] = ranking_document(*learned, found.withdrew)
        pages.append(ranking_page(*learned, found.withdrew))
        if out is not None:
            write(learned[1], out)
    if propose:
        told["proposals"], page = _proposed(found.answered, model, keep, settings.rules_file, out)
        pages.append(page)
    if as_json:
        say_json(told)
        return
    for page in pages:
        console().print(page)


def _proposed(
    answered: Sequence[Any],
    model: Any,  # noqa: ANN401 - its module loads when asked
    keep: float,
    rules: Path | None,
    out: Path | None,
) -> tuple[list[dict[str, Any]], Any]:
    """What answers propose, as a JSON value and a page; written where it is wanted."""
    from ebbwatch.cli.customers.outcomes import proposals
    from modelling.thresholds.answers import changed, propose

    found = propose(answered, model, keep)
    changes = proposals.changes(found)
    if out is not None and changes:
        text = rules.read_text("utf-8-sig") if rules else ""
        out.write_text(changed(text, changes, str(rules)), "utf-8")
    elif out is not None:
        typer.echo(f"{out}: not written, since nothing is proposed", err=True)
    return proposals.proposals_document(found), proposals.proposals_page(found)
