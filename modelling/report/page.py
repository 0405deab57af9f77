"""A report as plain parts, and its one HTML file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


class Number(NamedTuple):
    """A figure of a report.

    Attributes:
        value: As JSON output has it, None for none; machines read it in the `data` element.
        text: For people.
    """

    value: float | None
    text: str


Cell = str | Number


@dataclass(frozen=True)
class Fact:
    """One of the figures a report begins with."""

    label: str
    value: Cell
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under columns; columns of `Number` are set to the right.

    Attributes:
        columns: Headings.
        rows: As many cells as columns each.
        caption: What the table says.
        numeric: Which columns hold numbers.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    kind: ClassVar[str] = "table"

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers."""
        return [any(isinstance(row[at], Number) for row in self.rows) for at in self._places]

    @property
    def _places(self) -> range:
        return range(len(self.columns))


@dataclass(frozen=True)
class Chart:
    """A figure and what to see in it."""

    svg: Markup
    caption: str
    kind: ClassVar[str] = "chart"


@dataclass(frozen=True)
class Notes:
    """Sentences, each on its own."""

    sentences: Sequence[str]
    kind: ClassVar[str] = "notes"


@dataclass(frozen=True)
class Terms:
    """Words and what they mean here."""

    pairs: Sequence[tuple[str, str]]
    kind: ClassVar[str] = "terms"


Block = Table | Chart | Notes | Terms


@dataclass(frozen=True)
class PageSection:
    """Blocks under a heading."""

    title: str
    lead: str = ""
    blocks: Sequence[Block] = ()


@dataclass(frozen=True)
class Page:
    """A whole report.

    Attributes:
        kind: What it is a report of.
        title: Its heading.
        lead: What was looked at, in a sentence or two.
        facts: The figures it begins with.
        sections: The rest; empty ones are not shown.
        made_by: Program and versions.
    """

    kind: str
    title: str
    lead: str
    facts: Sequence[Fact] = ()
    sections: Sequence[PageSection] = field(default_factory=tuple)
    made_by: str = ""


def html(page: Page) -> str:
    """The page as one HTML file; all text in it is escaped.

    >>> "<h1>Lost &amp; found</h1>" in html(Page("fit", "Lost & found", ""))
    True
    """
    environment = Environment(
        loader=PackageLoader("modelling.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = [section for section in page.sections if section.blocks or section.lead]
    return environment.get_template("page.html.j2").render(page=page, sections=shown)


def write(path: Path, page: Page) -> None:
    """Write the page, UTF-8, whatever was there before.

    Raises:
        OSError: It cannot be written.
    """
    path.write_text(html(page), encoding="utf-8")
