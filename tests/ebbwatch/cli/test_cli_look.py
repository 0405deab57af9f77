"""`ebbwatch look`, and what every command says of the rows it read."""

import json
import shlex
from pathlib import Path

import polars as pl
import pytest
from bank_exports import CUSTOMERS, HISTORY, ROWS, SHOP_OPTIONS, amounts, dates, plain, write_shop
from churn_cases import few_thresholds as few_thresholds  # noqa: PLC0414 - a fixture
from histories import BOOK, DATA, write
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from modelling.churn.labels import match, read_labels
from modelling.history import read_events

LABELS = DATA / "histories"
KEYS = {"rows", "used", "left_out", "refunds", "zero_purchases", "customers", "first_day"}


def run(*words: str):
    return CliRunner().invoke(command_line(), list(words))


def done(*words: str):
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*words: str) -> str:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_shop(tmp_path_factory.mktemp("shop") / "shop.csv", 4_000)


EXPORTS = {
    "day first": (lambda: dates("%d/%m/%Y"), ",", {"time-format": ["%d/%m/%Y"]}),
    "two ways of days": (
        lambda: dates("%d.%m.%Y", 3), ",", {"time-format": ["iso", "%d.%m.%Y"]}
    ),
    "semicolons": (
        lambda: amounts(lambda a: a.replace(".", ",")), ";", {"separator": ";", "decimal": [","]}
    ),
    "currency": (
        lambda: amounts(lambda a: f"£{float(a):,.2f}"), ",",
        {"thousands": [","], "currency-sign": ["£"]},
    ),
    "names of its own": (
        lambda: plain().rename(
            {"customer_id": "Card Holder", "event_time": "BookingDate", "amount": "Amt"}
        ),
        "\t",
        {"id-column": "Card Holder", "time-column": "BookingDate", "amount-column": "Amt",
         "separator": "tab"},
    ),
    "no amounts": (lambda: plain().drop("amount"), ",", {"amount-column": ""}),
    "a time of a short name": (
        lambda: plain().rename({"event_time": "ts"}), ",", {"time-column": "ts"}
    ),
    "a time of a name that tells nothing": (
        lambda: plain().rename({"event_time": "x1"}), ",", {"time-column": "x1"}
    ),
    "a currency of its own": (
        lambda: plain().with_columns(pl.lit("SEK").alias("Währung")), ",",
        {"column": ["currency=Währung"]},
    ),
}  # fmt: skip


@pytest.mark.by_lot(4)
@pytest.mark.parametrize("name", EXPORTS)
def test_a_look_finds_the_options_and_its_command_works_as_typed(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, separator, options = EXPORTS[name]
    file = tmp_path / "an export.csv"
    make().write_csv(file, separator=separator)
    found = done("look", str(file))
    assert found["options"] == options
    assert found["history"]["used"] == ROWS
    assert found["history"]["customers"] == found["purchase_days"]["customers"] == CUSTOMERS
    monkeypatch.chdir(tmp_path)
    fitted = run(*shlex.split(found["command"])[1:], "--model", "bgnbd", "--json")
    assert fitted.exit_code == 0, fitted.output
    assert json.loads(fitted.stdout)["history"]["used"] == ROWS


def test_a_look_at_a_shops_export_finds_all_of_it(shop: str) -> None:
    found = done("look", shop)
    assert found["options"] == {
        "id-column": "CustomerID",
        "time-column": "InvoiceDate",
        "amount": "Quantity * UnitPrice",
        "encoding": "cp1252",
        "time-format": ["%m/%d/%Y %H:%M"],
        "exclude": ["CustomerID is blank"],
    }
    columns = {each["name"]: each for each in found["columns"]}
    assert columns["CustomerID"]["blank"] > 0.1
    assert columns["InvoiceDate"]["as_time"] == ["--time-format '%m/%d/%Y %H:%M'"]
    assert found["history"]["refunds"] > 0


def test_what_reads_in_two_ways_is_a_question(tmp_path: Path) -> None:
    file = write(tmp_path, "customer_id,event_time,amount\n" + "a,01/02/2025,1\nb,02/03/2025,2\n")
    found = done("look", file)
    (question,) = found["questions"]
    assert "'%d/%m/%Y' or --time-format '%m/%d/%Y': which is right?" in question
    assert found["alternatives"] == [{"time-format": ["%m/%d/%Y"]}]
    assert f"To be decided: {question[:20]}" in run("look", file).stdout


def test_a_look_that_finds_no_customer_says_how_to_name_one(tmp_path: Path) -> None:
    found = done("look", write(tmp_path, "x,when,amount\n1,2025-01-06,1\n2,2025-01-06,1\n"))
    assert found["missing"] == ["a column of customer ids: name it by --id-column"]
    assert found["command"] is None
    named = done("look", write(tmp_path, "x,when,amount\n1,2025-01-06,1\n2,2025-01-06,1\n"),
                 "--id-column", "x")  # fmt: skip
    assert named["history"]["used"] == 2


def test_a_look_shows_no_card_number(tmp_path: Path) -> None:
    card = "4111111111111111"
    file = write(tmp_path, f"customer_id,event_time,amount,pan\na,2025-01-06,1,{card}\n" * 1)
    told = run("look", file).stdout + run("look", file, "--json").stdout
    assert card not in told
    assert "a number of 16 digits" in told


def test_bad_rows_are_a_question_and_not_left_out_quietly(tmp_path: Path) -> None:
    rows = "a,2025-01-06,1\n" * 90 + "b,2025-01-07,1\n" * 5 + "a,2025-01-06,one\n" * 5
    found = done("look", write(tmp_path, "customer_id,event_time,amount\n" + rows))
    assert found["options"]["allow-bad"] == pytest.approx(0.05)
    assert any("5.0% of the rows cannot be used" in each for each in found["questions"])


def test_wire_events_need_no_look(tmp_path: Path) -> None:
    assert "wire events, which need no options" in refused("look", write(tmp_path, "{}", "a.jsonl"))


def test_options_that_were_written_hold_for_every_command(shop: str, tmp_path: Path) -> None:
    file = tmp_path / "shop.csv"
    file.write_bytes(Path(shop).read_bytes())
    written = done("look", str(file), "--write")
    assert Path(written["written"]).name == "ebbwatch.toml"
    assert "--id-column" not in written["command"]
    assert "expected no options file yet" in refused("look", str(file), "--write")
    out = str(tmp_path / "out.json")
    for words in (
        ("fit", str(file), "--model", "bgnbd", "--out", out),
        ("features", str(file), "--at", "2011-02-01", "--out", str(tmp_path / "x.parquet")),
        ("backtest", str(file)),
    ):
        told = done(*words)["history"]
        assert told.keys() >= KEYS
        assert (told["rows"], told["refunds"]) == (4_000, written["history"]["refunds"])
        assert told["left_out"]["excluded"]["first"].endswith("CustomerID is blank")


@pytest.mark.by_lot(1)
@pytest.mark.slow
@pytest.mark.parametrize("command", ["fit-churn", "calibrate"])
def test_a_shops_export_goes_through_the_long_commands(
    shop: str, tmp_path: Path, command: str
) -> None:
    more = ("--horizon-days", "30") if command == "fit-churn" else ()
    options = (*SHOP_OPTIONS, "--exclude", "CustomerID is blank")
    told = done(command, shop, *options, "--out", str(tmp_path / "out.json"), *more)
    assert told["history"]["rows"] == 4_000
    assert told["history"]["customers"] > 20


def test_people_are_told_what_became_of_the_rows(shop: str, tmp_path: Path) -> None:
    options = (*SHOP_OPTIONS, "--exclude", "CustomerID is blank")
    words = ("features", shop, *options, "--at", "2011-02-01", "--out", str(tmp_path / "x.csv"))
    told = run(*words).stdout
    assert "4000 rows read, " in told
    assert "rows left out as excluded; first " in told


def test_a_quarter_without_a_customer_is_refused_until_it_is_asked_for(shop: str) -> None:
    told = refused("backtest", shop, *SHOP_OPTIONS)
    assert "missing_id: " in told
    assert "--exclude 'CustomerID is blank' leaves such rows out" in told
    assert "--allow-bad" in told


def fit_churn(labels: Path, out: Path, *words: str):
    asked = ("fit-churn", str(HISTORY), "--horizon-days", "28", "--out", str(out))
    return (*asked, "--labels", str(labels), *words)


def test_labels_without_their_zeros_are_refused_with_what_is_near(tmp_path: Path) -> None:
    words = fit_churn(LABELS / "labels-half-without-zeros.csv", tmp_path / "out.json")
    told = refused(*words)
    assert "expected at most 10% of labels of nobody (--allow-unmatched), got 106 of 211" in told
    assert "they match in 106 ids, such as 218 beside 000218" in told
    assert not (tmp_path / "out.json").exists()


@pytest.mark.slow
def test_labels_with_blanks_behind_all_match(tmp_path: Path) -> None:
    found = done(*fit_churn(LABELS / "labels-trailing-space.csv", tmp_path / "out.json"))
    assert found["labels"] == {"labels": 211, "matching": 211, "unlabelled": 89}


def test_labels_of_a_float_column_match_ids_of_text(tmp_path: Path) -> None:
    history = plain().with_columns(pl.col("customer_id").cast(pl.Int64))
    history.write_csv(tmp_path / "log.csv")
    labels = pl.read_csv(LABELS / "labels-trailing-space.csv", infer_schema=False)
    floats = pl.col("customer_id").str.strip_chars().cast(pl.Float64)
    labels.with_columns(floats).write_csv(tmp_path / "labels.csv")

    log = read_events([tmp_path / "log.csv"], BOOK)
    assert match(read_labels(tmp_path / "labels.csv", "UTC"), log.customers, 0.0).matching == 211


def test_a_history_without_amounts_is_fitted_and_the_spend_told_as_not(tmp_path: Path) -> None:
    file = tmp_path / "log.csv"
    plain().select(cust="customer_id", date="event_time").write_csv(file)
    words = ("--id-column", "cust", "--time-column", "date", "--out", str(tmp_path / "o.json"))
    found = done("fit", str(file), "--model", "bgnbd", *words)
    assert found["customers"] == CUSTOMERS
    assert "The history has no amounts." in found["diagnostics"]
    assert found["spend"] is None


def test_who_left_before_1970_has_left_and_9999_is_nobodys_leaving(tmp_path: Path) -> None:
    file = write(tmp_path, "customer_id,left_at\na,1965-03-01\nb,9999-12-31\nc,\n", "labels.csv")
    gone = read_labels(Path(file), "UTC").gone_at([b"a", b"b", b"c"], [0.0])
    assert gone.tolist() == sorted(gone)
    assert gone[0] < 0.0
    assert gone[1] > 4e9
