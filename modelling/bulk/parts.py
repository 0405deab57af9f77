"""A history of more rows than memory holds, customer by customer: some of them at a time.

Its tables are read a stretch of rows at a time, and each stretch's good rows are laid down in files
by their customer. One part after the other is then a history of its own, whole for its customers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl

from modelling.history import Book, Cleaning, Layout
from modelling.history.cleaning import LeftOut, no_event, require_usable, tallied
from modelling.history.files import Source
from modelling.history.reading import read_piece
from modelling.history.summary import date_of
from modelling.history.table.checks import CheckedTable
from modelling.history.table.log import Customers, event_log
from modelling.history.table.notes import mostly_refunds
from modelling.history.table.repeats import sift
from scoring.step.replay import EventLog

PIECE: Final = 1_000_000  # rows read at once
PART: Final = 4_000_000  # rows of a part, about
TABLE: Final = ".parquet"  # of which a stretch of rows is read without what is before it
_COUNTED: Final = ("rows", "used", "refunds", "zero_purchases", "customers")
Say = Callable[[str, int, int], None]  # what is done, how far, of how much


def rows_of(found: Sequence[Source]) -> int | None:
    """How many rows Parquet files have; None where there are others too."""
    if not all(source.path.name.lower().endswith(TABLE) for source in found):
        return None
    return sum(height(source) for source in found)


@dataclass
class HistoryParts:
    """A history laid down in parts.

    Attributes:
        found: Parquet files.
        book: books it is read into.
        layout: how the tables are written down.
        folder: empty, to lay the parts down in.
        until: last day of the book to keep; all by default.
        say: told how far it is.
        piece: rows read at once.
        part: rows of a part, about.
    """

    found: Sequence[Source]
    book: Book
    layout: Layout
    folder: Path
    until: date | None = None
    say: Say = lambda *_: None
    piece: int = PIECE
    part: int = PART
    _tables: list[CheckedTable] = field(default_factory=list)
    _left_out: list[LeftOut] = field(default_factory=list)
    _notes: dict[str, None] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    _span: list[int] = field(default_factory=list)

    def logs(self) -> Iterator[EventLog]:
        """The parts' events, one part after the other.

        Raises:
            HistoryError: too few rows can be used.
        """
        heights = [height(source) for source in self.found]
        count = max(-(-sum(heights) // self.part), 1)
        self._lay_down(heights, count)
        for part in range(count):
            self.say("Sorting parts", part, count)
            pieces = sorted(self.folder.glob(f"{part}-*.arrow"))
            if pieces:
                read = [pl.read_ipc(piece) for piece in pieces]
                for piece in pieces:
                    piece.unlink()
                frame = self._sifted(pl.concat(read))
                if not frame.is_empty():
                    yield event_log(frame, Customers.of(frame["customer_id"]))

    def cleaning(self) -> Cleaning:
        """What became of all rows, once all parts were read.

        Raises:
            HistoryError: None of them is left.
        """
        if not self._counts["used"]:
            raise no_event(self._counts["rows"], self._left_out)
        counts, first = tallied(self._left_out)
        ends = (min(self._span), max(self._span)) if self._span else ()
        days = [date_of(at / 1e6, self.book.calendar) for at in ends]
        return Cleaning(
            **self._counts,
            left_out=counts,
            first=first,
            first_day=days[0] if days else None,
            last_day=days[-1] if days else None,
            notes=(
                *mostly_refunds(self._counts["used"], self._counts["refunds"]),
                *self._notes,
            ),
            options_file=self.layout.told_by,
        )

    def _lay_down(self, heights: Sequence[int], count: int) -> None:
        tables: dict[int, CheckedTable] = {}
        read_on = read_pieces(self.found, heights, self.book, self.layout, self.piece, self.say)
        for number, first, read in read_on:
            self._left_out += read.left_out
            self._counts["rows"] += read.rows
            self._write(read.frame.with_columns(file=pl.lit(number, pl.UInt32)), first, count)
            tables[number] = read._replace(frame=read.frame.clear(), left_out=[], rows=0)
        self._tables = list(tables.values())
        require_usable(self._counts["rows"], self._left_out, self.layout.allow_bad)

    def _write(self, frame: pl.DataFrame, first: int, count: int) -> None:
        number = 0 if frame.is_empty() else frame["file"][0]
        part = (pl.col("customer_id").hash(seed=0) % count).alias("part")
        for (key,), own in frame.with_columns(part).partition_by("part", as_dict=True).items():
            name = f"{key}-{number:06d}-{first:012d}.arrow"
            own.drop("part").write_ipc(self.folder / name, compression="lz4")

    def _sifted(self, whole: pl.DataFrame) -> pl.DataFrame:
        tables = [
            table._replace(frame=whole.filter(pl.col("file") == number).drop("file"))
            for number, table in enumerate(self._tables)
        ]
        kept = sift(tables, self.found, self.book, self.layout, self.until)
        frame = kept.frame
        self._left_out += kept.left_out
        self._notes |= dict.fromkeys(kept.notes)
        for name, many in kept.counts().items():
            self._counts[name] += many
        self._counts["customers"] += frame["customer_id"].n_unique()
        self._span += [] if frame.is_empty() else [frame["time"][0], frame["time"][-1]]
        return frame


def read_pieces(
    found: Sequence[Source],
    heights: Sequence[int],
    book: Book,
    layout: Layout,
    piece: int,
    say: Say,
) -> Iterator[tuple[int, int, CheckedTable]]:
    """Read Parquet files a stretch of rows at a time, and tell how far that is after each.

    Yields:
        A file's number, the first row of a stretch, and what it holds; at least one for each file.
    """
    done, rows_in_all = 0, sum(heights)
    for number, (source, rows) in enumerate(zip(found, heights, strict=True)):
        for first in range(0, max(rows, 1), piece):
            read = read_piece(source, book, layout.of(source.path), first, piece)
            yield number, first, read
            done += read.rows
            say("Reading rows", done, rows_in_all)


def height(source: Source) -> int:
    """Rows of a Parquet file."""
    return int(pl.scan_parquet(source.path, glob=False).select(pl.len()).collect().item())
