"""What a fit is made on: files of history, a warehouse's summary, or a live system's state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import numpy as np

from modelling.bulk.parts import PART, PIECE, HistoryParts
from modelling.fit.run import FitData
from modelling.history import (
    Book,
    HistoryError,
    Layout,
    first_day,
    last_day,
    purchase_days,
    read_history,
    read_live,
    summarise,
    summarise_live,
)
from modelling.history.files import Source
from modelling.history.reading import Say
from modelling.history.summary import Summary, joined
from modelling.leaving.consenting import consenting, told
from modelling.warehouse import read_customers
from scoring.arrays import Ints
from scoring.step.replay import EventLog
from streams.config import Settings

LIVE: Final = "redis"


@dataclass(frozen=True, kw_only=True)
class FitWindow:
    """The days a fit sees, and those it is judged on.

    Attributes:
        until: The last day of the fit's window; that of the last event by default.
        holdout: The last day of the holdout, which begins the day after; None for none.

    Raises:
        HistoryError: The holdout does not lie behind the window.
    """

    until: date | None = None
    holdout: date | None = None

    def __post_init__(self) -> None:
        if self.holdout is not None and (self.until is None or self.until >= self.holdout):
            expected = "a day after --until, the last day of the fit's window"
            raise HistoryError(where="--holdout", expected=expected, got=str(self.holdout))


def from_files(
    history: Sequence[str],
    book: Book,
    layout: Layout,
    window: FitWindow,
    say: Say = lambda *_: None,
) -> FitData:
    """Read files and sum them up.

    Raises:
        HistoryError: They cannot be read, or hold no purchase in the window.
    """
    end = window.holdout or window.until
    found = read_history(history, book, layout=layout, until=end, say=say)
    whole = found.events()
    first, last = first_day(whole, book.calendar), last_day(whole, book.calendar)
    log = consenting(whole)
    summary = summarise(log, book.calendar, window.until or last)
    if not summary.ids:
        expected = f"a purchase up to {summary.until} of who did not withdraw consent to profiling"
        got = f"events from {first} on"
        raise HistoryError(where="HISTORY", expected=expected, got=got)
    later = None
    if window.holdout is not None:
        later = purchase_days(log, book.calendar, summary.until, window.holdout)
    return FitData(
        summary=summary,
        source="files",
        first_day=first,
        cleaning=found.cleaning,
        log=log,
        later=later,
        holdout=window.holdout,
        diagnostics=(
            *_short(len(whole.events), last, window),
            *told(len(whole.customers) - len(log.customers)),
            *found.cleaning.notes,
        ),
    )


def from_parts(
    found: Sequence[Source],
    book: Book,
    layout: Layout,
    window: FitWindow,
    say: Say = lambda *_: None,
    *,
    piece: int = PIECE,
    part: int = PART,
) -> FitData:
    """Read Parquet files of any size and sum them up, a part of the customers at a time.

    What comes of it is what `from_files` makes, but for the history itself, which is not kept, and
    notes that take all customers together.

    Args:
        found: The files.
        book: The books they are read into.
        layout: How they are written down.
        window: Days to fit to, and to judge on.
        say: Told how far it is.
        piece: Rows read at once.
        part: Rows of the customers summed up at once, about.

    Raises:
        HistoryError: They cannot be read, or hold no purchase in the window.
    """
    with TemporaryDirectory() as folder:
        end = window.holdout or window.until
        parts = HistoryParts(found, book, layout, Path(folder), end, say, piece, part)
        summed = [_summed(log, book, window) for log in parts.logs()]
        cleaning = parts.cleaning()
    known = [one for one in summed if one.summary.ids]
    last = cleaning.last_day
    if not known or last is None:
        expected = f"a purchase up to {window.until or last}"
        raise HistoryError(where="HISTORY", expected=expected, got="none")
    whole = joined([one.summary for one in known], window.until or last)
    later = np.concatenate([one.later for one in known])[whole.rows]
    return FitData(
        summary=replace(whole, rows=np.arange(len(whole.ids))),
        source="files",
        first_day=cleaning.first_day,
        cleaning=cleaning,
        later=None if window.holdout is None else later,
        holdout=window.holdout,
        diagnostics=(
            *_short(cleaning.used, last, window),
            *told(sum(one.withdrew for one in summed)),
            *cleaning.notes,
        ),
    )


class _Summed(NamedTuple):
    """A part of the customers: their buying, and in the holdout, and who withdrew consent."""

    summary: Summary
    later: Ints
    withdrew: int


def _summed(whole: EventLog, book: Book, window: FitWindow) -> _Summed:
    log = consenting(whole)
    withdrew = len(whole.customers) - len(log.customers)
    summary = summarise(log, book.calendar, window.until or last_day(whole, book.calendar))
    if window.holdout is None:
        return _Summed(summary, np.zeros(len(summary.ids), np.int64), withdrew)
    days = purchase_days(log, book.calendar, summary.until, window.holdout)
    return _Summed(summary, days[summary.rows], withdrew)


def from_summary(path: Path, book: Book, window: FitWindow, allowed: float) -> FitData:
    """Read the table of customers that a query of `modelling.warehouse` made.

    Args:
        path: Of the table.
        book: The books of the parameter file.
        window: Days asked for, where any are.
        allowed: Share of the history's rows that may have been unusable.

    Raises:
        HistoryError: It is none, or of other books or other days than asked for.
    """
    summary, later, facts = read_customers(path, book, allowed)
    days = (("--until", window.until, facts.until), ("--holdout", window.holdout, facts.holdout))
    for option, asked, held in days:
        if asked is not None and asked != held:
            expected = f"{held or 'none'}, as the table was made with; query it anew"
            raise HistoryError(where=option, expected=expected, got=str(asked))
    made = FitWindow(until=facts.until, holdout=facts.holdout)
    return FitData(
        summary=summary,
        source="warehouse",
        first_day=facts.first_day,
        cleaning=facts.cleaning,
        later=later,
        holdout=facts.holdout,
        diagnostics=(
            *_short(facts.cleaning.used, facts.last_day, made),
            *facts.cleaning.notes,
        ),
    )


def from_live(settings: Settings, book: Book, window: FitWindow) -> FitData:
    """Read the states of a live system and sum them up.

    Raises:
        HistoryError: There are none, or a holdout is asked for: states cannot be cut.
    """
    if window.holdout is not None:
        expected = "a history of files, as states cannot be cut"
        raise HistoryError(where="--holdout", expected=expected, got=LIVE)
    summary = summarise_live(read_live(settings), book.calendar, window.until)
    return FitData(summary=summary, source="redis")


def _short(events: int, last: date, window: FitWindow) -> Iterator[str]:
    """Windows that the history does not reach the end of."""
    for name, day in (("The window", window.until), ("The holdout", window.holdout)):
        if day is not None and day > last:
            yield f"{name} ends on {day}, but the last of {events} events is of {last}."
