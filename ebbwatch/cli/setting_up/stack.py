"""`ebbwatch stack`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ebbwatch import stack
from ebbwatch.cli.output import Json, say_json
from ebbwatch.stack import Stack

Folder = Annotated[Path, typer.Option(help="Where its data and logs live.")]
HERE = Path(".stack")


def up(
    folder: Folder = HERE,
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Remove its data first.")] = False,
    as_json: Json = False,
) -> None:
    """Start it, and print the settings that use it: `eval "$(ebbwatch stack up)"`."""
    _tell(stack.start(folder, fresh=fresh), as_json=as_json)


def down(folder: Folder = HERE, *, as_json: Json = False) -> None:
    """Stop it and keep its data; no error where nothing runs."""
    ran = stack.status(folder)
    stack.stop(folder)
    if as_json:
        say_json({"stopped": sorted(ran.pids) if ran else []})
    else:
        typer.echo(f"stopped {' and '.join(sorted(ran.pids))}" if ran else "nothing was running")


def status(folder: Folder = HERE, *, as_json: Json = False) -> None:
    """Tell what runs; exit code 1 unless both servers do."""
    found = stack.status(folder)
    if found is not None:
        _tell(found, as_json=as_json)
    elif as_json:
        say_json({"running": []})
    else:
        typer.echo("nothing is running")
    if found is None or len(found.pids) < 2:  # noqa: PLR2004 - Kafka and Redis
        raise typer.Exit(1)


def exports(variables: dict[str, str]) -> str:
    """Lines for a shell to read.

    >>> exports({"EBBWATCH_PARTITIONS": "8"})
    'export EBBWATCH_PARTITIONS=8'
    """
    return "\n".join(f"export {name}={value}" for name, value in variables.items())


def _tell(found: Stack, *, as_json: bool) -> None:
    if as_json:
        say_json(_document(found))
        return
    processes = ", ".join(f"{name} {pid}" for name, pid in sorted(found.pids.items()))
    typer.echo(exports(_variables(found)))
    typer.echo(f"# running in {found.folder}: {processes}", err=True)


def _variables(found: Stack) -> dict[str, str]:
    return {
        "EBBWATCH_KAFKA_BOOTSTRAP": found.kafka_bootstrap,
        "EBBWATCH_REDIS_URL": found.redis_url,
    }


def _document(found: Stack) -> dict[str, Any]:
    return {
        "running": sorted(found.pids),
        "kafka_bootstrap": found.kafka_bootstrap,
        "redis_url": found.redis_url,
        "folder": str(found.folder),
        "pids": dict(found.pids),
    }
