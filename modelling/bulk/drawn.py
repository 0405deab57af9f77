"""Some customers for all: those drawn by lot, whole, of files of any size."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import polars as pl

from modelling.bulk.lots import below, lot
from modelling.bulk.parts import PIECE, height, read_pieces
from modelling.history import Book, History, Layout
from modelling.history.cleaning import LeftOut
from modelling.history.files import Source
from modelling.history.reading import assembled
from modelling.history.table.checks import CheckedTable

ENOUGH: Final = 3_000_000  # rows: a scorecard is learnt from no more
Say = Callable[[str, int, int], None]  # what is done, how far, of how much


def share_of(rows: int, enough: int = ENOUGH) -> float:
    """A share of the customers who have about so many rows, in thousandths, all at most.

    >>> share_of(100_000_000), share_of(2_000_000)
    (0.03, 1.0)
    """
    return min(max(round(enough / max(rows, 1), 3), 0.001), 1.0)


def is_drawn(customers: pl.Series, share: float) -> pl.Series:
    """Which customers are drawn, of a share of all, shape (n,)."""
    limit = below(share) if share < 1.0 else None
    drawn = [each for each in customers.unique().to_list() if limit is None or lot(each) < limit]
    return customers.is_in(drawn)


def read_drawn(
    found: Sequence[Source],
    book: Book,
    layout: Layout,
    share: float,
    *,
    until: date | None = None,
    say: Say = lambda *_: None,
    piece: int = PIECE,
) -> History:
    """Read Parquet files of any size, and keep the events of customers drawn by lot.

    Memory holds a stretch of rows and the events kept.

    Args:
        found: the files.
        book: the books they are read into.
        layout: how they are written down.
        share: of the customers to draw, less than 1.
        until: last day of the book to keep; all by default.
        say: told how far it is.
        piece: rows read at once.

    Raises:
        HistoryError: a file cannot be read, or too few rows can be used.
    """
    heights = [height(source) for source in found]
    pieces: list[list[CheckedTable]] = [[] for _ in found]
    for number, _, read in read_pieces(found, heights, book, layout, piece, say):
        pieces[number].append(_thinned(read, found[number], share))
    tables = [_joined(each) for each in pieces]
    history = assembled(tables, found, book, layout, until)
    note = (
        f"Customers are a share of {share:g} of all, drawn by lot; all have {sum(heights):,} rows."
    )
    cleaning = replace(history.cleaning, notes=(*history.cleaning.notes, note))
    return replace(history, cleaning=cleaning, share=share)


def _thinned(read: CheckedTable, source: Source, share: float) -> CheckedTable:
    drawn = read.frame.filter(is_drawn(read.frame["customer_id"], share))
    others = read.frame.height - drawn.height
    left = LeftOut("not_drawn", others, str(source.path), "", f"a share of {share:g} is drawn")
    return read._replace(frame=drawn, left_out=[*read.left_out, *([left] if others else [])])


def _joined(pieces: Sequence[CheckedTable]) -> CheckedTable:
    """A file's pieces as one table."""
    return pieces[-1]._replace(
        frame=pl.concat([each.frame for each in pieces]),
        left_out=[one for each in pieces for one in each.left_out],
        rows=sum(each.rows for each in pieces),
    )
