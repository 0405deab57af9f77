"""A store filled from files, or saved to one, as the commands tell of it."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ebbwatch.cli.output import console, say_json
from ebbwatch.cli.pages.history import history_json, history_lines
from modelling.history import Cleaning
from streams.tools.backfill import Loaded
from streams.tools.recovery import Saved

LOADING: Final = "Loading customers"


def document(loaded: Loaded, cleaning: Cleaning, seconds: float) -> dict[str, Any]:
    """What was read and loaded as one JSON value; `seconds` are those of the whole command."""
    result = asdict(loaded)
    for name in ("until", "last_event"):
        result[name] = result[name] and datetime.fromtimestamp(result[name], UTC).isoformat()
    return {**result, "history": history_json(cleaning), "seconds": round(seconds, 3)}


def page(result: dict[str, Any], cleaning: Cleaning) -> str:
    """What was loaded for people, in a line, and what became of the history's rows."""
    loaded = (
        f"{result['events']} events of {result['customers']} customers loaded into "
        f"{result['partitions']} partitions up to {result['until']}, the last one at "
        f"{result['last_event']}; {result['duplicates']} duplicates, "
        f"{result['too_late']} too late, {result['timers']} timers, {result['warnings']} warnings, "
        f"{result['published']} messages to publish; {result['seconds']:.1f} s"
    )
    return "\n".join([loaded, *history_lines(cleaning)])


def tell_saved(saved: Saved, file: Path, what: str, *, as_json: bool) -> None:
    """Tell of a backup, in a line or as one JSON value."""
    if as_json:
        say_json({**saved._asdict(), "file": str(file)})
        return
    size = f"{saved.bytes / 1e6:.1f} MB"
    line = f"{saved.keys} keys of {saved.partitions} partitions, {size}, {what} {file}"
    console().print(f"{line}, as of {saved.made_at}")


def tell_whole(*, as_json: bool) -> None:
    """Tell that there is nothing to load."""
    if as_json:
        say_json({"forgotten": {}})
    else:
        console().print(
            "The topics hold everything that was ever written to them. Start the workers: they "
            "apply it anew.\nWhat backfill once loaded from files is in no topic: ebbwatch rebuild "
            "HISTORY --until CUT loads it again."
        )
