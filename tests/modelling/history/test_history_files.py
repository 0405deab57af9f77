import gzip
from pathlib import Path

import polars as pl
import pytest
from histories import BOOK, write

from modelling.history import HistoryError, read_history

HEAD = "customer_id,event_time,amount\n"
DAY = 86_400.0


def read(folder: Path, text: str | bytes, name="log.csv", book=BOOK, **options):
    return read_history([write(folder, text, name)], book, **options)


def test_numbers_that_share_a_column_with_gaps_are_still_whole_ids(tmp_path: Path) -> None:
    frame = pl.DataFrame({"customer_id": [7.0, None], "event_time": ["2024-03-01"] * 2})
    frame.with_columns(amount=1).write_parquet(tmp_path / "a.parquet")
    found = read_history([tmp_path / "a.parquet"], BOOK)
    assert found.frame["customer_id"].to_list() == ["7"]
    assert found.cleaning.left_out == {"missing_id": 1}


def test_files_folders_and_patterns_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "in" / "2023").mkdir(parents=True)
    (tmp_path / "in" / "2024").mkdir()
    for year in (2023, 2024):
        write(tmp_path / "in" / f"{year}", HEAD + f"a,{year}-03-01,1\n", "part-0.csv")
    write(tmp_path / "in", "none of ours", "README.md")
    write(tmp_path / "in", "", "_SUCCESS.csv")
    packed = gzip.compress((HEAD + "b,2022-03-01,1\n").encode())
    write(tmp_path, packed, "old.csv.gz")
    found = read_history([tmp_path / "in", str(tmp_path / "*.gz")], BOOK)
    assert found.frame["customer_id"].to_list() == ["b", "a", "a"]
    ids = found.frame["event_id"].to_list()
    assert ids[0] == "old.csv.gz:1"
    assert len(set(ids)) == 3
    assert all(each.endswith("-part-0.csv:1") for each in ids[1:])


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    name = write(tmp_path, HEAD + "a,2024-03-01,1\n")
    assert read_history([name, tmp_path], BOOK).cleaning.rows == 1


@pytest.mark.parametrize("name", ["my log.csv", "größe.csv", "x" * 90 + ".csv"])
def test_names_of_files_are_made_fit_for_ids(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, HEAD + "a,2024-03-01,1\n", name)
    (made,) = found.frame["event_id"]
    assert made.isascii()
    assert len(made) <= 64
    assert " " not in made


def test_a_card_number_in_a_bad_row_is_not_told(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "a,2024-03-01,1\n4111 1111 1111 1111,2024-03-01,1\n")
    told = found.cleaning.first["bad_id"]
    assert told.endswith("got **** (text of 19 characters, 16 digits)")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "log.csv: expected a CSV file that can be read, columns parted by ',', got empty CSV"),
        (HEAD, "HISTORY: expected at least one event, got none"),
        (
            "id,event_time,amount\n",
            "log.csv: expected columns, one of them customer_id, got columns id, event_time",
        ),
        ("customer_id;event_time;amount\na;2024-03-01;1\n", "part them by --separator ';'"),
        (HEAD + "a,1.3.2024,1\n", "row 1, column event_time: expected a date or time"),
        (HEAD + "a,1709290800,1\n", "ISO 8601 text, or YYYYMMDD, got 1709290800"),
        (HEAD + 'a,2024-03-01,"1,5"\n', "row 1, column amount: expected a number in major units"),
        (HEAD + "a,2024-03-01,1,2\n", "expected a CSV file that can be read"),
        (
            b"customer_id,event_time,amount\n\xff,2024-03-01,1\n",
            "got byte 0xff in line 2; name its encoding, such as --encoding",
        ),
        (b"\x00\x01\x02", "log.csv: expected"),
    ],
)
def test_a_history_of_which_nothing_can_be_used_says_where_and_why(
    tmp_path: Path, text: str | bytes, told: str
) -> None:
    with pytest.raises(HistoryError) as refused:
        read(tmp_path, text)
    assert told in str(refused.value)


def test_a_byte_order_mark_blank_lines_and_carriage_returns_do_no_harm(tmp_path: Path) -> None:
    text = "\ufeffcustomer_id,event_time,amount\r\na,2024-03-01,1\r\n"
    assert read(tmp_path, text).cleaning.used == 1


def test_a_short_row_lacks_what_it_lacks(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "a,2024-03-01\na,2024-03-02,1\n")
    assert found.cleaning.left_out == {"missing_amount": 1}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere.csv", "nothing of the kind"),
        ("*.csv", "nothing of the kind"),
        ("log.doc", "expected a file of .parquet, .csv"),
        ("damaged.parquet", "expected a Parquet file that can be read, got"),
        (".", "expected a folder with"),
    ],
)
def test_what_is_no_history_is_refused_by_name(tmp_path: Path, name: str, told: str) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    write(tmp_path, "x", "log.doc")
    write(tmp_path, b"PAR1 not really", "damaged.parquet")
    place = folder if name in {".", "*.csv", "nowhere.csv"} else tmp_path
    with pytest.raises(HistoryError, match=told):
        read_history([str(place / name)], BOOK)


def test_a_column_of_the_wrong_type_is_refused_by_name(tmp_path: Path) -> None:
    frame = pl.DataFrame({"customer_id": ["a"], "event_time": [True], "amount": [1.0]})
    frame.write_parquet(tmp_path / "a.parquet")
    with pytest.raises(HistoryError, match=r"a\.parquet: column event_time: expected a date"):
        read_history([tmp_path / "a.parquet"], BOOK)
