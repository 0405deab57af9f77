"""Options of a history: what they take, what they refuse, and their file."""

from pathlib import Path

import polars as pl
import pytest
from histories import BOOK, write

from modelling.history import HistoryError, read_history
from modelling.history.layout import beside, layout_of, read_options, typed_over
from modelling.history.layout.filters import parse_filter
from modelling.history.layout.formula import parse_formula
from modelling.history.layout.numbers import Numbers


def value(text: str, **columns: float) -> float:
    return (
        pl.DataFrame({n: [float(v)] for n, v in columns.items()})
        .select(parse_formula(text).value)
        .item()
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a * b", 6.0),
        ("a + b * 2", 8.0),
        ("(a + b) * 2", 10.0),
        ("a - b - 1", -2.0),
        ("-a * b", -6.0),
        ("-(a - b)", 1.0),
        ('`a` * "b"', 6.0),
        ("a*0.01", 0.02),
        ("a - -b", 5.0),
    ],
)  # fmt: skip
def test_a_formula_is_worked_out_as_in_arithmetic(text: str, expected: float) -> None:
    assert value(text, a=2, b=3) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "2", "a *", "* a", "a b) *", "(a", "a + + ", "()", "1 * 2", '"a', "a ** 2 *",
    ],
)  # fmt: skip
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(HistoryError, match="--amount: expected columns and numbers"):
        parse_formula(text)


@pytest.mark.parametrize("text", ["__import__('os')", "a.b * c", "a / b", "f(a)", "a; b", "a[0]"])
def test_a_formula_runs_nothing(tmp_path: Path, text: str) -> None:
    log = write(tmp_path, "customer_id,event_time,amount\na,2025-01-06,1\n")
    with pytest.raises(HistoryError, match=r"--amount|one of them"):
        read_history([log], BOOK, layout=layout_of({"amount": text}))


CELLS = pl.Series("n", ["C1", "10", "9.5", " c2 ", "", None, "2025-01-06", "1.0"])


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("n starts with C", [0]),
        ("n ends with 5", [2]),
        ("n contains 2", [3, 6]),
        ("n = 10", [1]),
        ("n = '10'", [1]),
        ("n = 1", [7]),
        ("n != 10", [2, 7]),
        ("n != '10'", [0, 2, 3, 6, 7]),
        ("n < 10", [2, 7]),
        ("n <= 10", [1, 2, 7]),
        ("n > 9", [1, 2]),
        ("n>=10", [1]),
        ("n > 2025-01-05", [0, 2, 3, 6]),
        ("n is blank", [4, 5]),
        ("n is not blank", [0, 1, 2, 3, 6, 7]),
        ('"n" is  blank', None),
    ],
)
def test_a_filter_leaves_out_what_it_says(text: str, rows: list[int] | None) -> None:
    if rows is None:
        with pytest.raises(HistoryError):
            parse_filter(text)
        return
    found = parse_filter(text).rows(CELLS, Numbers())
    assert found.arg_true().to_list() == rows


@pytest.mark.parametrize("text", ["", "n", "n like x", "n starts with", "= 5", "n ==", "is blank"])
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(HistoryError, match="--exclude: expected COLUMN is blank"):
        parse_filter(text)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"decimal": ";"}, "--decimal: expected one of"),
        ({"thousands": "x"}, "--thousands: expected one of"),
        ({"decimal": ",", "thousands": ","}, "--thousands: expected another sign than --decimal ,"),
        ({"separator": ";;"}, "--separator: expected one sign"),
        ({"encoding": "utf-99"}, "--encoding: expected an encoding such as"),
        ({"time-format": "%d/%m"}, "--time-format: expected iso, or a format"),
        ({"time-format": "soon"}, "--time-format: expected iso, or a format"),
        ({"time-format": "%Q"}, "--time-format: expected iso, or a format"),
        ({"epoch": "minutes"}, "--epoch: expected one of s, ms, us, ns, excel"),
        ({"skip-lines": -1}, "--skip-lines: expected how many lines, from 0 on"),
        ({"skip-lines": "three"}, "--skip-lines: expected how many lines, from 0 on"),
        ({"times-in": "Mars/Base"}, "--times-in: expected a zone such as"),
        ({"currency-sign": "5"}, "--currency-sign: expected a sign or code"),
        ({"allow-bad": 2}, "--allow-bad: expected a share"),
        ({"column": ["stars"]}, "--column: expected NAME=COLUMN"),
        ({"column": ["stars=n"]}, "--column: expected NAME=COLUMN"),
        ({"id-column": ""}, "--id-column: expected a column's name"),
        ({"amount": "a", "amount-column": "b"}, "--amount: expected this or amount-column"),
        ({"amount-unit": "cents"}, "--amount-unit: expected one of major, minor"),
        ({"seperator": ";"}, "--seperator: expected one of id-column"),
        ({"sheet": 2}, "--sheet: expected text"),
        ({"exclude": [1]}, "--exclude: expected text, or a list of it"),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_name(given, told: str) -> None:
    with pytest.raises(HistoryError) as refused:
        layout_of(given)
    assert told in str(refused.value)


FILE = """
id-column = "Cust"
decimal = [","]
separator = ";"

[column]
score = "Stars"

[files."west-*.csv"]
times-in = "America/Los_Angeles"
separator = "tab"
"""


def test_an_options_file_holds_for_all_files_and_single_ones(tmp_path: Path) -> None:
    file = tmp_path / "ebbwatch.toml"
    file.write_text(FILE)
    layout = read_options(file, {"decimal": ["."]})
    assert (layout.columns.customer_id, layout.columns.score) == ("Cust", "Stars")
    assert layout.numbers.decimals == (".",)  # what is typed goes before
    west = layout.of(tmp_path / "west-1.csv")
    assert (west.times_in, west.separator, west.numbers.decimals) == (
        "America/Los_Angeles", "\t", (".",),
    )  # fmt: skip
    assert layout.of(tmp_path / "east.csv").separator == ";"
    assert typed_over(file, {"separator": ","})["separator"] == ","


def test_the_file_beside_the_data_is_found_and_one_of_two_is_not_guessed(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "log.csv").touch()
    assert beside([tmp_path / "a" / "log.csv"]) is None
    (tmp_path / "a" / "ebbwatch.toml").write_text(FILE)
    both = [tmp_path / "a", tmp_path / "b" / "log.csv"]
    assert beside(both) == tmp_path / "a" / "ebbwatch.toml"
    (tmp_path / "b" / "ebbwatch.toml").write_text(FILE)
    with pytest.raises(HistoryError, match="expected one options file for all of a history"):
        beside(both)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id-column =", "ebbwatch.toml: expected TOML"),
        ('seperator = ";"', "ebbwatch.toml: seperator: expected one of id-column"),
        ('decimal = ";"', "ebbwatch.toml: decimal: expected one of"),
        ("id-column = 5", "ebbwatch.toml: id-column: expected text"),
        ("files = 5", "ebbwatch.toml: files: expected tables such as"),
        ('[files."a*"]\nallow-bad = 0.5', "files.a*: allow-bad: expected it above all tables"),
        ('[files."a*"]\nepoch = "h"', "files.a*: epoch: expected one of s, ms"),
    ],
)
def test_what_is_wrong_in_an_options_file_is_told_of_it(tmp_path: Path, text, told: str) -> None:
    file = tmp_path / "ebbwatch.toml"
    file.write_text(text)
    with pytest.raises(HistoryError) as refused:
        read_options(file, {})
    assert told in str(refused.value)


def test_a_formula_that_is_typed_goes_before_a_column_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "ebbwatch.toml"
    file.write_text('amount-column = "paid"\n')
    assert read_options(file, {"amount": "q * p"}).formula == parse_formula("q * p")
    file.write_text('amount = "q * p"\n')
    typed = read_options(file, {"amount-column": "paid"})
    assert (typed.formula, typed.columns.amount) == (None, "paid")
