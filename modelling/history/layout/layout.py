"""How a history's files are written down, all options together."""

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

from modelling.history.layout.columns import WIRE, Columns
from modelling.history.layout.filters import RowFilter
from modelling.history.layout.formula import Formula
from modelling.history.layout.numbers import PLAIN, Numbers
from modelling.history.layout.times import ISO_TIMES, Times

MoneyUnit = Literal["major", "minor"]
Identical = Literal["keep", "drop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How files are written down. Wire events need none of it but the last two.

    Attributes:
        columns: What tables call their columns.
        unit: What tables' amounts count.
        numbers: How numbers are written in text.
        times: How times are written.
        times_in: IANA name of the zone of times that name none; None for the book's.
        separator: Between a CSV file's columns; of one byte.
        encoding: Of CSV files, as Python calls it.
        sheet: Of a spreadsheet; None for its first.
        skip_lines: Of a CSV file or a sheet, before the line that names the columns.
        formula: Amounts worked out of columns; None where a column has them.
        exclude: Rows to leave out.
        needs_amounts: Whether a table without its column of amounts is refused.
        allow_bad: Share of the rows from which on unusable ones are too many; 1 allows all.
        identical: Whether rows that stand alike in two files count twice or once.
        files: By pattern of a file's name, how that file differs; the first that fits holds.
        told_by: The options file that says so.
    """

    columns: Columns = WIRE
    unit: MoneyUnit = "major"
    numbers: Numbers = PLAIN
    times: Times = ISO_TIMES
    times_in: str | None = None
    separator: str = ","
    encoding: str = "utf-8"
    sheet: str | None = None
    skip_lines: int = 0
    formula: Formula | None = None
    exclude: tuple[RowFilter, ...] = ()
    needs_amounts: bool = True
    allow_bad: float = 1.0
    identical: Identical = "keep"
    files: tuple[tuple[str, "Layout"], ...] = ()
    told_by: Path | None = None

    def of(self, path: Path) -> "Layout":
        """How one file is written down.

        >>> west = Layout(times_in="America/Los_Angeles")
        >>> Layout(files=(("west-*.csv", west),)).of(Path("in/west-2.csv")).times_in
        'America/Los_Angeles'
        """
        for pattern, layout in self.files:
            if fnmatch(path.name, pattern) or fnmatch(str(path), f"*/{pattern}"):
                return layout
        return self

    def must_be_there(self) -> dict[str, str]:
        """Columns that a table has to have, by the wire's name; see `Columns.must_be_there`."""
        must = self.columns.must_be_there()
        named = self.columns.amount != WIRE.amount
        if self.formula is not None or not (self.needs_amounts or named):
            must.pop("amount", None)
        return must

    def others(self) -> tuple[str, ...]:
        """Columns that the formula and the filters look at."""
        worked = self.formula.columns if self.formula else ()
        return tuple(dict.fromkeys((*worked, *(each.column for each in self.exclude))))
