"""`ebbwatch look` at files whose meaning stands in their names, signs or sheets alone."""

import json
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from bank_exports import ROWS, plain
from histories import write
from spreadsheets import spreadsheet
from typer.testing import CliRunner

from ebbwatch.cli import command_line


def look(*words: str):
    found = CliRunner().invoke(command_line(), ["look", *words, "--json"])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_the_sheet_that_has_customers_is_proposed_and_the_others_are_told(tmp_path: Path) -> None:
    head = ["Client No", "Day", "Spent"]
    rows = [[1_000 + n, date(2025, 1, 6 + n), 12.5] for n in range(3)]
    sheets = {"Notes": [["see the next sheet"]], "Sales": [head, *rows], "Old": [head, *rows]}
    found = look(spreadsheet(tmp_path / "book.xlsx", sheets))
    assert found["options"] == {
        "id-column": "Client No",
        "time-column": "Day",
        "amount-column": "Spent",
        "sheet": "Sales",
    }
    assert found["questions"] == ["Another of its sheets may be meant: Notes, Old."]
    typed = look(spreadsheet(tmp_path / "book.xlsx", sheets), "--sheet", "Old")
    assert (typed["questions"], typed["history"]["used"]) == ([], 3)


def test_a_statements_purchases_below_zero_are_a_question_with_what_turns_them(
    tmp_path: Path,
) -> None:
    rows = "".join(f"a,2025-01-{day:02d},-{day}\n" for day in range(1, 10))
    file = write(tmp_path, "account,posted,Net amount\n" + rows + "a,2025-01-10,2500\n")
    found = look(file)
    assert found["alternatives"] == [{"amount": "0 - Net amount"}]
    assert "--amount '0 - Net amount' turns them round" in found["questions"][0]
    assert look(file, "--amount", "0 - Net amount")["history"]["refunds"] == 1


@pytest.mark.parametrize("name", ["Montant", "Spent", "Belopp", "x"])
def test_amounts_of_a_foreign_name_are_found_and_of_none_are_a_question(
    tmp_path: Path, name: str
) -> None:
    file = tmp_path / "log.csv"
    plain().rename({"amount": name}).write_csv(file)
    found = look(str(file))
    assert (found["options"], found["history"]["zero_purchases"]) == ({"amount-column": name}, 0)
    asked = ["Column x is taken for amounts: is it?"]
    assert found["questions"] == (asked if name == "x" else [])


def test_a_spreadsheets_count_of_days_is_a_time_and_five_digits_elsewhere_are_not(
    tmp_path: Path,
) -> None:
    days = pl.col("event_time").str.to_datetime().dt.epoch("d") + 25_569
    frame = plain().with_columns(event_time=days, customer_id=pl.lit("17850"))
    file = tmp_path / "log.csv"
    frame.write_csv(file)
    found = look(str(file))
    assert found["options"] == {"epoch": "excel"}
    assert found["history"]["used"] == ROWS
    first = datetime.fromisoformat(min(plain()["event_time"])).date()
    assert found["history"]["first_day"] == str(first)
    could = {one["name"]: one["could_be"] for one in found["columns"]}
    assert could["customer_id"] == ["a number"]


LINES = [("a", "2025-01-06"), ("b", "2025-02-16"), ("b", "2025-03-07")]
HEAD = "Kunde,Datum,Betrag\n"
MONTHS = {"01": "Jänner", "02": "Feb.", "03": "März"}
ORACLES = {"01": "JAN", "02": "FEB", "03": "MAR"}


def rows(written) -> str:
    """A file whose times are written in a way, of year, month and day."""
    return HEAD + "".join(f"{who},{written(*day.split('-'))},1.5\n" for who, day in LINES)


WAYS = {
    "lines before the columns": (
        "Bank AG, Zürich\nBis 1.3.2025;;\nKunde;Datum;Betrag\n"
        + "".join(f"{who};{day};1,50\n" for who, day in LINES),
        {"separator": ";", "skip-lines": 2, "decimal": [","]},
    ),
    "a separator behind the last column": (
        "Kunde,Datum,Betrag,\n" + "".join(f"{who},{day},1.5,\n" for who, day in LINES), {},
    ),
    "months of another language": (
        rows(lambda y, m, d: f"{d}. {MONTHS[m]} {y}"), {"time-format": ["%d. %B %Y"]},
    ),
    "UTC behind the time": (rows(lambda y, m, d: f"{y}-{m}-{d} 10:30:00.25 UTC"), {}),
    "a database's timestamps": (
        rows(lambda y, m, d: f"{d}-{ORACLES[m]}-{y[2:]} 10.30.00.000000 AM"),
        {"time-format": ["%d-%B-%y %I.%M.%S%.f %p"]},
    ),
    "fourteen digits": (
        rows(lambda y, m, d: f"{y}{m}{d}103000"), {"time-format": ["%Y%m%d%H%M%S"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WAYS)
def test_what_banks_programs_write_is_found_and_read(tmp_path: Path, name: str) -> None:
    text, options = WAYS[name]
    found = look(write(tmp_path, text))
    named = {"id-column": "Kunde", "time-column": "Datum", "amount-column": "Betrag"}
    assert (found["options"], found["questions"]) == ({**named, **options}, [])
    told = found["history"]
    assert (told["used"], told["first_day"], told["last_day"]) == (3, "2025-01-06", "2025-03-07")


def test_a_total_in_the_last_line_hides_no_column(tmp_path: Path) -> None:
    bought = "".join(f"c{n % 7};{1 + n % 28:02d}.0{1 + n % 9}.2025;1,50\n" for n in range(200))
    found = look(write(tmp_path, f"Kunde;Datum;Betrag\n{bought};Summe;300,00\n"))
    assert found["options"]["time-format"] == ["%d.%m.%Y"]
    assert found["history"]["left_out"]["missing_id"]["rows"] == 1


def test_money_in_and_out_in_one_column_is_a_question(tmp_path: Path) -> None:
    bought = "a,2025-01-06,1,D\na,2025-01-07,2500,C\n"
    found = look(write(tmp_path, "customer_id,event_time,amount,DC\n" + bought))
    assert "--exclude 'DC = C' leaves such rows out" in found["questions"][0]


def test_a_file_that_cannot_be_opened_is_refused_as_it_is(tmp_path: Path) -> None:
    file = write(tmp_path, "a,b\n1,2,3\n4,5,6,7,8\n")
    found = CliRunner().invoke(command_line(), ["look", file])
    assert (found.exit_code, "a CSV file that can be read" in found.output) == (1, True)


def test_ids_that_a_spreadsheet_shortened_are_not_read(tmp_path: Path) -> None:
    rows = "4.50001E+15,2025-01-06,1\n4.50002E+15,2025-01-07,1\n"
    found = look(write(tmp_path, "customer_id,event_time,amount\n" + rows))
    assert "text such as 4.5E+15 all that begin alike, got '4.50001E+15'" in found["refused"]
    assert found["command"] is None
