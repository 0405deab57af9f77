"""Tables that the queries made, read back: what fits take, as if it had been read from files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from modelling.history import Book, History, HistoryError, Summary
from modelling.history.files import sources
from modelling.history.table.checks import SCHEMA
from modelling.history.table.log import Customers
from modelling.history.table.parts import TRANSACTIONS
from modelling.warehouse.facts import ABOUT, MADE_BY, SummaryFacts, facts_of, require_usable, typed
from modelling.warehouse.query import SummaryKind
from scoring.arrays import Floats, Ints
from streams.intake.columns import KINDS

CUSTOMERS: Final = {
    "customer_id": pl.String,
    "frequency": pl.Int64,
    "recency_days": pl.Int64,
    "tenure_days": pl.Int64,
    "repeat_value": pl.Int64,
    "total_value": pl.Int64,
}
LATER: Final = "later_purchase_days"
LIVES: Final = {
    "customer_id": pl.String,
    "event_id": pl.String,
    "time_us": pl.Int64,
    "kind": pl.String,
    "amount": pl.Int64,
    "reverses": pl.String,
    "reversed_us": pl.Int64,
    "merchant_category": pl.UInt16,
    "score": pl.Float64,
    "sentiment": pl.Float64,
}


class WarehouseCustomers(NamedTuple):
    """A table of customers: what `modelling.fit` takes, `later` as `FitData` has it."""

    summary: Summary
    later: Ints | None
    facts: SummaryFacts


def read_customers(path: str | Path, book: Book, allowed: float = 1.0) -> WarehouseCustomers:
    """Read a table with a row a customer.

    Args:
        path: Parquet or CSV file, or a folder of such.
        book: the books that a parameter file is to be of.
        allowed: share of the history's rows that may have been unusable.

    Raises:
        HistoryError: the table is no such table, is of other books, has a customer twice, or more
            of the history's rows were unusable.
        OSError: a file cannot be opened.
    """
    frame, facts = _read(path, "customers", book, CUSTOMERS, allowed)
    ordered = frame.sort("customer_id")
    twice = ordered.filter(pl.col("customer_id").is_duplicated())
    if not twice.is_empty():
        expected, got = "each customer once", f"{twice['customer_id'][0]} twice or more"
        raise HistoryError(where=str(path), expected=expected, got=got)
    x, t_x, tenure, repeat, total = (_floats(ordered[name]) for name in list(CUSTOMERS)[1:])
    summary = Summary(
        ids=ordered["customer_id"].cast(pl.Binary).to_list(),
        rows=np.arange(ordered.height),
        x=x,
        t_x=t_x,
        T=tenure,
        monetary_value=np.where(x > 0, np.maximum(repeat / np.maximum(x, 1.0), 0.0), 0.0),
        total_value=total,
        until=facts.until,
    )
    later = None if facts.holdout is None else typed(ordered, {LATER: pl.Int64}, path)[LATER]
    return WarehouseCustomers(summary, None if later is None else later.to_numpy(), facts)


def read_lives(path: str | Path, book: Book, allowed: float = 1.0) -> History:
    """Read a table with a row an event; arguments and errors as of `read_customers`."""
    frame, facts = _read(path, "lives", book, LIVES, allowed)
    kind = pl.col("kind").replace_strict(KINDS, default=None, return_dtype=pl.UInt8)
    named = frame.select(
        "customer_id",
        "event_id",
        kind,
        "amount",
        "reverses",
        *(pl.col(name).fill_null(0) for name in ("score", "sentiment")),
        time="time_us",
        reversed_time="reversed_us",
        category=pl.col("merchant_category").fill_null(0),
        card=pl.lit(None, pl.String),
        merchant=pl.lit(None, pl.String),
        channel=pl.lit(0, pl.UInt8),
        touchpoint=pl.lit(None, pl.String),
    )
    if named["kind"].has_nulls():
        raise HistoryError(where=str(path), expected="types of events", got="others")
    # Of one instant the warehouse has no order, so it is given one.
    contact = ~pl.col("kind").is_in(TRANSACTIONS)
    ordered = named.sort("time", contact, "customer_id", "event_id", "kind", "amount")
    rows = ordered.with_row_index("row", offset=1)
    own = pl.concat_str(pl.lit("summary:"), pl.col("row").cast(pl.String))
    whole = rows.with_columns(event_id=pl.coalesce("event_id", own))
    whole = whole.select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
    whole = whole.with_columns(file=pl.lit(0, pl.UInt32))
    customers = Customers.of(whole["customer_id"])
    return History(whole, facts.cleaning, book, customers, facts.share)


def _read(
    path: str | Path, kind: SummaryKind, book: Book, columns: Mapping[str, Any], allowed: float
) -> tuple[pl.DataFrame, SummaryFacts]:
    frame = pl.concat(_frames(path), how="vertical_relaxed")
    expected = f"a table that the query of {MADE_BY[kind]} made"
    missing = [name for name in (*ABOUT, *columns) if name not in frame.columns]
    if missing:
        raise HistoryError(where=str(path), expected=expected, got=f"no column {missing[0]}")
    if frame.is_empty():
        expected = "at least one row"
        raise HistoryError(where=str(path), expected=expected, got="none: no event was used")
    facts = facts_of(frame, path, expected, kind)
    require_usable(facts.cleaning, path, allowed)
    own = (book.currency, book.calendar.zone)
    if (facts.currency, facts.zone) != own:
        got = f"{facts.currency} and {facts.zone}; give --currency and --timezone, or query anew"
        expected = f"a table of books in {own[0]} and {own[1]}"
        raise HistoryError(where=str(path), expected=expected, got=got)
    return typed(frame, columns, path, nullable=kind == "lives"), facts


def _frames(path: str | Path) -> Sequence[pl.DataFrame]:
    frames = []
    for source in sources([path]):
        is_parquet = source.path.name.lower().endswith(".parquet")
        try:
            one = pl.read_parquet(source.path) if is_parquet else _csv(source.path)
        except PolarsError as error:
            reason = str(error).split("\n", 1)[0]
            expected = "a Parquet or CSV file that can be read"
            raise HistoryError(where=str(source.path), expected=expected, got=reason) from error
        frames.append(one)
    return frames


def _csv(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _floats(column: pl.Series) -> Floats:
    floats: Floats = column.cast(pl.Float64).to_numpy()
    return floats
