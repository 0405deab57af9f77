"""`ebbwatch dlq`."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ebbwatch.cli.one_line import UserError
from ebbwatch.cli.output import Json, WholeTable, console, say_json

Reason = Annotated[str | None, typer.Option(help="Only those set aside for this reason.")]


def show_all(reason: Reason = None, *, as_json: Json = False) -> None:
    """List dead letters: how many for each reason; with --json each, one object a line's worth."""
    letters = _read(reason)
    if as_json:
        say_json({"letters": [_document(each) for each in letters]})
        return
    counts = Counter((each.topic, each.reason) for each in letters)
    listed = WholeTable("topic", "reason", "letters", "an example")
    for (topic, why), count in counts.most_common():
        example = next(each.id for each in letters if (each.topic, each.reason) == (topic, why))
        listed.add_row(topic, why, str(count), example)
    console().print(listed)


def show(
    letter: Annotated[str, typer.Argument(help="Its id: topic-partition-offset.")],
    *,
    as_json: Json = False,
) -> None:
    """Show one dead letter: why it was set aside, and what was kept of it."""
    (found,) = _named(_read(None), [letter])
    if as_json:
        say_json(_document(found))
        return
    for name, value in _document(found).items():
        console().print(f"{name}: {value}")


def replay(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of letters; none: all.")] = None,
    reason: Reason = None,
    repaired: Annotated[
        Path | None,
        typer.Option(help='JSON lines of {"id": ..., "value": {...}}: events in their place.'),
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Put the records of dead letters back, once each; exit code 1 where some would come again.

    What would be set aside again is left where it is: repair its cause, such as a missing rate, or
    give the event as it should have been.
    """
    from streams.config import Settings
    from streams.intake.rates import read_rates
    from streams.parameters.file import load_model
    from streams.tools.mending.dead_letters import replay_letters

    settings, mended = Settings(), _repaired(repaired)
    letters = _named(_read(reason), ids or list(mended)) if ids or mended else _read(reason)
    rates = read_rates(settings.rates_file, load_model(settings).parameters.book_currency)
    done = asyncio.run(replay_letters(settings, rates, letters, mended))
    if as_json:
        told = {name: list(getattr(done, name)) for name in ("back", "before", "without")}
        say_json({**told, "refused": dict(done.refused)})
    else:
        console().print(f"{len(done.back)} put back, {len(done.before)} were back before")
        for name in done.without:
            console().print(f"{name}: only its metadata is kept; --repaired gives it")
        for name, why in done.refused.items():
            console().print(f"{name}: still {why}")
    if done.refused or done.without:
        raise typer.Exit(1)


def _read(reason: str | None) -> list[Any]:
    from streams.config import Settings
    from streams.tools.mending.dead_letters import read_letters

    letters = asyncio.run(read_letters(Settings()))
    return [each for each in letters if reason in {None, each.reason}]


def _named(letters: Sequence[Any], ids: Sequence[str]) -> list[Any]:
    known = {each.id: each for each in letters}
    for name in ids:
        if name not in known:
            raise UserError(f"dead letter {name}: expected one that is kept, found none")
    return [known[name] for name in dict.fromkeys(ids)]


def _repaired(file: Path | None) -> dict[str, bytes]:
    found = {}
    lines = file.read_text("utf-8").splitlines() if file else []
    for number, line in enumerate(lines, 1):
        try:
            given = json.loads(line)
            found[str(given["id"])] = json.dumps(given["value"]).encode()
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            expected = '{"id": ..., "value": {...}}'
            raise UserError(f"{file}:{number}: expected {expected}, got {line[:64]}") from error
    return found


def _document(letter: Any) -> Mapping[str, Any]:  # noqa: ANN401
    value = None if letter.value is None else letter.value.decode("utf-8", "replace")
    names = ("id", "topic", "reason", "message", "timestamp")
    return {**{name: getattr(letter, name) for name in names}, "value": value}
