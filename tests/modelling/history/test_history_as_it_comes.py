"""Banks' files as they come: read with options that were typed, refused with those that help."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from bank_exports import CUSTOMERS, HISTORY, ROWS, amounts, dates, german, plain
from histories import BOOK, DATA, write
from spreadsheets import spreadsheet

from modelling.history import Book, HistoryError, Layout, read_history
from modelling.history.layout import layout_of
from scoring.facts.calendar import BookCalendar
from streams.intake.rates import RateTable

HEAD = "customer_id,event_time,amount\n"
SANTIAGO = Book(BookCalendar("America/Santiago"), RateTable("USD"))


def csv(folder: Path, frame: pl.DataFrame, separator=",", name="log.csv", encoding="utf-8") -> str:
    return write(folder, frame.write_csv(separator=separator).encode(encoding), name)


def parquet(folder: Path, frame: pl.DataFrame) -> str:
    frame.write_parquet(folder / "log.parquet")
    return str(folder / "log.parquet")


def read(file, book=BOOK, until=None, **options):
    given = {name.replace("_", "-"): value for name, value in options.items()}
    return read_history([file], book, layout=layout_of(given), until=until)


def refusal(file, **options) -> str:
    with pytest.raises(HistoryError) as refused:
        read(file, **options)
    return str(refused.value)


def same(found, times=1) -> None:
    """All rows were read, as the plain history is."""
    assert found.cleaning.used == found.cleaning.rows == ROWS
    assert found.cleaning.customers == CUSTOMERS
    told = read(HISTORY).frame
    assert found.frame["time"].to_list() == told["time"].to_list()
    assert sorted(found.frame["amount"]) == sorted(times * told["amount"])


def excel_days() -> pl.Expr:
    """Times as a spreadsheet counts them: days since 1899-12-30."""
    milliseconds = pl.col("event_time").str.to_datetime().dt.epoch("ms")
    return (milliseconds / 86_400_000 + 25_569).alias("event_time")


WRITTEN = {
    "semicolons": (
        lambda f: csv(f, amounts(lambda a: a.replace(".", ",")), ";"),
        {"separator": ";", "decimal": ","},
        40,
    ),
    "tabs": (lambda f: csv(f, plain(), "\t", "log.tsv"), {"separator": "tab"}, 1),
    "pipes": (lambda f: csv(f, plain(), "|", "log.txt"), {"separator": "|"}, 1),
    "day first": (lambda f: csv(f, dates("%d/%m/%Y")), {"time_format": "%d/%m/%Y"}, 1),
    "day first with dots": (lambda f: csv(f, dates("%d.%m.%y")), {"time_format": "%d.%m.%y"}, 1),
    "month first": (lambda f: csv(f, dates("%m/%d/%Y")), {"time_format": "%m/%d/%Y"}, 1),
    "names of months": (lambda f: csv(f, dates("%d-%b-%Y")), {"time_format": "%d-%b-%Y"}, 1),
    "two ways of days": (
        lambda f: csv(f, dates("%d/%m/%Y", 2)),
        {"time_format": ["iso", "%d/%m/%Y"]},
        1,
    ),
    "currency and thousands": (
        lambda f: csv(f, amounts(lambda a: f"${float(a):,.2f}")),
        {"thousands": ",", "currency_sign": "$"},
        40,
    ),
    "a code behind, points in thousands": (
        lambda f: csv(f, amounts(lambda a: f"{german(a)} CHF")),
        {"thousands": ".", "decimal": ",", "currency_sign": "CHF"},
        40,
    ),
    "Swiss apostrophes": (
        lambda f: csv(
            f, amounts(lambda a: f"{float(a):,.2f}".replace(",", "\N{RIGHT SINGLE QUOTATION MARK}"))
        ),
        {"thousands": "'"},
        40,
    ),
    "narrow blanks": (
        lambda f: csv(f, amounts(lambda a: f"{float(a):,.2f}".replace(",", "\u202f"))),
        {"thousands": " "},
        40,
    ),
    "Latin-1": (
        lambda f: csv(f, plain().rename({"amount": "Beträge"}), encoding="latin-1"),
        {"encoding": "latin-1", "amount_column": "Beträge"},
        1,
    ),
    "UTF-16": (lambda f: csv(f, plain(), encoding="utf-16"), {"encoding": "utf-16"}, 1),
    "worked out": (
        lambda f: csv(f, plain().with_columns(n=pl.lit("4"))),
        {"amount": "amount * (n - 1) * 1"},
        3,
    ),
    "categories": (
        lambda f: parquet(f, plain().cast({"event_time": pl.Categorical, "amount": pl.Float64})),
        {},
        1,
    ),
    "bytes": (lambda f: parquet(f, plain().cast({"customer_id": pl.Binary})), {}, 1),
    "decimals": (lambda f: parquet(f, plain().cast({"amount": pl.Decimal(12, 2)})), {}, 1),
    "nanoseconds": (
        lambda f: parquet(
            f, plain().with_columns(pl.col("event_time").str.to_datetime(time_unit="ns"))
        ),
        {},
        1,
    ),
    "milliseconds": (
        lambda f: parquet(
            f, plain().with_columns(pl.col("event_time").str.to_datetime().dt.epoch("ms"))
        ),
        {"epoch": "ms"},
        1,
    ),
    "seconds in text": (
        lambda f: csv(
            f, plain().with_columns(pl.col("event_time").str.to_datetime().dt.epoch("s"))
        ),
        {"epoch": "s"},
        1,
    ),
    "a spreadsheet's days": (
        lambda f: csv(f, plain().with_columns(excel_days())),
        {"epoch": "excel"},
        1,
    ),
    "a spreadsheet's days as floats": (
        lambda f: parquet(f, plain().with_columns(excel_days())),
        {"epoch": "excel"},
        1,
    ),
    "nanoseconds counted": (
        lambda f: parquet(
            f, plain().with_columns(pl.col("event_time").str.to_datetime().dt.epoch("ns"))
        ),
        {"epoch": "ns"},
        1,
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_file_is_read_whole_by_its_options(tmp_path: Path, name: str) -> None:
    make, options, times = WRITTEN[name]
    same(read(make(tmp_path), **options), times)


@pytest.mark.parametrize("name", [n for n, way in WRITTEN.items() if way[1] and way[2] != 3])
def test_without_them_it_is_refused_and_nothing_is_guessed(tmp_path: Path, name: str) -> None:
    assert "expected" in refusal(WRITTEN[name][0](tmp_path))


def test_thousands_come_in_lakhs_too(tmp_path: Path) -> None:
    file = write(tmp_path, HEAD + 'a,2025-01-06,"12,34,567.5"\n')
    assert read(file, thousands=",").frame["amount"].to_list() == [123_456_750]


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (WRITTEN["day first"][0], "3254 bad_time: "),
        (WRITTEN["day first"][0], "got 06/01/2025; --time-format '%d/%m/%Y' reads it"),
        (WRITTEN["two ways of days"][0], "got 1627 of 3254, 50%"),
        (WRITTEN["two ways of days"][0], "--time-format iso --time-format '%d/%m/%Y' reads it"),
        (WRITTEN["currency and thousands"][0], "--thousands , --currency-sign '$' reads it"),
        (lambda f: csv(f, amounts(german, 20)), "got 163 of 3254, 5%"),
        (lambda f: csv(f, amounts(german, 20)), "got 2.800,40; --decimal . --decimal ,"),
        (WRITTEN["semicolons"][0], "part them by --separator ';'"),
        (WRITTEN["tabs"][0], "part them by --separator tab"),
        (WRITTEN["Latin-1"][0], "got byte 0xe4 in line 1; name its encoding, such as --encoding"),
        (WRITTEN["milliseconds"][0], "got 1736121600000; --epoch ms reads it"),
        (lambda f: write(f, HEAD + "a,1736121600,1\n"), "--epoch s reads it"),
        (lambda f: write(f, HEAD + "a,04/05/2025,1\n"), "'%d/%m/%Y' or --time-format '%m/%d/%Y'"),
        (lambda f: write(f, HEAD + 'a,2025-01-06,"1,234"\n'), "--decimal , or --thousands ,"),
        (lambda f: write(f, HEAD + ",2025-01-06,1\n"), "--exclude 'customer_id is blank'"),
        (lambda f: write(f, HEAD + "a,,1\n"), "--exclude 'event_time is blank'"),
        (lambda f: write(f, HEAD + "a,2025-01-06,\n"), "--exclude 'amount is blank'"),
        (lambda f: write(f, "cust,event_time,amount\na,2025-01-06,1\n"), "name it by --id-column"),
        (lambda f: write(f, "customer_id,event_time\na,2025-01-06\n"), "--amount-column ''"),
    ],
)  # fmt: skip
def test_a_refusal_names_what_helps(tmp_path: Path, make, told: str) -> None:
    assert told in refusal(make(tmp_path))


def test_two_ways_of_amounts_are_read_when_both_are_named(tmp_path: Path) -> None:
    found = read(csv(tmp_path, amounts(german, 20)), decimal=[".", ","], thousands=".")
    assert found.cleaning.used == ROWS
    assert 280_040 in found.frame["amount"].to_list()


def test_what_two_named_ways_read_differently_is_read_by_none(tmp_path: Path) -> None:
    rows = 'a,13/05/2025,"1.234,5"\na,2025-05-14,1\na,04/05/2025,1\na,13/05/2025,1.234\n'
    options = {"time_format": ["iso", "%d/%m/%Y", "%m/%d/%Y"], "decimal": [".", ","]}
    found = read(write(tmp_path, HEAD + rows), thousands=".", allow_bad=1.0, **options)
    assert found.cleaning.left_out == {"bad_time": 1, "bad_amount": 1}
    assert found.frame["amount"].to_list() == [123_450, 100]


def test_minus_comes_in_the_ways_of_books_of_account(tmp_path: Path) -> None:
    rows = "".join(
        f"a,2025-01-06,{each}\n" for each in ("(5.00)", "5.00-", "-5", "\u22125", "( 5 )")
    )
    found = read(write(tmp_path, HEAD + rows))
    assert found.frame["amount"].to_list() == [500] * 5
    assert found.cleaning.refunds == 5


@pytest.mark.parametrize("bad", ["(-5)", "-5-", "5..0", "1,23", "5 EUR", "EUR", "1.2.3", "--5"])
def test_what_is_written_in_no_way_is_no_number(tmp_path: Path, bad: str) -> None:
    found = read(write(tmp_path, HEAD + f'a,2025-01-06,1\na,2025-01-06,"{bad}"\n'), allow_bad=1.0)
    assert found.cleaning.left_out == {"bad_amount": 1}


SHOP = {
    "id_column": "CustomerID",
    "time_column": "InvoiceDate",
    "amount": "Quantity * UnitPrice",
    "encoding": "latin-1",
    "time_format": "%m/%d/%Y %H:%M",
}


def test_a_shops_export_is_read_each_cause_told_once() -> None:
    file = DATA / "histories" / "shop-export-latin1.csv"
    assert "150 missing_id: " in refusal(file, **SHOP)
    found = read(file, **SHOP, exclude=["CustomerID is blank", "InvoiceNo starts with C"])
    assert found.cleaning.left_out == {"excluded": 177}
    assert found.cleaning.used == 600 - 177
    ids = found.frame["customer_id"].unique()
    assert not ids.str.contains(".", literal=True).any()
    lines = file.read_text("latin-1").splitlines()[1:]
    own = {
        row[5].removesuffix(".0")
        for row in (x.split(",") for x in lines)
        if row[5] and row[0][0] != "C"
    }
    assert set(ids) == own


def test_cancelled_lines_are_refunds_unless_they_are_left_out() -> None:
    file = DATA / "histories" / "shop-export-latin1.csv"
    found = read(file, **SHOP, exclude="CustomerID is blank")
    assert found.cleaning.refunds > 0
    assert found.cleaning.left_out == {"excluded": 150}


def test_an_operand_that_is_no_number_makes_a_bad_amount(tmp_path: Path) -> None:
    text = "customer_id,event_time,q,p\na,2025-01-06,2,1.5\na,2025-01-06,two,1.5\na,2025-01-06,,1\n"
    found = read(write(tmp_path, text), amount="q * p", allow_bad=1.0)
    assert found.frame["amount"].to_list() == [300]
    assert found.cleaning.left_out == {"missing_amount": 1, "bad_amount": 1}
    assert "got q two, p 1.5" in found.cleaning.first["bad_amount"]


def test_products_are_exact_to_the_cent(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    counts, cents = random.integers(-500, 500, 2_000), random.integers(1, 100_000, 2_000)
    frame = pl.DataFrame(
        {"customer_id": "a", "event_time": "2025-01-06", "q": counts, "p": cents / 100}
    )
    found = read(csv(tmp_path, frame), amount="q * p")
    assert sorted(found.frame["amount"]) == sorted(abs(counts * cents).tolist())


@pytest.mark.parametrize("blank", ["", " ", "NaN", "nan", "NULL", "None", "NA", "#N/A", "\\N"])
def test_nobody_is_nobody_however_it_is_written(tmp_path: Path, blank: str) -> None:
    text = HEAD + f"{blank},2025-01-06,1\na,2025-01-06,1\n"
    found = read(write(tmp_path, text), allow_bad=1.0)
    assert found.cleaning.left_out == {"missing_id": 1}
    found = read(write(tmp_path, text), exclude="customer_id is blank")
    assert found.cleaning.left_out == {"excluded": 1}


def test_ids_of_floats_blanks_and_text_are_one_customer(tmp_path: Path) -> None:
    rows = "".join(f"{each},2025-01-06,1\n" for each in ("12346.0", "12346", " 12346 ", "12346.00"))
    assert read(write(tmp_path, HEAD + rows)).cleaning.customers == 1


@pytest.mark.parametrize(
    "ids",
    [
        pl.Series([float(2**53 + 2 * each) for each in range(3)]),
        pl.Series([1.0, float(2**24)], dtype=pl.Float32),
        pl.Series(["7.0", "9007199254740993.0"]),
        pl.Series(["7.0", " 9007199254740993.0 "]),
        pl.Series(["4.50001E+15", "4.50002E+15"]),
        pl.Series(["7", "1e+16"]),
    ],
)
def test_ids_that_floats_have_merged_are_refused(tmp_path: Path, ids: pl.Series) -> None:
    frame = pl.DataFrame({"customer_id": ids, "event_time": "2025-01-06", "amount": 1.0})
    assert "column customer_id: expected whole numbers or text; a float" in refusal(
        parquet(tmp_path, frame)
    )


def test_large_whole_numbers_and_exact_floats_are_ids(tmp_path: Path) -> None:
    frame = pl.DataFrame({"customer_id": [2**53 + 1, 2**53 + 2], "event_time": "2025-01-06"})
    found = read(parquet(tmp_path, frame), amount_column="")
    assert found.cleaning.customers == 2
    exact = pl.DataFrame({"customer_id": [float(2**53 - 1), None], "event_time": "2025-01-06"})
    kept = read(parquet(tmp_path, exact), amount_column="", allow_bad=1.0)
    assert kept.frame["customer_id"].to_list() == [str(2**53 - 1)]


@pytest.mark.parametrize(
    ("one", "other"), [("0012", "12"), ("ab", "AB"), ("a-7", "a7"), ("A.1", "a1")]
)
def test_ids_that_differ_only_by_writing_stay_two_and_are_told(
    tmp_path: Path, one: str, other: str
) -> None:
    found = read(write(tmp_path, HEAD + f"{one},2025-01-06,1\n{other},2025-01-06,1\n"))
    assert found.cleaning.customers == 2
    (note,) = found.cleaning.notes
    assert "2 ids, such as" in note


def test_at_one_percent_a_file_is_used_and_above_it_refused(tmp_path: Path) -> None:
    good = "a,2025-01-06,1\n" * 198
    at = read(write(tmp_path, HEAD + good + "a,soon,1\n,2025-01-06,1\n"))
    assert at.cleaning.left_out == {"missing_id": 1, "bad_time": 1}
    above = write(tmp_path, HEAD + good + "a,soon,1\n,2025-01-06,1\na,2025-01-06,x\n")
    told = refusal(above)
    for cause in ("1 missing_id: ", "1 bad_time: ", "1 bad_amount: ", "got 3 of 201, 1.5%"):
        assert cause in told
    assert read(above, allow_bad=0.02).cleaning.used == 198


def test_what_was_asked_to_be_left_out_is_no_loss(tmp_path: Path) -> None:
    text = (
        HEAD.strip()
        + ",event_id\na,2025-01-06,1,e\na,2025-01-06,1,e\na,2026-01-06,1,f\nb,2025-01-06,1,g\n"
    )
    found = read(write(tmp_path, text), until=date(2025, 12, 31), exclude="customer_id = b")
    assert found.cleaning.left_out == {"excluded": 1, "duplicate": 1, "after_until": 1}


def extracts(folder: Path) -> list[str]:
    head, rows = HISTORY.read_text().split("\n", 1)
    lines = rows.splitlines(keepends=True)
    first = write(folder, head + "\n" + "".join(lines[:1827]), "extract-1.csv")
    return [first, write(folder, head + "\n" + "".join(lines[1627:]), "extract-2.csv")]


def test_rows_that_two_files_have_are_told_and_counted_once_on_request(tmp_path: Path) -> None:
    files = extracts(tmp_path)
    told = read_history(files, BOOK)
    assert told.cleaning.used == ROWS + 200
    (note,) = told.cleaning.notes
    assert note.startswith("200 rows stand in two files alike, the first at extract-2.csv: row 1")
    once = read_history(files, BOOK, layout=Layout(identical="drop"))
    assert once.cleaning.left_out == {"identical": 200}
    assert once.cleaning.used == ROWS


def test_what_one_file_has_twice_is_bought_twice(tmp_path: Path) -> None:
    twice = HEAD + "a,2025-01-06,1\n" * 2 + "b,2025-01-07,1\n"
    files = [write(tmp_path, twice, name) for name in ("1.csv", "2.csv")]
    once = read_history(files, BOOK, layout=Layout(identical="drop"))
    assert once.cleaning.used == 3
    assert once.cleaning.left_out == {"identical": 3}


def test_rows_of_event_ids_of_their_own_are_alike_only_with_the_same(tmp_path: Path) -> None:
    head = HEAD.strip() + ",event_id\n"
    files = [
        write(tmp_path, head + f"a,2025-01-06,1,{own}\na,2025-01-07,1,both\n", f"{own}.csv")
        for own in ("e1", "e2")
    ]
    found = read_history(files, BOOK, layout=Layout(identical="drop"))
    assert found.cleaning.left_out == {"duplicate": 1}
    assert found.cleaning.used == 3


def test_files_of_other_times_are_not_compared(tmp_path: Path) -> None:
    files = [write(tmp_path, HEAD + f"a,202{n}-01-06,1\n", f"{n}.csv") for n in (3, 4)]
    assert read_history(files, BOOK).cleaning.notes == ()


def test_a_purchase_before_a_midnight_that_clocks_skip_belongs_to_its_day() -> None:
    file = DATA / "histories" / "santiago.csv"
    found = read(file, SANTIAGO, until=date(2025, 9, 6))
    late = [x for x in file.read_text().splitlines()[1:] if x.split(",")[1] >= "2025-09-07"]
    assert found.cleaning.left_out == {"after_until": len(late)} == {"after_until": 1}


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("1970-01-01", "The first event is of 1970-01-01, 55 years before the last"),
        ("1999-12-31", "The first event is of 1999-12-31, 25 years before"),
    ],
)
def test_a_first_event_decades_ago_is_told(tmp_path: Path, first: str, told: str) -> None:
    found = read(write(tmp_path, HEAD + f"a,{first},1\n" + "a,2025-01-06,1\n" * 9))
    assert any(told in note for note in found.cleaning.notes)
    assert read(HISTORY).cleaning.notes == ()


def test_a_last_event_years_after_all_others_is_told(tmp_path: Path) -> None:
    rows = "a,2025-01-06,1\n" * 1_500 + "a,2050-01-01,1\n"
    (_, note) = read(write(tmp_path, HEAD + rows)).cleaning.notes
    assert "The last event is of 2050-01-01, 25 years after all but one in 1000" in note


def test_an_id_that_stands_for_many_is_told(tmp_path: Path) -> None:
    rows = "".join(f"c{n},2025-01-06,1\n" for n in range(30)) + "-1,2025-01-06,1\n" * 30
    (note,) = read(write(tmp_path, HEAD + rows)).cleaning.notes
    assert note.startswith("One customer, -1, has 50.0% of all rows")


def test_each_file_may_have_a_zone_of_its_own(tmp_path: Path) -> None:
    for name in ("west-1.csv", "east.csv"):
        write(tmp_path, HEAD + "a,2025-01-06 12:00,1\n", name)
    west = Layout(times_in="America/Los_Angeles")
    layout = Layout(times_in="America/New_York", files=(("west-*.csv", west),))
    found = read_history([tmp_path], BOOK, layout=layout)
    hours = [datetime.fromtimestamp(each / 1e6, UTC).hour for each in found.frame["time"]]
    assert hours == [17, 20]


def test_int96_times_are_read(tmp_path: Path) -> None:
    pyarrow, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    moment = datetime(2025, 1, 6, 12, 30, tzinfo=ZoneInfo("UTC")).replace(tzinfo=None)
    table = pyarrow.table({"customer_id": ["a"], "event_time": [moment], "amount": [1.0]})
    pq.write_table(table, tmp_path / "old.parquet", use_deprecated_int96_timestamps=True)
    found = read(tmp_path / "old.parquet")
    assert found.frame["time"].to_list() == [int(moment.replace(tzinfo=UTC).timestamp() * 1e6)]


def test_packed_text_of_another_encoding_is_read(tmp_path: Path) -> None:
    packed = gzip.compress(
        ("kunde,event_time,amount,ort\na,2025-01-06,1,Zürich\n").encode("cp1252")
    )
    found = read(write(tmp_path, packed, "log.csv.gz"), encoding="cp1252", id_column="kunde")
    assert found.cleaning.used == 1


def test_a_sheet_of_a_spreadsheet_is_read_and_another_refused_by_name(tmp_path: Path) -> None:
    head = ["customer_id", "event_time", "amount"]
    sheets = {
        "Notes": [["nothing", "to", "see"]],
        "Sales": [head, [17850, date(2025, 1, 6), 12.5], [17851, date(2025, 1, 7), 3]],
    }
    file = spreadsheet(tmp_path / "book.xlsx", sheets)
    found = read(file, sheet="Sales")
    assert found.frame["customer_id"].to_list() == ["17850", "17851"]
    assert found.frame["amount"].to_list() == [1250, 300]
    assert found.cleaning.first_day == date(2025, 1, 6)
    assert "--sheet: expected one of its sheets: Notes, Sales" in refusal(file, sheet="Other")
    assert "columns, one of them customer_id" in refusal(file)
    write(tmp_path, b"PK no book", "bad.xlsx")
    assert "expected a spreadsheet that can be read" in refusal(tmp_path / "bad.xlsx")


@pytest.mark.parametrize(
    ("day", "told"), [("1969-12-31", "< 1970-01-01"), ("9999-12-31", "> 2100-12-31")]
)
def test_days_the_wire_cannot_carry_are_told_with_how_to_leave_them_out(
    tmp_path: Path, day: str, told: str
) -> None:
    text = HEAD + f"a,{day},1\na,2025-01-06,1\n"
    assert f"--exclude 'event_time {told}' leaves such rows out" in refusal(write(tmp_path, text))
    kept = read(write(tmp_path, text), exclude=f"event_time {told}")
    assert kept.cleaning.used == 1


def test_a_leap_day_is_a_day(tmp_path: Path) -> None:
    text = HEAD + "a,2024-02-29,1\na,2025-02-29,1\na,2000-02-29,1\na,1900-02-29,1\n"
    found = read(write(tmp_path, text), allow_bad=1.0)
    assert found.cleaning.left_out == {"bad_time": 2}
    assert found.cleaning.first_day == date(2000, 2, 29)


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/Santiago"])
def test_a_spreadsheets_days_are_those_of_the_clock_on_the_wall(tmp_path: Path, zone: str) -> None:
    book = Book(BookCalendar(zone), RateTable("USD"))
    text = HEAD + "a,45658.979166667,1\na,45658,1\nb,61,1\n"  # 2025-01-01 23:30; 1900-03-01
    found = read(write(tmp_path, text), book, epoch="excel", allow_bad=0.5)
    assert found.cleaning.left_out == {"bad_time": 1}
    first, last = found.frame["time"].to_list()
    midnight = datetime(2025, 1, 1, tzinfo=ZoneInfo(zone)).timestamp()
    assert (first / 1e6, last / 1e6) == (midnight, midnight + 23.5 * 3600)


def test_purchases_written_below_zero_are_told_and_turned_round(tmp_path: Path) -> None:
    rows = "".join(f"a,2025-01-{day:02d},-{day}\n" for day in range(1, 10))
    file = write(tmp_path, HEAD + rows + "a,2025-01-10,2500\n")
    told = "9 of 10 events take purchases back: where a bank writes purchases below zero"
    assert read(file).cleaning.notes[0].startswith(told)
    turned = read(file, amount="0 - amount", exclude="amount > 0")
    assert turned.frame["amount"].to_list() == [100 * day for day in range(1, 10)]
    assert (turned.cleaning.refunds, turned.cleaning.notes) == (0, ())
