"""`ebbwatch simulate`, and that the commands that read a history read what it writes."""

import json
from functools import partial

import pytest
from typer.testing import CliRunner

from ebbwatch.cli import command_line

run = partial(CliRunner().invoke, command_line())
SMALL = ("simulate", "--customers", "150", "--days", "300", "--seed", "5")


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    out = tmp_path_factory.mktemp("simulated") / "bank"
    done = run([*SMALL, "--out", str(out), "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_bank_is_written_and_told_for_machines(bank):
    assert bank["customers"] == 150 == sum(bank["reasons"].values())
    assert bank["count"] > 20_000
    assert bank["left"] >= bank["closed"]


def test_a_bank_is_written_and_told_for_people(tmp_path):
    out = tmp_path / "bank"
    asked = ["--out", str(out), "--format", "parquet", "--currency", "EUR", "--start", "2025-01-01"]
    done = run([*SMALL, *asked])
    assert done.exit_code == 0, done.output
    assert f"events of 150 customers in {out}/events" in done.stdout
    assert f"Who, when and why: {out}/truth.csv" in done.stdout


@pytest.mark.by_lot(2)
@pytest.mark.slow
@pytest.mark.parametrize(
    "asked",
    [
        ("fit", "{}", "--model", "mbgnbd", "--time-unit", "day", "--out", "OUT"),
        ("backtest", "{}", "--horizon-days", "60"),
        ("features", "{}", "--at", "2024-06-01", "--out", "OUT.csv"),
    ],
    ids=lambda asked: asked[0],
)
def test_commands_that_read_a_history_read_it(bank, tmp_path, asked):
    words = [word.replace("{}", bank["events"]) for word in asked]
    done = run([word.replace("OUT", str(tmp_path / "out")) for word in words])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--customers", "0"), "ebbwatch: customers: expected 1 to 9999999, got 0"),
        (("--customers", "10000000"), "customers: expected 1 to 9999999, got 10000000"),
        (("--days", "-1"), "ebbwatch: days: expected 1 to 3653, got -1"),
        (("--seed", "-1"), "seed: expected 0 to"),
        (("--currency", "JPY"), "currency: expected USD or EUR, got JPY"),
        (("--start", "soon"), "--start: expected a date such as 2026-03-01, got soon"),
        (("--start", "1969-12-31"), "start: expected a day from 1970-01-01 to 2089-12-31, got"),
        (("--out", "/nowhere/at/all"), "expected a file in a folder that exists"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_line(tmp_path, asked, told):
    done = run([*SMALL, "--out", str(tmp_path / "bank"), *asked])
    assert done.exit_code == 1
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "bank").exists()


def test_a_format_that_nobody_knows_is_a_usage_error(tmp_path):
    done = run([*SMALL, "--out", str(tmp_path / "bank"), "--format", "xml"])
    assert done.exit_code == 2
    assert "'xml' is not one of" in done.output
    assert run(["simulate", "--days", "3"]).exit_code == 2


def test_nothing_is_written_over(bank, tmp_path):
    again = run([*SMALL, "--out", bank["truth"].removesuffix("/truth.csv")])
    assert again.exit_code == 1
    assert "expected a folder that is new or empty, got one with something in it" in again.stderr
    file = tmp_path / "file"
    file.write_text("kept")
    refused = run([*SMALL, "--out", str(file)])
    assert "expected a folder that is new or empty, got a file" in refused.stderr
    assert file.read_text() == "kept"
