"""Customers by commands: the same of one, of many, of all, and as `serve` answers."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from harness import environment
from redis_servers import own_redis
from served import NAMES, Served, served
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from streams.parameters.file import read_document, write_document
from streams.tools.customers import look_up

pytestmark = [pytest.mark.integration, pytest.mark.slow]
run = partial(CliRunner().invoke, command_line())
LATER = "?would_clear=true&at="
MONTHS_ON = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def served_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("serve")
    with own_redis(folder) as servers:
        redis = servers.start("appendonly yes")
        with served(folder, redis, {"EBBWATCH_SERVE_WITHOUT_LOGIN": "true"}) as running:
            yield running


@pytest.fixture
def desk(served_to_all: Served, monkeypatch: pytest.MonkeyPatch) -> Served:
    for name, value in environment(served_to_all.settings).items():
        monkeypatch.setenv(name, value)
    return served_to_all


def batch(desk: Served, **asked: Any) -> Any:
    return desk.ask("/v1/customers:batch", method="POST", body={"customers": NAMES, **asked}).json


def lines(*asked: str, **given: Any) -> list[Any]:
    return [json.loads(line) for line in run(["inspect", *asked], **given).stdout.splitlines()]


def test_many_are_told_a_line_each_as_serve_answers(desk: Served, tmp_path: Path) -> None:
    expected = batch(desk)["customers"]
    assert lines(*NAMES) == expected
    file = tmp_path / "ids.txt"
    file.write_text("\ufeff" + "\r\n".join(NAMES[1:]) + "\n\n", encoding="utf-8")
    assert lines(NAMES[0], "--ids", str(file)) == expected
    assert lines("-", input="\n".join(NAMES)) == expected
    assert lines("--ids", "-", input="\n".join(NAMES)) == expected
    assert lines(*NAMES, "--at", MONTHS_ON) == batch(desk, at=MONTHS_ON)["customers"]


@pytest.mark.usefixtures("desk")
def test_more_than_are_read_at_once_come_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_up, "AT_ONCE", 2)
    assert [each["customer_id"] for each in lines(*NAMES, *NAMES)] == NAMES * 2


@pytest.mark.usefixtures("desk")
def test_who_is_not_known_or_asked_too_early_about_is_told_beside_the_others() -> None:
    told = run(["inspect", NAMES[0], "nobody", NAMES[1]])
    assert [json.loads(each)["customer_id"] for each in told.stdout.splitlines()] == NAMES[:2]
    assert (told.exit_code, told.stderr) == (1, "ebbwatch: nobody: nothing is held of them\n")
    early = run(["inspect", *NAMES, "--at", "2024-01-01"])
    assert (early.exit_code, early.stdout, early.stderr.count("from the last event on")) == (
        1,
        "",
        5,
    )
    refused = run(["inspect"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "expected ids" in refused.stderr


def test_an_explanation_is_what_serve_answers_about_that_instant(desk: Served) -> None:
    for name in ("c-weekly", "c-angry", "c-browses"):
        told = json.loads(run(["explain", name, "--at", MONTHS_ON, "--json"]).stdout)
        assert told == desk.ask(f"/v1/customers/{name}{LATER}{MONTHS_ON}").json
        assert told["at"] == MONTHS_ON
    page = run(["explain", "c-angry"]).stdout
    told = json.loads(run(["explain", "c-angry", "--json"]).stdout)
    assert f"churn risk {told['score']['churn_risk']:.0%}" in page
    assert all(" ".join(reason["text"].split()[:3]) in page for reason in told["reasons"])
    where = told["touchpoints"][0]
    assert told["needs"]["weakest_touchpoint"] == "phone"
    assert page.lower().count("least satisfied") == 1
    assert f"phone {where['satisfaction']:.0%} none none" in " ".join(
        run(["inspect", "c-angry"]).stdout.replace("│", " ").split()
    )
    assert any(reason["rule"] == "dissatisfaction" for reason in told["reasons"])
    unwrapped = " ".join(page.split())
    for warning in told["warnings"]:
        assert f"{warning['band'].upper()} {warning['rule']} since" in unwrapped
        assert f"{warning['action_text']} {warning['would_clear']['text']}" in unwrapped
    assert run(["explain", "nobody"]).stderr.startswith("ebbwatch: nobody: expected a customer")


@pytest.mark.parametrize("at", [None, MONTHS_ON])
def test_all_are_exported_as_they_are_told_of_one(
    desk: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str | None
) -> None:
    monkeypatch.setattr(look_up, "AT_ONCE", 1)
    asked = ["--at", at] if at else []
    out, flat = tmp_path / "scores.parquet", tmp_path / "scores.csv"
    told = json.loads(run(["export", "--out", str(out), "--json", *asked]).stdout)
    assert told == {"out": str(out), "customers": len(NAMES), "too_early": 0, "not_scored": 0}
    assert f"{len(NAMES)} customers" in run(["export", "--out", str(flat), *asked]).stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores.csv", "scores.parquet"]
    expected = {each["customer_id"]: each for each in batch(desk, at=at)["customers"]}
    rows = pl.read_parquet(out).to_dicts()
    assert {row["customer_id"] for row in rows} == expected.keys()
    assert sum(len(row["warnings"]) for row in rows) > 0
    of_csv = {row["customer_id"]: row for row in pl.read_csv(flat).to_dicts()}
    for row in rows:
        same(row, expected[row["customer_id"]])
        csv = of_csv[row["customer_id"]]
        assert csv["churn_risk"] == row["churn_risk"]
        whole = [each["warning_id"] for each in expected[row["customer_id"]]["warnings"]]
        assert [each["warning_id"] for each in json.loads(csv["warnings"])] == whole


def same(row: dict[str, Any], told: dict[str, Any]) -> None:
    """A row says what an answer says, wherever it stands there."""
    levels = {w["rule"]: w["band"] for w in told["warnings"]}
    places = [told, told["score"], told["facts"], told["score"]["segments"] or {}]
    for name, value in row.items():
        if name == "warnings":
            short = [{key: plain(part) for key, part in each.items()} for each in value]
            assert short == [{key: each[key] for key in short[0]} for each in told["warnings"]]
        elif name.startswith("level_"):
            assert value == levels.get(name.removeprefix("level_"), "low")
        else:
            assert plain(value) == next(place[name] for place in places if name in place), name


def plain(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    return value.isoformat().replace("+00:00", "Z")


@pytest.mark.usefixtures("desk")
def test_who_was_heard_of_later_is_left_out_and_counted(tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    told = run(["export", "--out", str(out), "--at", "2025-02-01"])

    known = pl.read_parquet(out).height
    assert 0 < known < len(NAMES)
    assert f"{known} customers, {len(NAMES) - known} left out whose last event" in told.stdout


def test_a_file_is_there_whole_or_not_at_all(
    desk: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "scores.parquet"
    kept.write_text("yesterday's")
    document = {**read_document(desk.settings.parameters_source), "book_timezone": "Asia/Tokyo"}
    write_document(tmp_path / "other.json", document)
    monkeypatch.setenv("EBBWATCH_PARAMETERS_FILE", str(tmp_path / "other.json"))
    refused = run(["export", "--out", str(kept)])
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert "expected book_timezone UTC" in refused.stderr
    assert "expected book_timezone UTC" in run(["inspect", *NAMES]).stderr
    assert "expected book_timezone UTC" in run(["explain", NAMES[0]]).stderr
    assert kept.read_text() == "yesterday's"
    assert {path.name for path in tmp_path.iterdir()} == {"scores.parquet", "other.json"}
    odd = run(["export", "--out", str(tmp_path / "scores.xlsx")])
    assert "expected a file of .parquet or .csv" in odd.stderr
