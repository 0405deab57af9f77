"""How every command speaks: for people on a terminal, as one JSON document for machines."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from ebbwatch.cli.one_line import UserError

EVERY: Final = 60.0  # seconds between lines in a log
JsonLines = Annotated[bool, typer.Option("--json", help="Print a JSON value a line for machines.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]


def console() -> Console:
    """Standard output, in colour on a terminal."""
    return Console(highlight=False, soft_wrap=False)


@contextmanager
def telling(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Tell what is being done, beside what a command prints: at once on a terminal.

    In a log it is told once in a while, and nothing of what is done sooner.

    Args:
        quiet: Tell nothing.

    Yields:
        To be called with each thing that is begun.
    """
    told = Console(stderr=True, highlight=False)
    if quiet:
        yield lambda _: None
    elif told.is_terminal:
        with told.status("") as status:
            yield lambda words: status.update(f"{words} …")
    else:
        yield _once_in_a_while()


def _once_in_a_while() -> Callable[[str], None]:
    last = monotonic()

    def tell(words: str) -> None:
        nonlocal last
        if monotonic() - last >= EVERY:
            last = monotonic()
            typer.echo(f"{words} …", err=True)

    return tell


def say_json(document: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print a JSON document."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def check_folder(*files: Path | None) -> None:
    """Find out before long work that its results have a place to go.

    Raises:
        UserError: A file's folder does not exist.
    """
    for file in files:
        if file is not None and not file.parent.is_dir():
            raise UserError(f"{file}: expected a file in a folder that exists, got {file.parent}")


def table(*titles: str) -> Table:
    """An airy table without walls."""
    empty = Table(box=None, padding=(0, 2, 0, 0), header_style="bold dim", pad_edge=False)
    for title in titles:
        empty.add_column(title)
    return empty


def mark(good: bool) -> str:  # noqa: FBT001 - its name says what it takes
    """A tick or a cross, in rich's markup."""
    return "[green]✓[/]" if good else "[red]✗[/]"
