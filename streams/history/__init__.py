"""A bank's history: files into events, wire lines and what the models are fitted to."""

from streams.history.book import Book
from streams.history.cleaning import REASONS, Cleaning
from streams.history.columns import WIRE, Columns
from streams.history.errors import HistoryError
from streams.history.live import Live, live_purchases, read_live
from streams.history.reading import History, midnight_after, read_events, read_history
from streams.history.summary import (
    Summary,
    date_of,
    day_number,
    first_day,
    last_day,
    midnight,
    purchase_days,
    purchases,
)
from streams.history.wire import as_wire, write_wire

__all__ = [
    "REASONS",
    "WIRE",
    "Book",
    "Cleaning",
    "Columns",
    "History",
    "HistoryError",
    "Live",
    "Summary",
    "as_wire",
    "date_of",
    "day_number",
    "first_day",
    "last_day",
    "live_purchases",
    "midnight",
    "midnight_after",
    "purchase_days",
    "purchases",
    "read_events",
    "read_history",
    "read_live",
    "write_wire",
]
