"""`ebbwatch features` on files."""

import json
from pathlib import Path

import polars as pl
import pytest
from histories import COLUMNS, sample_files
from typer.testing import CliRunner

from ebbwatch.cli import command_line


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return sample_files(tmp_path_factory.mktemp("cdnow"))


def features(files: dict[str, str], out: Path, *more: str):
    words = ("features", files["csv"], *COLUMNS, "--out", str(out), *more)
    return CliRunner().invoke(command_line(), words)


def test_features_and_labels_are_written(files: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "features.parquet"
    result = features(files, out, "--at", "1997-10-01", "--horizon-days", "273", "--json")
    told = json.loads(result.stdout)
    assert (told["customers"], told["labelled"], told["horizon_days"]) == (2357, True, 273)
    table = pl.read_parquet(out)
    assert table["label_purchase_days"].sum() == 1882
    assert table["tenure"].max() == 273.0
    assert table["p_alive"].is_between(0, 1).all()


def test_without_a_future_there_are_no_labels(files: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "features.csv"
    result = features(files, out, "--at", "1998-06-30")
    assert "no labels: the history ends within 28 days" in result.stdout
    assert pl.read_csv(out)["label_value"].null_count() == 2357


@pytest.mark.parametrize(
    ("out", "more", "told"),
    [
        ("features.txt", ("--at", "1997-10-01"), "--out: expected a file of .parquet or .csv"),
        ("no/features.csv", ("--at", "1997-10-01"), "expected a file in a folder that exists"),
        ("features.csv", ("--at", "1997-13-01"), "--at: expected a date such as"),
        ("features.csv", ("--at", "1996-01-01"), "--at: expected a day after the history begins"),
        ("features.csv", ("--at", "1997-10-01", "--params", "/no/such"), "/no/such: No such file"),
    ],
)
def test_features_that_cannot_be_made_are_one_line(
    files: dict[str, str], tmp_path: Path, out: str, more: tuple[str, ...], told: str
) -> None:
    result = features(files, tmp_path / out, *more)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert told in result.stderr
