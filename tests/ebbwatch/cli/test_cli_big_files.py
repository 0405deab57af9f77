"""Commands on Parquet files of many rows: part by part, with the results of reading them whole."""

import json
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.cli.history import reading
from ebbwatch.demo.events.cdnow import purchases
from modelling.bulk.parts import HistoryParts

run = partial(CliRunner().invoke, command_line())
TIMING = {"seconds", "events_per_second"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Purchases of some of CDNOW's customers in two files."""
    folder = tmp_path_factory.mktemp("history")
    some = [made for made in purchases() if int(made["customer_id"][6:]) % 400 == 0]
    table = pl.DataFrame(some).select("customer_id", "event_time", pl.col("amount") / 100)
    table.gather_every(2).write_parquet(folder / "a.parquet")
    table.gather_every(2, 1).write_parquet(folder / "b.parquet")
    return folder


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty rows are many, and laid down in parts of about forty."""
    monkeypatch.setattr(reading, "MANY", 30)
    monkeypatch.setattr(reading, "HistoryParts", partial(HistoryParts, piece=25, part=40))


def told(*words: str):
    found = run([*words, "--json"])
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    document["history"].pop("notes")  # some take all customers together
    return {name: value for name, value in document.items() if name not in TIMING}


def test_a_backtest_part_by_part_is_that_of_the_whole(
    folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    words = ("backtest", str(folder), "--from", "1997-06-01", "--until", "1998-02-28")
    files = [tmp_path / "whole.jsonl", tmp_path / "parts.jsonl"]
    whole = told(*words, "--warnings", str(files[0]))
    request.getfixturevalue("in_parts")
    parts = told(*words, "--warnings", str(files[1]))
    assert parts == whole
    assert whole["customers"] > 50
    assert files[1].read_bytes() == files[0].read_bytes() != b""


def test_features_part_by_part_are_those_of_the_whole(
    folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    words = ("features", str(folder), "--at", "1997-12-01", "--out")
    files = [tmp_path / "whole.csv", tmp_path / "parts.csv"]
    told(*words, str(files[0]))
    request.getfixturevalue("in_parts")
    told(*words, str(files[1]))
    assert files[1].read_bytes() == files[0].read_bytes()


@pytest.mark.usefixtures("in_parts")
@pytest.mark.parametrize(
    "words", [("backtest",), ("features", "--at", "1997-12-01", "--out", "x.csv")], ids=str
)
def test_many_rows_without_one_that_can_be_used_are_refused(
    tmp_path: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    row = {"customer_id": ["a"] * 40, "event_time": ["2025-01-06"] * 40, "amount": [1.0] * 40}
    pl.DataFrame(row).write_parquet(tmp_path / "log.parquet")
    none = run([words[0], "log.parquet", *words[1:], "--exclude", "customer_id = a"])
    assert none.exit_code == 1
    assert "HISTORY: expected at least one event, got none; 40 excluded" in none.output
