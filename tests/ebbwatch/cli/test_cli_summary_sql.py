"""`ebbwatch summary-sql`, and the commands that take what its queries make."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import warehouse_engines as engines
from churn_cases import few_thresholds as few_thresholds  # noqa: PLC0414 - a fixture
from histories import BOOK, cdnow_sample, complete_journey
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from modelling.churn.run import ChurnRequest, fit_churn
from modelling.history import Columns, Layout, read_history
from modelling.warehouse import read_lives
from scoring.parameters import Silence
from streams.parameters.file import read_document

pytestmark = pytest.mark.slow
NEW_YORK = ("--currency", "USD", "--timezone", "America/New_York")
UTC = ("--currency", "USD", "--timezone", "UTC")
JSON = ("--json", "--out")
COLUMNS = Columns(customer_id="household_id", event_time="at", amount="value")
NAMES = ("--id-column", "household_id", "--time-column", "at", "--amount-column", "value")
ROUNDING = 1e-12  # of sums that are made in another order


def run(*words: str) -> Any:
    return CliRunner().invoke(command_line(), list(words))


def done(*words: str) -> Any:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(*words: str) -> str:
    result = run(*words)
    assert result.exit_code == 1, result.output
    return result.stderr


@pytest.fixture(scope="module")
def baskets(tmp_path_factory: pytest.TempPathFactory) -> tuple[pl.DataFrame, Path]:
    table, file = complete_journey(), tmp_path_factory.mktemp("baskets") / "baskets.parquet"
    table.write_parquet(file)
    return table, file


def cdnow() -> pl.DataFrame:
    table = cdnow_sample().with_columns(pl.col("Tag").str.to_datetime())
    return table.rename({"Kunde": "household_id", "Tag": "at", "Betrag": "value"})


def made(table: pl.DataFrame, out: Path, *words: str, book: tuple[str, ...] = NEW_YORK) -> str:
    asked = ("summary-sql", "--dialect", "duckdb", "--table", engines.TABLE, *book, *NAMES)
    sql = run(*asked, *words)
    assert sql.exit_code == 0, sql.output
    return str(engines.duckdb(table, sql.stdout, out))


@pytest.mark.by_lot(1)
@pytest.mark.parametrize("model", ["bgnbd", "paretonbd", "gammagamma"])
def test_a_fit_to_a_summary_is_the_fit_to_the_files(
    baskets: tuple[pl.DataFrame, Path], tmp_path: Path, model: str
) -> None:
    table, file = baskets
    window = ("--until", "2017-09-30", "--holdout", "2017-12-31")
    common = ("--model", model, *NEW_YORK, "--json")
    own = done("fit", str(file), *NAMES, *window, *common, "--out", str(tmp_path / "files.json"))
    summary = made(table, tmp_path / "customers.parquet", *window)
    theirs = done("fit", "--summary", summary, *common, "--out", str(tmp_path / "summary.json"))
    for name in ("parameters", "log_likelihood", "standard_errors", "spend", "holdout", "window"):
        assert theirs[name] == own[name], name
    assert theirs["cleaning"] == own["cleaning"]
    files, summaries = (
        json.loads((tmp_path / f"{n}.json").read_text()) for n in ("files", "summary")
    )
    assert summaries["fit"].pop("source") == "warehouse"
    assert files["fit"].pop("source") == "files"
    assert _without(files, "name", "sha256") == _without(summaries, "name", "sha256")


def test_a_scorecard_of_lives_is_the_scorecard_of_the_files(tmp_path: Path) -> None:
    table = cdnow().filter(pl.col("household_id").str.ends_with("7"))
    table.write_parquet(tmp_path / "some.parquet")
    read = read_lives(made(table, tmp_path / "l.parquet", "--for", "fit-churn", book=UTC), BOOK)
    files = read_history([tmp_path / "some.parquet"], BOOK, layout=Layout(columns=COLUMNS)).events()
    request = ChurnRequest(leaving=Silence(days=98.0))
    logs = files, read.events()
    own, theirs = (fit_churn(log, read_document(None), request).document for log in logs)
    for name in ("churn", "reference"):
        assert _numbers(theirs[name]) == pytest.approx(_numbers(own[name]), rel=ROUNDING)


def test_commands_take_lives_of_some_customers_for_all(tmp_path: Path) -> None:
    table = cdnow().filter(pl.col("household_id").str.contains("[37]$"))
    asked = ("--for", "calibrate", "--share", "0.5")
    lives = made(table, tmp_path / "lives.parquet", *asked, book=UTC)
    out = tmp_path / "bank.json"
    told = done("calibrate", "--summary", lives, *UTC, "--leaving", "silence:98", *JSON, str(out))
    assert "a share of 0.5 of the customers" in told["steps"][0]["words"]
    assert json.loads(out.read_text())["churn"]["fit"]["share"] == 0.5
    assert told["recommended"]["share"] == 0.5


def _numbers(value: Any, path: str = "") -> dict[str, Any]:
    """All leaves by their place."""
    if isinstance(value, dict):
        items: Any = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return {path: value} if isinstance(value, int | float) else {}
    return {k: v for name, one in items for k, v in _numbers(one, f"{path}/{name}").items()}


def _without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("summary")
    table = cdnow().with_columns(pl.col("at").dt.replace_time_zone("UTC"))
    return made(table, folder / "customers.parquet", "--time-type", "instant")


FIT = ("fit", "--model", "bgnbd", *NEW_YORK, "--summary")


def test_what_is_no_such_table_is_refused(customers: str, tmp_path: Path) -> None:
    out = ("--out", str(tmp_path / "o.json"))
    frame = pl.read_parquet(customers)

    def told(changed: pl.DataFrame) -> str:
        file = tmp_path / "changed.parquet"
        changed.write_parquet(file)
        return refused(*FIT, str(file), *out)

    assert "expected it or HISTORY, got both" in refused(*FIT, customers, "log.csv", *out)
    assert "got no column frequency" in told(frame.drop("frequency"))
    assert "got no column summary_of" in told(pl.DataFrame({"x": [1]}))
    assert "expected the result of one query, got 2" in told(
        pl.concat([frame, frame.with_columns(count_rows=pl.lit(7, pl.Int64))])
    )
    assert "expected each customer once" in told(pl.concat([frame, frame.head(1)]))
    assert "expected at least one row" in told(frame.head(0))
    assert "expected Int64 values, got soon in row 1" in told(
        frame.with_columns(frequency=pl.lit("soon"))
    )
    assert "got customers, version 9" in told(frame.with_columns(summary_version=pl.lit(9)))
    zurich = ("fit", "--model", "bgnbd", "--currency", "CHF", "--timezone", "Europe/Zurich")
    words = refused(*zurich, "--summary", customers, *out)
    assert "got USD and America/New_York; give --currency and --timezone" in words
    assert "--until: expected 1998-06-" in refused(*FIT, customers, "--until", "1997-01-01", *out)
    churn = ("fit-churn", "--summary", customers, *out)
    assert "summary-sql --for fit-churn or calibrate made, got" in refused(*churn)
    assert "text.csv" in refused(*FIT, str(tmp_path / "text.csv"), *out)


def test_a_csv_does_as_well(customers: str, tmp_path: Path) -> None:
    pl.read_parquet(customers).write_csv(tmp_path / "customers.csv")
    out = ("--out", str(tmp_path / "o.json"), "--json")
    same = (done(*FIT, str(path), *out) for path in (customers, tmp_path / "customers.csv"))
    first, second = (one["parameters"] for one in same)
    assert first == second


def test_what_cannot_be_asked_is_refused() -> None:
    asked = ("summary-sql", "--dialect", "spark", "--table", "t", *NEW_YORK)
    assert "--share: expected above 0, 1 at most" in refused(*asked, "--share", "0")
    assert "a day after --until" in refused(*asked, "--holdout", "2025-01-01")
    words = refused(*asked[:5], "--currency", "XYZ", "--timezone", "UTC")
    assert "--currency: expected an ISO 4217 code" in words
    assert "--column: expected NAME=COLUMN" in refused(*asked, "--column", "nothing")
    words = refused(*asked[:5], "--currency", "USD", "--timezone", "Mars/Base")
    assert "--timezone: expected a zone such as Europe/Zurich, got Mars/Base" in words
    told = done(*asked, "--json", "--until", date(2025, 1, 1).isoformat())
    assert told["sql"].startswith("-- Run SET TIME ZONE 'UTC' first")
    assert told["dialect"] == "spark"
