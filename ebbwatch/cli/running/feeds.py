"""`ebbwatch feeds`."""

import asyncio
from typing import Annotated, Literal

import typer

from ebbwatch.cli.dates import iso
from ebbwatch.cli.output import Json, WholeTable, console, mark, say_json

Stream = Literal["transactions", "interactions", "pos", "online", "atm", "app"]


def show(*, as_json: Json = False) -> None:
    """Show what each feed is used to, and which is quiet; exit code 1 where one is.

    Warnings of silence wait for a feed that is quiet.
    """
    from streams.config import Settings
    from streams.tools.mending.feeds import read_feeds

    found = asyncio.run(read_feeds(Settings()))
    if as_json:
        told = [
            {**each._asdict(), "held_since": _since(each.held_since),
             "back_since": _since(each.back_since), "usual": round(each.usual, 1)}
            for each in found
        ]  # fmt: skip
        say_json({"feeds": told})
    else:
        listed = WholeTable(
            "", "partition", "feed", "usual this hour", "known, weeks", "quiet since"
        )
        for each in found:
            since = _since(each.held_since) or ""
            told_of = f"{since}, back {_since(each.back_since)}" if each.back_since else since
            weeks = f"{each.known_weeks:.1f}"
            about = (str(each.partition), each.stream, f"{each.usual:,.0f}", weeks, told_of)
            listed.add_row(mark(not since), *about)
        console().print(listed)
    if any(each.held_since for each in found):
        raise typer.Exit(1)


def release(
    stream: Annotated[Stream, typer.Argument(help="The feed that is quiet for good.")],
    *,
    as_json: Json = False,
) -> None:
    """Stop waiting for a feed, in all partitions, and learn it anew; stop the workers first.

    For a channel that was closed, or moved elsewhere: the next worker raises what was held. A feed
    that comes back needs none of this.
    """
    from streams.config import Settings
    from streams.tools.mending.feeds import release as let_go

    done = asyncio.run(let_go(Settings(), stream))
    if as_json:
        sets = [{**each._asdict(), "held_since": _since(each.held_since)} for each in done]
        say_json({"released": sets})
        return
    for each in done:
        since = _since(each.held_since)
        console().print(f"partition {each.partition}: {each.stream}, quiet since {since}, released")
    if not done:
        console().print(f"nothing is held for {stream}")


def _since(seconds: float) -> str | None:
    return iso(seconds) if seconds else None
