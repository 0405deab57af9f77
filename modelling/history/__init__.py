"""A bank's history: files into events, wire lines and what the models are fitted to.

Here files meet the contracts of `schemas`, once for all commands; rows that cannot be used are
left out with a reason and counted, never dropped in silence.
"""

from modelling.history.book import Book
from modelling.history.cleaning import ROW_REASONS, Cleaning, HistoryError
from modelling.history.layout import WIRE, Columns, Layout
from modelling.history.live import Live, read_live, summarise_live
from modelling.history.reading import History, midnight_after, read_events, read_history
from modelling.history.summary import (
    Summary,
    day_number,
    first_day,
    last_day,
    midnight,
    purchase_days,
    summarise,
)
from modelling.history.wire import as_wire

__all__ = [
    "ROW_REASONS",
    "WIRE",
    "Book",
    "Cleaning",
    "Columns",
    "History",
    "HistoryError",
    "Layout",
    "Live",
    "Summary",
    "as_wire",
    "day_number",
    "first_day",
    "last_day",
    "midnight",
    "midnight_after",
    "purchase_days",
    "read_events",
    "read_history",
    "read_live",
    "summarise",
    "summarise_live",
]
