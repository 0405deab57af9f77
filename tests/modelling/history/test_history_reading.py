from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from histories import BOOK, ZURICH, write

from modelling.history import Book, Columns, HistoryError, Layout, read_events, read_history
from modelling.history.cleaning import ROW_REASONS
from scoring.facts.events import EVENT, hash_ids
from scoring.facts.kinds import Kind
from streams.intake.rates import RateTable, read_rates

HEAD = "customer_id,event_time,amount\n"
DAY = 86_400.0


def read(folder: Path, text: str | bytes, name="log.csv", book=BOOK, **options):
    return read_history([write(folder, text, name)], book, **options)


def test_a_plain_purchase_log_becomes_events(tmp_path: Path) -> None:
    log = read(tmp_path, HEAD + "b,1970-01-03,1.50\na,1970-01-02,0\nb,1970-01-02,2\n").events()
    assert log.customers == [b"a", b"b"]
    assert log.rows.tolist() == [0, 1, 1]
    expected = np.zeros(3, EVENT)
    expected["time"] = expected["reversed_time"] = [DAY, DAY, 2 * DAY]
    expected["amount"] = [0, 200, 150]
    expected["id"] = hash_ids(["log.csv:2", "log.csv:3", "log.csv:1"])
    assert log.events.tobytes() == expected.tobytes()


def test_parquet_with_names_of_its_own_reads_as_csv_does(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "Kunde": [7, 8],
            "Wann": [date(2024, 3, 1), date(2024, 3, 2)],
            "Wert": [Decimal("1.50"), Decimal("0.29")],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_csv(tmp_path / "b.csv")
    columns = Columns(customer_id="Kunde", event_time="Wann", amount="Wert")
    logs = [
        read_events([tmp_path / name], ZURICH, layout=Layout(columns=columns))
        for name in ("a.parquet", "b.csv")
    ]
    for log in logs:
        assert log.customers == [b"7", b"8"]
        assert log.events["amount"].tolist() == [150, 29]
    assert logs[0].events["time"].tolist() == logs[1].events["time"].tolist()


def test_leading_zeros_of_ids_stay(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + "007,2024-03-01,1\n").events().customers == [b"007"]


def test_every_bad_row_is_counted_with_the_first_of_its_kind_told(tmp_path: Path) -> None:
    text = (
        (
            "customer_id,event_time,amount,type,currency,score,sentiment,merchant_category,event_id\n"
            "a,2024-03-01,5,purchase,,,,0742,e1\n"
            ",2024-03-01,5,purchase,,,,,e2\n"
            "a b,2024-03-01,5,purchase,,,,,e3\n"
            "Jürg,2024-03-01,5,purchase,,,,,e4\n"
            "a,2024-03-01,5,purchase,,,,,e 5\n"
            "a,2024-03-01,5,wurst,,,,,e6\n"
            "a,,5,purchase,,,,,e7\n"
            "a,1.3.24,5,purchase,,,,,e8\n"
            "a,2024-03-01,,purchase,,,,,e9\n"
            'a,2024-03-01,"1,5",purchase,,,,,e10\n'
            "a,2024-03-01,1e12,purchase,,,,,e11\n"
            "a,2024-03-01,0,fee,,,,,e12\n"
            "a,2024-03-01,5,purchase,XXX,,,,e13\n"
            "a,2024-03-01,5,purchase,EUR,,,,e14\n"
            "a,2024-03-01,5,purchase,,,,12x4,e15\n"
            "a,2024-03-01,,survey,,6,,,e16\n"
            "a,2024-03-01,,nps,,,,,e17\n"
            "a,2024-03-01,,chat,,,2,,e18\n"
            "a,2024-03-01,5,purchase,,,,,e1\n"
            "a,2025-03-01,5,purchase,,,,,e19\n"
            "a,2024-03-02,,email,,,-0.5,,\n"
        )
        .replace("\n", ",,\n")
        .replace("event_id,,", "event_id,purpose,granted")
    )
    text += "a,2024-03-01,,consent_changed,,,,,e20,profiling,maybe\n"
    found = read(tmp_path, text, until=date(2024, 12, 31))
    counts = found.cleaning.left_out
    once = dict.fromkeys(ROW_REASONS.keys() - {"excluded", "identical", "not_drawn"}, 1)
    assert counts == {**once, "bad_id": 3, "bad_score": 2}
    assert found.cleaning.rows == 22
    assert found.cleaning.rows == found.cleaning.used + sum(counts.values())
    assert found.cleaning.first["bad_amount"].endswith(
        "log.csv: row 10, column amount: expected a number in major units, got 1,5; "
        "--decimal . --decimal , reads it"
    )
    assert list(counts) == [reason for reason in ROW_REASONS if reason in counts]


def test_a_column_given_a_name_of_its_own_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="one of them kind"):
        read(tmp_path, HEAD + "a,2024-03-01,1\n", layout=Layout(columns=Columns(type="kind")))


def test_a_type_column_of_another_meaning_may_be_left_alone(tmp_path: Path) -> None:
    text = "customer_id,event_time,amount,type\na,2024-03-01,1,VISA\n"
    with pytest.raises(HistoryError, match="expected a type such as purchase"):
        read(tmp_path, text)
    assert read(tmp_path, text, layout=Layout(columns=Columns(type=None))).cleaning.used == 1


def test_types_are_taken_whatever_their_case(tmp_path: Path) -> None:
    text = "customer_id,event_time,amount,type\na,2024-03-01,1, PURCHASE \n"
    assert read(tmp_path, text).events().events["kind"].tolist() == [Kind.PURCHASE]


def test_a_history_may_have_no_amounts(tmp_path: Path) -> None:
    text = "customer_id,event_time\na,2024-03-01\n"
    found = read(tmp_path, text, layout=Layout(columns=Columns(amount=None)))
    assert found.frame["amount"].to_list() == [0]
    with pytest.raises(HistoryError, match="one of them amount"):
        read(tmp_path, text)


def test_negative_purchases_are_refunds_and_refunds_count_by_size(tmp_path: Path) -> None:
    text = (
        "customer_id,event_time,amount,type\n"
        "a,2024-03-01,10,purchase\n"
        "a,2024-03-02,-4,purchase\n"
        "a,2024-03-03,-3,refund\n"
        "a,2024-03-04,2,chargeback\n"
        "a,2024-03-05,-1,fee\n"
    )
    found = read(tmp_path, text)
    events = found.events().events
    kinds = [Kind.PURCHASE, Kind.REFUND, Kind.REFUND, Kind.CHARGEBACK]
    assert events["kind"].tolist() == kinds
    assert events["amount"].tolist() == [1000, 400, 300, 200]
    assert (events["reverses"][1:] == hash_ids(["unknown"])).all()
    assert found.cleaning.left_out == {"non_positive_amount": 1}
    assert found.cleaning.refunds == 3


def test_a_refund_is_dated_by_the_purchase_it_names(tmp_path: Path) -> None:
    text = (
        "customer_id,event_time,amount,type,event_id,reverses,reversed_time\n"
        "a,1970-01-02,10,purchase,p1,,\n"
        "a,1970-01-05,4,refund,r1,p1,\n"
        "a,1970-01-06,4,refund,r2,elsewhere,\n"
        "a,1970-01-07,4,refund,r3,p1,1970-01-03\n"
        "b,1970-01-08,4,refund,r4,p1,\n"
    )
    events = read(tmp_path, text).events().events
    assert (events["reversed_time"] / DAY).tolist() == [1, 1, 5, 2, 7]
    assert events["reverses"].tolist() == [
        0,
        *hash_ids(["p1", "elsewhere", "p1", "p1"]).tolist(),
    ]


def test_a_rate_that_makes_more_of_an_amount_than_64_bits_hold_leaves_it_out(
    tmp_path: Path,
) -> None:
    rates = write(tmp_path, "date,currency,rate\n2024-01-01,EUR,1e18\n", "rates.txt")
    text = "customer_id,event_time,amount,currency\na,2024-05-01,10,EUR\na,2024-05-02,10,USD\n"
    found = read(tmp_path, text, book=Book(BOOK.calendar, read_rates(Path(rates), "USD")))
    assert found.cleaning.left_out == {"amount_out_of_range": 1}


@pytest.mark.parametrize("rates", ["", "2024-01-01,EUR,1.10\n"])
def test_foreign_amounts_take_the_book_amount_or_a_rate(tmp_path: Path, rates: str) -> None:
    table = write(tmp_path, "date,currency,rate\n" + rates, "rates.txt")
    text = (
        "customer_id,event_time,amount,currency,book_amount\n"
        "a,2024-03-01,10,USD,\n"
        "a,2024-03-02,10,EUR,10.81\n"
        "a,2024-03-03,10.05,EUR,\n"
        "a,2024-03-04,500,JPY,3.30\n"
    )
    book = Book(BOOK.calendar, read_rates(Path(table), "USD"))
    found = read(tmp_path, text, book=book)
    converted = [1106] if rates else []  # 1005 * 1.1 = 1105.5, to the even one
    assert found.frame["amount"].to_list() == [1000, 1081, *converted, 330]
    assert found.cleaning.left_out == ({} if rates else {"no_rate": 1})


def test_exponents_are_those_of_each_rows_currency(tmp_path: Path) -> None:
    text = HEAD.strip() + ",currency\na,2024-03-01,1500,JPY\n"
    book = Book(BOOK.calendar, RateTable("JPY"))
    assert read(tmp_path, text, book=book).frame["amount"].to_list() == [1500]


def test_minor_units_are_told_by_option(tmp_path: Path) -> None:
    found = read(
        tmp_path, HEAD + "a,2024-03-01,150\na,2024-03-01,1.5\n", layout=Layout(unit="minor")
    )
    assert found.frame["amount"].to_list() == [150]
    assert found.cleaning.left_out == {"bad_amount": 1}


def test_of_one_instant_transactions_come_first_then_the_files_order(tmp_path: Path) -> None:
    text = (
        "customer_id,event_time,amount,type,score\n"
        "a,2024-03-01,,survey,5\n"
        "a,2024-03-01,1,purchase,\n"
        "a,2024-03-01,2,purchase,\n"
        "a,2024-02-01,,nps,0\n"
    )
    events = read(tmp_path, text).events().events
    assert events["amount"].tolist() == [0, 100, 200, 0]
    assert events["kind"].tolist() == [Kind.NPS, Kind.PURCHASE, Kind.PURCHASE, Kind.SURVEY]
    assert events["score"].tolist() == [0, 0, 0, 5]


def test_only_the_same_customers_same_id_is_a_duplicate(tmp_path: Path) -> None:
    text = HEAD.strip() + ",event_id\na,2024-03-01,1,e\nb,2024-03-01,1,e\na,2024-03-02,9,e\n"
    found = read(tmp_path, text)
    assert found.frame["amount"].to_list() == [100, 100]
    assert found.cleaning.left_out == {"duplicate": 1}
    assert found.cleaning.first["duplicate"].endswith(
        "row 3: expected an event id of its own, got e"
    )


def test_rows_alike_without_ids_are_purchases_of_their_own(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + "a,2024-03-01,1\n" * 2).cleaning.used == 2


def test_until_keeps_the_whole_of_its_day_in_the_books_zone(tmp_path: Path) -> None:
    text = HEAD + "a,2024-03-01T22:59:59Z,1\na,2024-03-01T23:00:00Z,1\n"
    found = read(tmp_path, text, book=ZURICH, until=date(2024, 3, 1))
    assert found.cleaning.left_out == {"after_until": 1}


def test_categories_are_grouped_and_bad_ones_left_out(tmp_path: Path) -> None:
    text = HEAD.strip() + ",merchant_category\na,2024-03-01,1,5411\na,2024-03-02,1,54x1\n"
    found = read(tmp_path, text)
    assert found.events().events["category"].tolist() == [1]
    assert found.cleaning.left_out == {"bad_merchant_category": 1}
