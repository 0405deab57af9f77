"""A history that is read in parts is fitted like one that is read whole."""

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from histories import BOOK, cdnow_sample
from warehouse_cases import hostile

from modelling.fit.data import FitWindow, from_files, from_parts
from modelling.fit.run import FitData
from modelling.history import Book, Columns, HistoryError, Layout
from modelling.history.files import sources
from scoring.facts.calendar import BookCalendar
from streams.intake.rates import RateTable

WINDOW = FitWindow(until=date(1997, 9, 30), holdout=date(1998, 6, 30))
CDNOW = Layout(columns=Columns(customer_id="Kunde", event_time="Tag", amount="Betrag"))
SWISS = Book(BookCalendar("Europe/Zurich"), RateTable("CHF"))


def same(parts: FitData, whole: FitData) -> None:
    assert list(parts.summary.ids) == list(whole.summary.ids)
    for name in ("x", "t_x", "T", "monetary_value", "total_value"):
        np.testing.assert_array_equal(getattr(parts.summary, name), getattr(whole.summary, name))
    assert parts.summary.until == whole.summary.until
    assert (parts.first_day, parts.holdout) == (whole.first_day, whole.holdout)
    if whole.later is not None:
        assert parts.later is not None
        ours, theirs = (one.later[one.summary.rows] for one in (parts, whole))
        np.testing.assert_array_equal(ours, theirs)
    for name in ("rows", "used", "left_out", "refunds", "zero_purchases", "customers"):
        assert getattr(parts.cleaning, name) == getattr(whole.cleaning, name), name
    assert parts.cleaning.last_day == whole.cleaning.last_day


@pytest.mark.parametrize("window", [WINDOW, FitWindow(), FitWindow(until=date(1997, 5, 1))])
def test_cdnow_in_parts_of_a_few_hundred_rows(tmp_path: Path, window: FitWindow) -> None:
    table = cdnow_sample().with_columns(pl.col("Tag").str.to_date())
    for number, rows in enumerate((3_000, 1, 3_918)):
        first = sum((3_000, 1, 3_918)[:number])
        table.slice(first, rows).write_parquet(tmp_path / f"{number}.parquet")
    whole = from_files([str(tmp_path)], BOOK, CDNOW, window)
    told: list[tuple[str, int, int]] = []
    found = sources([str(tmp_path)])
    parts = from_parts(
        found, BOOK, CDNOW, window, lambda *far: told.append(far), piece=700, part=500
    )
    same(parts, whole)
    assert parts.diagnostics == whole.diagnostics
    assert told[0] == ("Reading rows", 700, 6_919)
    assert told[-1] == ("Sorting parts", 13, 14)


def test_all_troubles_in_parts(tmp_path: Path) -> None:
    table = hostile(3_000)
    table.head(2_000).write_parquet(tmp_path / "a.parquet")
    table.tail(1_200).write_parquet(tmp_path / "b.parquet")  # 200 rows stand in both
    window = FitWindow(until=date(2024, 4, 10), holdout=date(2024, 4, 15))
    for identical in ("keep", "drop"):
        layout = Layout(identical=identical)
        whole = from_files([str(tmp_path)], SWISS, layout, window)
        found = sources([str(tmp_path)])
        parts = from_parts(found, SWISS, layout, window, piece=333, part=400)
        same(parts, whole)
        for reason, first in whole.cleaning.first.items():
            assert reason in parts.cleaning.first
            assert first


def test_what_cannot_be_fitted_is_refused(tmp_path: Path) -> None:
    start = datetime(2024, 1, 1)  # noqa: DTZ001 - the book's own clocks
    times = [start + timedelta(days=n) for n in range(50)]
    table = pl.DataFrame({"customer_id": ["a"] * 50, "event_time": times, "amount": ["x"] * 50})
    table.write_parquet(tmp_path / "bad.parquet")
    found = sources([str(tmp_path)])
    with pytest.raises(HistoryError, match="at most 1% of rows"):
        from_parts(found, BOOK, Layout(allow_bad=0.01), FitWindow(), piece=7)
    table.with_columns(amount=pl.lit(1.0)).write_parquet(tmp_path / "bad.parquet")
    with pytest.raises(HistoryError, match="expected a time up to 2023-01-01"):
        from_parts(found, BOOK, Layout(), FitWindow(until=date(2023, 1, 1)), piece=7)
