"""Customers drawn by lot from files of any size, and histories laid down on disk."""

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from histories import BOOK, cdnow_sample

from modelling.bulk.drawn import is_drawn, read_drawn, share_of
from modelling.bulk.lots import below, lot
from modelling.bulk.spool import spooled
from modelling.churn.labels import Labels
from modelling.history import Columns, HistoryError, Layout, read_history
from modelling.history.files import sources
from scoring.step.replay import EventLog

CDNOW = Layout(columns=Columns(customer_id="Kunde", event_time="Tag", amount="Betrag"))


@pytest.fixture
def _files(tmp_path: Path) -> None:
    table = cdnow_sample().with_columns(pl.col("Tag").str.to_date())
    table.head(4_000).write_parquet(tmp_path / "a.parquet")
    table.tail(-4_000).write_parquet(tmp_path / "b.parquet")


@pytest.mark.usefixtures("_files")
@pytest.mark.parametrize("until", [None, date(1997, 12, 31)])
def test_who_is_drawn_is_drawn_whole(tmp_path: Path, until: date | None) -> None:
    found, said = sources([str(tmp_path)]), list[tuple[str, int, int]]()
    say = lambda *far: said.append(far)  # noqa: E731
    drawn = read_drawn(found, BOOK, CDNOW, 0.3, until=until, say=say, piece=700)
    whole = read_history([tmp_path], BOOK, layout=CDNOW, until=until)
    own = [name for name in whole.customers.ids if lot(name) < below(0.3)]
    assert list(drawn.customers.ids) == own
    assert 0.25 < len(own) / len(whole.customers.ids) < 0.35
    frame = whole.frame.filter(pl.col("customer_id").is_in(own))
    assert drawn.frame.equals(frame)
    assert drawn.share == 0.3
    told = drawn.cleaning
    assert told.rows == whole.cleaning.rows == told.used + sum(told.left_out.values())
    assert told.left_out["not_drawn"] > 0
    assert told.unusable == 0
    assert "Customers are a share of 0.3 of all, drawn by lot; all have 6,919 rows." in told.notes
    assert said[0] == ("Reading rows", 700, 6_919)


@pytest.mark.usefixtures("_files")
def test_of_a_history_of_which_nobody_is_drawn_nothing_can_be_told(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="got none; 6,919 not_drawn"):
        read_drawn(sources([str(tmp_path)]), BOOK, CDNOW, 1e-9)


def test_rows_that_cannot_be_used_are_refused_though_their_customers_were_not_drawn(
    tmp_path: Path,
) -> None:
    times = pl.Series([date(2024, 1, 1)] * 100)
    bad = pl.DataFrame({"customer_id": ["a"] * 100, "event_time": times, "amount": ["x"] * 100})
    bad.write_parquet(tmp_path / "bad.parquet")
    with pytest.raises(HistoryError, match="at most 1% of rows"):
        read_drawn(sources([str(tmp_path)]), BOOK, Layout(allow_bad=0.01), 1e-9)


def test_the_share_is_of_as_many_rows_as_can_be_learnt_from() -> None:
    assert share_of(100_000_000) == 0.03
    assert share_of(10_000_000_000) == 0.001
    assert share_of(3_000_000) == share_of(1) == 1.0
    assert is_drawn(pl.Series(["ann", "bob"]), 1.0).to_list() == [True, True]


def test_labels_of_customers_who_are_not_drawn_are_no_ones() -> None:
    names = [f"c{n}".encode() for n in range(1_000)]
    drawn = {name for name in names if lot(name.decode()) < below(0.2)}
    when = Labels(left_at=dict.fromkeys(names, 1.0))
    whether = Labels(left=dict.fromkeys(names, True))
    assert set(when.drawn(0.2).left_at or {}) == drawn
    assert set(whether.drawn(0.2).left or {}) == drawn
    assert when.drawn(0.2).left is whether.drawn(0.2).left_at is None
    assert when.drawn(1.0) is when


def test_a_log_laid_down_on_disk_is_read_again_as_it_was(tmp_path: Path) -> None:
    logs = [
        read_history([_written(tmp_path, rows)], BOOK, layout=CDNOW).events() for rows in (9, 99)
    ]
    nobody = EventLog([], np.zeros(0, np.int64), logs[0].events[:0])
    strange = logs[0]._replace(customers=[b"\x00 \xff\n"] * len(logs[0].customers))
    folder = tmp_path / "spool"
    folder.mkdir()
    given = [*logs, nobody, strange]
    for read, log in zip(spooled(iter(given), folder), given, strict=True):
        for again in (read(), read()):
            assert list(again.customers) == list(log.customers)
            np.testing.assert_array_equal(again.rows, log.rows)
            assert again.events.tobytes() == log.events.tobytes()


def _written(folder: Path, rows: int) -> Path:
    path = folder / f"{rows}.parquet"
    cdnow_sample().head(rows).with_columns(pl.col("Tag").str.to_date()).write_parquet(path)
    return path
