"""A store backed up, restored or rebuilt, as the commands tell of it."""

from pathlib import Path

from ebbwatch.cli.output import console, say_json
from streams.tools.recovery import Saved


def told(saved: Saved, file: Path, what: str, *, as_json: bool) -> None:
    """Tell of a backup, in a line or as one JSON value."""
    if as_json:
        say_json({**saved._asdict(), "file": str(file)})
        return
    size = f"{saved.bytes / 1e6:.1f} MB"
    line = f"{saved.keys} keys of {saved.partitions} partitions, {size}, {what} {file}"
    console().print(f"{line}, as of {saved.made_at}", markup=False)


def tell_whole(*, as_json: bool) -> None:
    """Tell that there is nothing to load."""
    if as_json:
        say_json({"forgotten": {}})
    else:
        console().print("The topics hold everything. Start the workers: they apply it anew.")
