"""Printing: for people on a terminal, as one JSON document for machines."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement, measure_renderables
from rich.table import Table
from rich.text import Text

from ebbwatch.cli.one_line import UserError

PIPED: Final = 1_000_000  # columns of what is no terminal
JsonLines = Annotated[bool, typer.Option("--json", help="Print a JSON value a line for machines.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]


class _Output(Console):
    """Standard output: a terminal breaks what is wider than it is, and a pipe has no width."""

    def __init__(self) -> None:
        super().__init__(highlight=False, markup=False, emoji=False)  # text is what it says
        if not self.is_terminal:
            self.width = PIPED

    def print(self, *objects: Any, crop: bool = False, **how: Any) -> None:  # noqa: ANN401 - as its base
        """As its base, but nothing is cut off."""
        super().print(*objects, crop=crop, **how)


class WholeTable(Table):
    """An airy table without walls that cuts no word: ids and numbers in it can be copied.

    Cells are broken between words as far as the terminal needs it; where that is not enough, the
    table is wider than the terminal.
    """

    def __init__(self, *titles: str, gap: int = 2, shows_titles: bool = True) -> None:
        super().__init__(
            *titles,
            box=None,
            padding=(0, gap, 0, 0),
            pad_edge=False,
            show_header=shows_titles,
            header_style="bold dim",
        )
        self._gap = gap

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Its lines, with widths chosen for this width."""
        wants = [
            measure_renderables(
                console, options.update(width=PIPED), [column.header, *column.cells]
            )
            for column in self.columns
        ]
        gaps = self._gap * (len(wants) - 1)
        widths = widths_of(wants, options.max_width - gaps)
        for column, width in zip(self.columns, widths, strict=True):
            column.width = width
        yield from super().__rich_console__(console, options.update(width=sum(widths) + gaps))


def widths_of(wants: Sequence[Measurement], room: int) -> list[int]:
    """Widths of columns: the widest give way first, but none to less than its longest word.

    >>> widths_of([Measurement(4, 10), Measurement(8, 8), Measurement(5, 30)], 30)
    [10, 8, 12]
    >>> widths_of([Measurement(4, 10), Measurement(8, 8), Measurement(5, 30)], 10)
    [4, 8, 5]
    """
    widths = [most for _, most in wants]
    for _ in range(sum(widths) - room):
        giving = [at for at, (least, _) in enumerate(wants) if widths[at] > least]
        if not giving:
            break
        widths[max(giving, key=widths.__getitem__)] -= 1
    return widths


def console() -> Console:
    """Standard output, in colour on a terminal; in a pipe a row is a line."""
    return _Output()


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


def mark(good: bool) -> Text:  # noqa: FBT001 - its name says what it takes
    """A tick or a cross."""
    return Text("✓", "green") if good else Text("✗", "red")
