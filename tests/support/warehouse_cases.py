"""Tables that a query sums up in a warehouse, and the files' path too: both say the same."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from warehouse_engines import TABLE, Warehouse

from modelling.history import (
    Book,
    Columns,
    History,
    Layout,
    Summary,
    purchase_days,
    read_history,
    summarise,
)
from modelling.history.summary import last_day
from modelling.leaving.consenting import consenting, told
from modelling.warehouse import WarehouseQuery, read_customers, read_lives, summary_sql
from scoring.facts.calendar import BookCalendar
from streams.intake.rates import RateTable

NONE = dict.fromkeys(
    (
        "type",
        "event_id",
        "currency",
        "book_amount",
        "merchant_category",
        "score",
        "sentiment",
        "reverses",
        "reversed_time",
        "purpose",
        "granted",
        "legal_basis",
    )
)
PLAIN = Columns(**NONE)  # type: ignore[arg-type]
WHOLE = Columns()
PURPOSES = ["profiling", " Scoring ", "PROFILING", "marketing", "Direct-Marketing", "ads", None, ""]


@dataclass(frozen=True)
class WarehouseCase:
    """A table, and how it is to be read."""

    table: pl.DataFrame
    columns: Columns = PLAIN
    options: dict[str, Any] = field(default_factory=dict)
    currency: str = "USD"
    zone: str = "UTC"

    @property
    def book(self) -> Book:
        return Book(BookCalendar(self.zone), RateTable(self.currency))

    def query(self, dialect: str, **options: Any) -> WarehouseQuery:
        return WarehouseQuery(
            dialect=dialect,  # type: ignore[arg-type]
            table=TABLE,
            columns=self.columns,
            currency=self.currency,
            zone=self.zone,
            **{**self.options, **options},
        )

    def read(self, folder: Path, until: date | None = None) -> History:
        """By the files' path."""
        file = folder / "log.parquet"
        self.table.write_parquet(file)
        unit = self.options.get("unit", "major")
        layout = Layout(columns=self.columns, unit=unit)
        return read_history([file], self.book, layout=layout, until=until)

    def agrees(self, run: Warehouse, dialect: str, folder: Path) -> None:
        """Hold both queries to the files' path."""
        query = self.query(dialect)
        history = self.read(folder, query.last)
        self._same_customers(
            history, query, run(self.table, summary_sql(query, "customers"), folder / "c.parquet")
        )
        self._same_lives(
            history, run(self.table, summary_sql(query, "lives"), folder / "l.parquet")
        )

    def _same_customers(self, history: History, query: WarehouseQuery, made: Path) -> None:
        log = consenting(history.events())
        until = query.until or last_day(history.events(), self.book.calendar)
        ours = summarise(log, self.book.calendar, until)
        theirs = read_customers(made, self.book)
        same_summary(theirs.summary, ours)
        gone = told(len(history.customers.ids) - len(log.customers))
        assert theirs.facts.cleaning == replace(history.cleaning, first={}, notes=gone)
        if query.holdout is not None:
            assert theirs.later is not None
            later = purchase_days(log, self.book.calendar, until, query.holdout)
            assert theirs.later.tolist() == later[ours.rows].tolist()

    def _same_lives(self, history: History, made: Path) -> None:
        lives = read_lives(made, self.book)
        assert lives.cleaning == replace(history.cleaning, first={}, notes=())
        named = "event_id" in self.columns.names()
        ours, theirs = (comparable(one, named=named) for one in (history, lives))
        assert theirs.equals(ours), (theirs, ours)


def same_summary(one: Summary, other: Summary) -> None:
    """Equal to the last bit."""
    assert list(one.ids) == list(other.ids)
    for name in ("x", "t_x", "T", "monetary_value", "total_value"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.until == other.until


def comparable(history: History, *, named: bool) -> pl.DataFrame:
    """A history's events in an order of their own, without what only the files' path knows."""
    frame = history.frame.drop("row", "file")
    if not named:
        frame = frame.drop("event_id")
    own = (
        frame.with_columns(
            event_id=pl.when(~pl.col("event_id").str.contains("^(log.parquet|summary):")).then(
                "event_id"
            )
        )
        if named
        else frame
    )
    filled = own.with_columns(reversed_time=pl.coalesce("reversed_time", "time"))
    return filled.sort(filled.columns)


def local_times(zone: str, first: int, last: int) -> list[datetime]:
    """Local times around every change of a zone's clocks, a quarter of an hour apart."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    info, found = ZoneInfo(zone), []
    at = datetime(first, 1, 1, tzinfo=UTC)
    while at < datetime(last, 1, 1, tzinfo=UTC):
        after = at + timedelta(days=1)
        if at.astimezone(info).utcoffset() != after.astimezone(info).utcoffset():
            begin = at.astimezone(info).replace(tzinfo=None) - timedelta(hours=6)
            found += [begin + timedelta(minutes=15 * n) for n in range(36 * 4)]
        at = after
    return sorted(set(found))


def hostile(rows: int) -> pl.DataFrame:
    """Rows of all kinds and troubles: refunds that name a purchase, ids repeated, blanks."""
    lots = random.Random(11)
    types = ["purchase"] * 12 + ["refund"] * 3 + ["Purchase ", "chargeback", "repayment", "survey"]
    types += ["nps", "chat", "declined", "account_closed", "nonsense", None, ""]
    types += ["consent_changed"] * 3
    base, found = datetime(2024, 2, 20), []  # noqa: DTZ001 - the book's own clocks
    for n in range(rows):
        kind, customer = lots.choice(types), f"c{lots.randrange(25)}"
        if n % 40 == 39:
            found.append(found[-1])
            continue
        when = base + timedelta(minutes=lots.randrange(60 * 24 * 60))
        found.append(
            {
                "customer_id": lots.choice([customer] * 30 + [None, "", f" {customer} ", "a b"]),
                "event_time": when if lots.randrange(40) else None,
                "amount": lots.choice(
                    ["12.345", "20", "0", "7.5", "100.105"] * 5 + ["", "x", "-3.5"]
                ),
                "type": kind,
                "event_id": lots.choice([f"e{n}"] * 20 + [None, "b/d!"]),
                "currency": lots.choice(["CHF"] * 9 + [None, "EUR", "JPY", "??"]),
                "book_amount": lots.choice(["11.005", None, "bad"]),
                "merchant_category": lots.choice(["5411", "742", "", None, "x1", "54111"]),
                "score": lots.choice(["1", "5", "10", "2.5", None, "11", "0"]),
                "sentiment": lots.choice(["-0.5", "1", None, "2", "no"]),
                "purpose": lots.choice(PURPOSES),
                "granted": lots.choice(["false"] * 4 + ["True", " NO", "1.0", "0", "", "perhaps"]),
                "legal_basis": lots.choice(["consent", None, "Legitimate_Interest", "contract"]),
                "reverses": lots.choice([f"e{lots.randrange(rows)}"] * 9 + [None, "no such id"]),
                "reversed_time": lots.choice([None] * 6 + [when - timedelta(days=3)]),
            }
        )
    return pl.DataFrame(
        found, schema_overrides={"reversed_time": pl.Datetime("us")}, infer_schema_length=None
    )
