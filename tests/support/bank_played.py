"""A made-up bank for whoever types the pages: purchases in files up to a cut, a feed from it on."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

QUERY: Final = """\
import sys
import duckdb

with duckdb.connect() as warehouse:
    warehouse.execute("PRAGMA disable_optimizer")  # which takes ten seconds of a long query
    warehouse.execute("CREATE SCHEMA bank")
    files = "SELECT * FROM 'history/*.parquet'"
    warehouse.execute(f"CREATE VIEW bank.card_events AS {files}")
    query = open(sys.argv[1]).read()
    warehouse.execute(f"COPY ({query}) TO '{sys.argv[2]}' (FORMAT parquet)")
"""
Event = dict[str, object]
READS: Final = 'id-column = "customer"\ntime-column = "booked_at"\n'
# Hands out at any hour; whoever complained is a minor lead, whoever leaves is none.
DESK: Final = """\
name = "mine"
quiet = false

[minor]
below = 25

[route.risk]
closed = []

[route.relationship]
closed = []
"""
DAYS: Final = 420
FILES_UNTIL: Final = 7  # days ago, at midnight UTC: the pages' 2026-03-01, seen from 2026-03-08
LATE: Final = 8  # days ago, from when on the feed has purchases: it and the files overlap


def midnight() -> datetime:
    """Today's beginning, UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def purchases(customers: int = 48) -> pl.DataFrame:
    """Customers c-1001 on, in dollars: customer, booked_at, amount; up to yesterday.

    Some buy each month, some stop; c-1001 and c-1002 go on, c-1003 does until before the cut.
    """
    random = np.random.default_rng(7)
    rows = []
    for number in range(customers):
        gap, day, bought = random.gamma(6.0, 5.0), random.uniform(0, DAYS * 0.8), 0
        steady = number < 3
        gap, day = (13.0, DAYS - 120.0) if steady else (gap, day)
        end = DAYS - 20 if number == 2 else DAYS
        while day < end and (steady or bought < 9):
            rows.append((number, day, random.lognormal(3.5, 0.6)))
            bought += 1
            if not steady and random.random() < 0.12:
                break
            day += gap if steady else random.exponential(gap)
    first = midnight() - timedelta(days=DAYS)
    return pl.DataFrame(
        [
            (f"c-{1001 + number}", first + timedelta(days=day), round(amount, 2))
            for number, day, amount in rows
        ],
        schema=["customer", "booked_at", "amount"],
        orient="row",
    ).sort("booked_at")


def write_bank(folder: Path) -> None:
    """Its folder `history/`, `query.py`, a warehouse of it, and `feed.jsonl`, a complaint in it."""
    table, today = purchases(), midnight()
    (folder / "query.py").write_text(QUERY, "utf-8")
    (folder / "history").mkdir()
    before = pl.col("booked_at") < today - timedelta(days=FILES_UNTIL)
    table.filter(before).write_parquet(folder / "history" / "2025.parquet")
    late = table.filter(pl.col("booked_at") >= today - timedelta(days=LATE))
    card = {"currency": "AUD", "merchant_category": "5411", "merchant_id": "m-1", "channel": "pos"}
    feed = [
        _told(f"b{number}", customer, at, "purchase")
        | card
        | {"card_id": customer, "amount": round(amount * 100)}
        for number, (customer, at, amount) in enumerate(late.iter_rows())
    ]
    feed.append(complaint("k1", "c-1001", today - timedelta(days=6.5)))
    feed.sort(key=lambda event: str(event["event_time"]))
    write_feed(folder / "feed.jsonl", *feed)


def write_feed(file: Path, *events: Event) -> None:
    """Wire events, a line each."""
    file.write_text("".join(json.dumps(event) + "\n" for event in events), "utf-8")


def complaint(name: str, customer: str, at: datetime) -> Event:
    """One by the app."""
    told = _told(name, customer, at, "complaint")
    return told | {"category": "fees", "touchpoint": "app:chat"}


def _told(name: str, customer: str, at: datetime, kind: str) -> Event:
    about = {"event_id": name, "customer_id": customer, "type": kind}
    return about | {"event_time": at.isoformat()}
