"""Who withdrew consent to profiling is shown and exported without a score, by whatever door."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import polars as pl
import pytest
from cases import event, log, run
from harness import environment
from html_pages import mistakes, read
from redis_servers import own_redis
from served import FIRST, NAMES, UNTIL, Served, fill, served
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from schemas.ids import customer_hash
from scoring.arrays import DAY
from scoring.facts.kinds import Kind

pytestmark = [pytest.mark.integration, pytest.mark.slow]
asked = partial(CliRunner().invoke, command_line())
NAME, WITHDRAWS = "c-withdrew", 3
SAID = "not scored: consent to profiling was withdrawn at 2024-11-03T00:00:00+00:00"
SAID_IN_CHINESE = "未评分：客户已于 2024-11-03T00:00:00+00:00 撤回对用户画像分析的同意"  # noqa: RUF001


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("withdrawn")
    life = [event(Kind.PURCHASE, FIRST + 3 * k) for k in range(10)]
    said = event(Kind.CONSENT_CHANGED, FIRST + 30, 0, score=WITHDRAWS)
    with own_redis(folder) as servers:
        redis = servers.start("appendonly yes")
        with served(folder, redis, {"EBBWATCH_SERVE_WITHOUT_LOGIN": "true"}) as running:
            states = run(log(*life, said), until=UNTIL)
            fill(running.settings, states, [NAME], UNTIL * DAY)
            yield running


@pytest.fixture
def commands(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(site.settings).items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("query", ["", "?would_clear=true"])
def test_a_program_is_told_that_there_is_no_score_and_its_look_is_noted(
    site: Served, query: str
) -> None:
    before = len(site.told())
    got = site.ask(f"/v1/customers/{NAME}{query}")
    assert (got.status, got.headers["content-type"]) == (409, "application/problem+json")
    assert (got.json["title"], got.json["detail"]) == ("Not scored", SAID)
    looks = [line for line in site.told()[before:] if line["event"] == "looked up"]
    assert [(line["customer"], line["found"]) for line in looks] == [
        (customer_hash(NAME.encode()), True)
    ]


def test_among_many_they_are_named_and_the_others_scored(site: Served) -> None:
    body = {"customers": [NAMES[0], NAME, NAMES[1]]}
    got = site.ask("/v1/customers:batch", method="POST", body=body).json
    assert [each["customer_id"] for each in got["customers"]] == NAMES[:2]
    assert got["not_scored"] == [NAME]


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Not scored: consent withdrawn."), ("zh", "客户已撤回同意")],
)
def test_the_page_says_so_in_both_languages(site: Served, language: str, said: str) -> None:
    got = site.ask(f"/customers/{NAME}", Accept_Language=language)
    assert (got.status, said in read(got.text).text) == (409, True)
    assert mistakes(read(got.text)) == []


@pytest.mark.usefixtures("commands")
@pytest.mark.parametrize(("language", "said"), [("en", SAID), ("zh", SAID_IN_CHINESE)])
@pytest.mark.parametrize("command", ["explain", "inspect"])
def test_a_command_says_so_in_one_line_of_the_language_of_the_settings(
    command: str, language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBBWATCH_LANGUAGE", language)
    told = asked([command, NAME])
    assert (told.exit_code, told.stdout, told.stderr) == (1, "", f"ebbwatch: {said}\n")
    many = asked(["inspect", NAME, NAMES[0]])
    assert (many.exit_code, many.stderr) == (1, f"ebbwatch: {NAME}: {said}\n")


@pytest.mark.usefixtures("commands")
def test_an_export_leaves_them_out_and_counts_them(tmp_path: Path) -> None:
    out = tmp_path / "scores.parquet"
    told = json.loads(asked(["export", "--out", str(out), "--json"]).stdout)
    assert told == {
        "out": str(out), "customers": len(NAMES), "too_early": 0, "not_scored": 1,
    }  # fmt: skip
    assert NAME not in pl.read_parquet(out)["customer_id"]
    assert "1 left out who withdrew consent" in asked(["export", "--out", str(out)]).stdout
