from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from cases import MODEL
from histories import BOOK, cdnow_sample, write

from modelling.exports import LABELS, check_target, point_in_time, write_table
from modelling.history import Columns, HistoryError, Layout, read_events
from scoring.feature import Feature
from scoring.features import features
from scoring.step.replay import EventLog, final_states

AT = date(1997, 9, 30)
INSTANT = 875_577_600.0
FEATURES = [feature.name.lower() for feature in Feature]
HEAD = "customer_id,event_time,amount,type\n"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> EventLog:
    file = tmp_path_factory.mktemp("log") / "sample.parquet"
    cdnow_sample().filter(pl.col("Kunde") < "0400").write_parquet(file)
    columns = Columns(customer_id="Kunde", event_time="Tag", amount="Betrag")
    return read_events([file], BOOK, layout=Layout(columns=columns))


def test_features_are_those_of_the_live_state(log: EventLog) -> None:
    table = point_in_time(log, MODEL, AT, 28)
    states = final_states(log.before(INSTANT), MODEL, until=INSTANT)
    expected = features(states, np.full(len(states), INSTANT), MODEL)
    assert table["customer_id"].to_list() == [customer.decode() for customer in log.customers]
    for feature in Feature:
        got = table[feature.name.lower()].to_numpy()
        np.testing.assert_array_equal(got, expected[feature])


def test_what_happens_later_changes_no_feature(log: EventLog) -> None:
    table = point_in_time(log, MODEL, AT, 28)
    cut = log.before(INSTANT)
    other = log.events.copy()
    later = other["time"] >= INSTANT
    other["amount"][later] += 77_777
    other["id"][later] += np.uint64(1)
    changed = EventLog(log.customers, log.rows, other)
    for lived in (cut, changed):
        again = point_in_time(lived, MODEL, AT, 28)
        assert again.select("customer_id", *FEATURES).equals(table.select("customer_id", *FEATURES))


def test_labels_are_what_was_bought_within_the_horizon(tmp_path: Path) -> None:
    rows = (
        "a,1997-09-01,1,purchase\n"
        "b,1997-09-01,1,purchase\n"
        "c,1997-09-01,1,app_session\n"
        "a,1997-09-30T00:00:00Z,5,purchase\n"
        "a,1997-10-01T08:00:00Z,5,purchase\n"
        "a,1997-10-01T09:00:00Z,5,purchase\n"
        "a,1997-10-02,4,refund\n"
        "b,1997-10-10,5,purchase\n"
        "d,1997-10-01,5,purchase\n"
    )
    log = read_events([write(tmp_path, HEAD + rows)], BOOK)
    table = point_in_time(log, MODEL, AT, 10).select("customer_id", *LABELS)
    assert table.rows() == [
        ("a", False, 3, 2, 1100),
        ("b", True, 0, 0, 0),
        ("c", True, 0, 0, 0),
    ]
    assert point_in_time(log, MODEL, AT, 11)["label_purchases"].to_list() == [3, 1, 0]
    unknown = point_in_time(log, MODEL, AT, 12).select(LABELS)
    assert unknown.null_count().row(0) == (3, 3, 3, 3)


def test_a_day_before_the_history_knows_nobody(log: EventLog) -> None:
    with pytest.raises(HistoryError, match="--at: expected a day after the history begins"):
        point_in_time(log, MODEL, date(1997, 1, 1), 28)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_tables_are_written_as_the_file_is_called(tmp_path: Path, suffix: str) -> None:
    table, file = pl.DataFrame({"customer_id": ["a"], "clv": [1.5]}), tmp_path / f"out{suffix}"
    check_target(file)
    write_table(table, file)
    read = pl.read_parquet if suffix == ".parquet" else pl.read_csv
    assert read(file).equals(table)


def test_a_table_of_another_kind_is_refused() -> None:
    with pytest.raises(HistoryError, match=r"--out: expected a file of \.parquet or \.csv"):
        check_target(Path("table.xlsx"))
