"""Good rows that are not used: those that stand again, and those after the last day."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from modelling.history.book import Book
from modelling.history.cleaning import LeftOut
from modelling.history.files import Source
from modelling.history.layout import Layout
from modelling.history.summary import day_number
from modelling.history.table.checks import CheckedTable
from modelling.history.table.order import in_order
from modelling.history.table.parts import REVERSALS
from modelling.history.table.times import utc
from scoring.arrays import Bools
from scoring.facts.kinds import Kind

_SAME: Final = (
    "customer_id", "time", "kind", "amount", "reverses", "reversed_time", "category", "score",
    "sentiment", "named",
)  # fmt: skip
NO_AMOUNTS: Final = "The history has no amounts."


class _After(NamedTuple):
    """A reason to leave out good rows once all are read."""

    reason: str
    shown: str
    expected: str


_DUPLICATE: Final = _After("duplicate", "event_id", "an event id of its own")
_IDENTICAL: Final = _After("identical", "customer_id", "a row that no other file has")


class Sifted(NamedTuple):
    """The events of tables' good rows, each once.

    Attributes:
        frame: In the order in which a worker merges them, columns as those of `History`.
        left_out: Of the good rows, those that are not used.
        notes: What to know of them, sentences.
    """

    frame: pl.DataFrame
    left_out: list[LeftOut]
    notes: list[str]

    def counts(self) -> dict[str, int]:
        """The events, and some sorts of them, named as in `Cleaning`."""
        bought, nothing = pl.col("kind") == Kind.PURCHASE, pl.col("amount") == 0
        sorts = self.frame.select(
            used=pl.len(),
            refunds=pl.col("kind").is_in(REVERSALS).sum(),
            zero_purchases=(bought & nothing).sum(),
        )
        return sorts.row(0, named=True)


def sift(
    tables: Sequence[CheckedTable],
    found: Sequence[Source],
    book: Book,
    layout: Layout,
    until: date | None = None,
) -> Sifted:
    """Leave out what is not to be used of the good rows of tables, all of some customers'.

    Args:
        tables: In the files' order, one a file.
        found: The files.
        book: Time zone, currency and rates.
        layout: How tables are written down.
        until: The last day of the book to keep; all by default.
    """
    frame, left_out = _together(tables), []
    repeated = _repeated(frame, may_repeat=any(table.has_ids for table in tables))
    left_out += _left_out(frame, repeated, found, _DUPLICATE)
    frame = frame.filter(~repeated)
    again = identical_rows(frame, [table.has_ids for table in tables])
    notes = [] if any(table.has_amounts for table in tables) else [NO_AMOUNTS]
    if layout.identical == "drop":
        left_out += _left_out(frame, again, found, _IDENTICAL)
        frame = frame.filter(~again)
    elif again.any():
        notes.append(_told_again(frame, again, found))
    late = _late(frame, book, until)
    left_out += _left_out(
        frame, late, found, _After("after_until", "time", f"a time up to {until}")
    )
    return Sifted(in_order(frame.filter(~late), found), left_out, notes)


def identical_rows(frame: pl.DataFrame, with_ids: list[bool]) -> Bools:
    """Which rows an earlier file has as well, row for row, shape (rows,).

    What one file has twice alike are two events; if two files have it twice each, two of the four
    are counted here. Rows with event ids of their own are alike only if those are.

    Args:
        frame: rows of all files, file by file; column `file` numbers them.
        with_ids: of each file, whether its event ids are its own.
    """
    nowhere = np.zeros(frame.height, np.bool_)
    if not _overlap(frame):
        return nowhere
    named = pl.col("file").is_in([n for n, own in enumerate(with_ids) if own])
    keyed = frame.with_columns(named=pl.when(named).then("event_id")).select(*_SAME, "file")
    hashes = keyed.select(pl.struct(_SAME).hash().alias("hash"), "file")
    if hashes["hash"].n_unique() == frame.height:
        return nowhere
    again = np.flatnonzero(hashes["hash"].is_duplicated().to_numpy())
    some = keyed[again].with_columns(place=pl.int_range(pl.len()).over(*_SAME, "file"))
    first = some.select(pl.struct(*_SAME, "place").is_first_distinct()).to_series()
    nowhere[again] = ~first.to_numpy()
    return nowhere


def _overlap(frame: pl.DataFrame) -> bool:
    """Whether any two files have a stretch of time in common."""
    time = pl.col("time")
    spans = frame.group_by("file").agg(begin=time.min(), end=time.max()).sort("begin")
    return bool((spans["begin"].shift(-1) <= spans["end"].cum_max()).any())


def _together(tables: Sequence[CheckedTable]) -> pl.DataFrame:
    frames = [
        table.frame.with_columns(file=pl.lit(number, pl.UInt32))
        for number, table in enumerate(tables)
    ]
    return pl.concat(frames)


def _repeated(frame: pl.DataFrame, *, may_repeat: bool) -> Bools:
    """Which rows have a customer and event id that an earlier row has."""
    if not may_repeat:
        return np.zeros(frame.height, np.bool_)
    first = frame.select(pl.struct("customer_id", "event_id").is_first_distinct()).to_series()
    return (~first).to_numpy()


def _late(frame: pl.DataFrame, book: Book, until: date | None) -> Bools:
    if until is None:
        return np.zeros(frame.height, np.bool_)
    # By the day that its clock showed: where clocks strike a midnight twice, instants are not told
    # apart by one.
    late: Bools = book.calendar.day(frame["time"].to_numpy() / 1e6) > day_number(until)
    return late


def _left_out(
    frame: pl.DataFrame, failing: Bools, found: Sequence[Source], why: _After
) -> list[LeftOut]:
    if not failing.any():
        return []
    first = frame.row(int(np.argmax(failing)), named=True)
    where = f"{found[first['file']].path}: row {first['row']}"
    got = utc(first["time"]).isoformat() if why.shown == "time" else first[why.shown]
    return [LeftOut(why.reason, int(failing.sum()), where, why.expected, got)]


def _told_again(frame: pl.DataFrame, again: Bools, found: Sequence[Source]) -> str:
    (first,) = _left_out(frame, again, found, _IDENTICAL)
    return (
        f"{first.how_many} rows stand in two files alike, the first at {Path(first.where).name}, "
        "and count twice; --identical drop counts them once."
    )
