"""`ebbwatch outcome`."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from ebbwatch.cli.dates import instant
from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, console, say_json


def outcome(
    about: Annotated[str, typer.Argument(metavar="WARNING_ID", help="Of a warning, or of a case.")],
    answer: Annotated[
        str,
        typer.Argument(
            help="acknowledged, contacted, offer_made, accepted, retained, lost, false_alarm, "
            "snoozed or reassigned."
        ),
    ],
    *,
    by: Annotated[str, typer.Option(help="Opaque id of who answers.")] = "shell",
    reason: Annotated[str | None, typer.Option(help="Of lost or false_alarm.")] = None,
    offer: Annotated[str | None, typer.Option(help="Code of the offer.")] = None,
    touchpoint: Annotated[str | None, typer.Option(help="Of contacted: such as phone.")] = None,
    officer: Annotated[str | None, typer.Option(help="Of reassigned: to whom.")] = None,
    note: Annotated[str | None, typer.Option(help="For who comes next; no card number.")] = None,
    until: Annotated[
        str | None, typer.Option(help="Of snoozed: an instant, ISO 8601, or days such as 7d.")
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="When it happened, ISO 8601; else at present.")
    ] = None,
    customer: Annotated[
        str | None, typer.Option(help="Whose it is: then no topic is searched for it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Answer a warning or a case. The same answer given twice counts once; --at tells two apart."""
    from schemas.events.examples import OUTCOME_EXAMPLES
    from streams.config import Settings
    from streams.tools.desk import Given, answer_of, look_up, send

    if answer not in OUTCOME_EXAMPLES:
        raise UserError(f"answer: expected one of {', '.join(OUTCOME_EXAMPLES)}, got {answer}")
    settings = Settings()
    if settings.mode == "replay" and at is None:
        raise UserError("--at: expected in mode replay, whose clock an answer of now would move")
    now = datetime.now(UTC) if at is None else _instant("--at", at)
    said = {
        "reason": reason,
        "offer": offer,
        "touchpoint": touchpoint,
        "officer": officer,
        "note": note,
    }
    details = {name: text for name, text in said.items() if text is not None}
    if until is not None:
        details["until"] = _until(until, now).isoformat()
    of = asyncio.run(look_up(settings, about, customer))
    event = answer_of(of, Given(answer, by, now, at is not None, details))
    asyncio.run(send(settings, event))
    if as_json:
        say_json({"event": event, "is_open": of.is_open, "newest": of.newest})
        return
    console().print(f"{of.customer}: {answer}, event {event['event_id']}", soft_wrap=True)
    if of.newest != about:
        console().print(f"raised anew since as {of.newest}: this changes nothing", soft_wrap=True)
    elif not of.is_open:
        console().print("it had cleared; the answer counts")


def _until(text: str, now: datetime) -> datetime:
    days = text.removesuffix("d")
    if text.endswith("d") and days.isdecimal() and len(days) <= 4:  # noqa: PLR2004 - of years
        return now + timedelta(days=int(days))
    return _instant("--until", text)


def _instant(option: str, text: str) -> datetime:
    at = instant(option, text)
    if at.tzinfo is None:
        raise UserError(f"{option}: expected an offset, such as {text}Z, got none")
    return at
