"""One made-up history written down as different banks would, and a shop's export."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from histories import DATA

HISTORY = DATA / "histories" / "history.csv"
CUSTOMERS, ROWS = 300, 3254
SHOP_OPTIONS = (
    "--id-column", "CustomerID", "--time-column", "InvoiceDate", "--amount",
    "Quantity * UnitPrice", "--encoding", "latin-1", "--time-format", "%m/%d/%Y %H:%M",
)  # fmt: skip


def plain() -> pl.DataFrame:
    """The history as programs write it, all text."""
    return pl.read_csv(HISTORY, infer_schema=False)


def german(amount: str) -> str:
    """1234.50 as 1.234,50."""
    return f"{float(amount):,.2f}".translate(str.maketrans(".,", ",."))


def amounts(form, every=1) -> pl.DataFrame:
    """The history with amounts written otherwise, all or each so many; forty times as large."""
    frame = plain()
    told = [
        form(f"{40 * float(each):.2f}") if row % every == 0 else each
        for row, each in enumerate(frame["amount"])
    ]
    return frame.with_columns(amount=pl.Series(told))


def dates(form: str, every=1) -> pl.DataFrame:
    """The history with days written otherwise, all or each so many."""
    told = pl.col("event_time").str.to_date().dt.strftime(form)
    some = pl.int_range(pl.len()) % every == 0
    return plain().with_columns(
        pl.when(some).then(told).otherwise("event_time").alias("event_time")
    )


def shop_lines(lines: int, seed: int = 5) -> Iterator[str]:
    """A British shop's export: lines of invoices, a quarter of them of nobody, some cancelled."""
    random = np.random.default_rng(seed)
    yield "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n"
    # Customers buy at their own rates and stop by and by, as in every book.
    rates = random.gamma(0.7, 1.0 / 5.0, max(lines // 120, 30))
    ends = random.exponential(160.0, len(rates))
    invoice, made, nobodys = 536_365, 0, max(round(lines / 4 / 373), 1)
    for day in range(373):
        buying = np.flatnonzero((random.random(len(rates)) < rates) & (ends > day))
        for customer in [*buying.tolist(), None]:
            invoice += 1
            many = int(random.integers(1, 12)) if customer is not None else nobodys
            for _ in range(many):
                yield _line(random, invoice, day, customer)
                made += 1
                if made == lines:
                    return


def _line(random: np.random.Generator, invoice: int, day: int, customer: int | None) -> str:
    cancelled = random.random() < 0.02
    when = np.datetime64("2010-12-01") + day
    year, month, date = str(when).split("-")
    clock = f"{int(random.integers(8, 18))}:{int(random.integers(60)):02d}"
    who = "" if customer is None else f"{12_346 + customer}.0"
    count = int(random.integers(1, 24)) * (-1 if cancelled else 1)
    return (
        f"{'C' if cancelled else ''}{invoice},{int(random.integers(10_000, 90_000))},"
        f'"SET OF 3, CAFÉ £{int(random.integers(1, 9))}",{count},'
        f"{int(month)}/{int(date)}/{year} {clock},{random.gamma(2.0, 1.5) + 0.05:.2f},{who},"
        "United Kingdom\r\n"
    )


def write_shop(file: Path, lines: int, seed: int = 5) -> str:
    """The shop's export in Latin-1."""
    with file.open("w", encoding="latin-1", newline="") as out:
        out.writelines(shop_lines(lines, seed))
    return str(file)
