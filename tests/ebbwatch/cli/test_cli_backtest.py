"""`ebbwatch backtest` and the refusals of `ebbwatch backfill`, on files, without a server."""

import json
import re
from datetime import datetime
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.demo.events.cdnow import purchases
from scoring.parameters.leaving import USUAL

run = partial(CliRunner().invoke, command_line())


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Purchases of some of CDNOW's customers as a table of its own column names."""
    file = tmp_path_factory.mktemp("history") / "cards.csv"
    some = [made for made in purchases() if int(made["customer_id"][6:]) % 60 == 0]
    rows = [f"{m['customer_id']},{m['event_time'][:10]},{m['amount']}" for m in some]
    file.write_text("\n".join(["client,day,cents", *rows]) + "\n")
    return str(file)


@pytest.fixture
def arguments(history: str) -> list[str]:
    names = ["--id-column", "client", "--time-column", "day", "--amount-column", "cents"]
    return ["backtest", history, *names, "--amount-unit", "minor"]


def told(*arguments: str) -> Any:
    result = run([*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def silence(document: Any, setting: int = 0, band: str = "middle") -> Any:
    rules = document["settings"][setting]["rules"]
    return next(one for one in rules if (one["rule"], one["band"]) == ("silence", band))


def test_one_json_document_tells_all(arguments: list[str]) -> None:
    document = told(*arguments)
    assert document["customers"] == 392
    assert document["from"][:10] == "1997-01-01"
    assert document["events_per_second"] > 0
    one = silence(document)
    assert one["threshold"] == 0.95
    assert one["lapses"] == document["lapses"] > 300
    assert one["right"] + one["wrong"] + one["late"] + one["open"] == one["warnings"]
    assert sum(one["lead_days"]["counts"]) == one["warned"]
    scores = {each["score"]: each for each in document["snapshots"]["scores"]}
    assert 0.5 < scores["silence"]["auc"]["low"] < scores["silence"]["auc"]["high"] < 1.0
    assert len(scores["silence"]["deciles"]) == 10
    assert scores["days_since_last"]["calibration_error"] is None


def test_people_get_a_table_of_what_warned(arguments: list[str]) -> None:
    result = run(arguments, env={"COLUMNS": "160"})
    assert result.exit_code == 0
    for part in ("392 customers", "180 days", "silence", "precision", "AUC", "events/s"):
        assert part in result.stdout
    assert "overdue" not in result.stdout


def test_a_short_history_has_no_snapshots_to_show(tmp_path: Path) -> None:
    file = tmp_path / "short.csv"
    file.write_text("customer_id,event_time,amount\na,2026-01-01,1\na,2026-01-09,1\n")
    result = run(["backtest", str(file)])
    assert result.exit_code == 0
    assert "AUC" not in result.stdout


def test_a_period_is_whole_days_of_the_book(arguments: list[str]) -> None:
    document = told(*arguments, "--from", "1997-07-01", "--until", "1998-03-31")
    assert document["from"] == "1997-07-01T00:00:00+00:00"
    assert "1998-03-25" < document["until"][:10] <= "1998-03-31"
    whole = told(*arguments)
    assert silence(document)["warnings"] < silence(whole)["warnings"]


def test_a_longer_horizon_knows_fewer_lapses(arguments: list[str]) -> None:
    document = told(*arguments, "--horizon-days", "300")
    assert document["lapses"] < told(*arguments)["lapses"]
    assert silence(document)["lead_days"]["edges"][-1] == 300.0


def test_each_threshold_asked_for_is_judged(arguments: list[str]) -> None:
    asked = ["--thresholds", "silence=0.8", "--thresholds", "silence=0.9:0.95,overdue=0.6"]
    document = told(*arguments, *asked)
    assert [each["thresholds"] for each in document["settings"]] == [
        {},
        {"silence": {"middle": 0.8, "high": 0.98}},
        {"silence": {"middle": 0.9, "high": 0.95}, "overdue": {"middle": 0.6, "high": 0.6}},
    ]
    assert silence(document, 2)["recall"] > silence(document)["recall"]


def test_a_grid_is_one_setting_a_threshold(arguments: list[str]) -> None:
    document = told(*arguments, "--thresholds", "grid")
    middles = [silence(document, setting)["threshold"] for setting in range(1, 6)]
    assert middles == [0.7, 0.8, 0.9, 0.95, 0.98]
    again = silence(document, 4)
    assert again == silence(document)


def test_warnings_are_written_by_time(arguments: list[str], tmp_path: Path) -> None:
    file = tmp_path / "warnings.jsonl"
    period = ["--from", "1997-07-01", "--until", "1998-03-31"]
    document = told(*arguments, *period, "--warnings", str(file))
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    times = [datetime.fromisoformat(line["event_time"]) for line in lines]
    assert times == sorted(times)
    first, last = (datetime.fromisoformat(document[name]) for name in ("from", "until"))
    assert first <= times[0] < times[-1] <= last
    raised = [line for line in lines if line["lifecycle"] == "raised"]
    assert len(raised) == silence(document)["warnings"]
    assert len({(line["warning_id"], line["sequence"]) for line in lines}) == len(lines)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["--thresholds", "nothing=0.5"], "--thresholds: expected one of .*, got nothing"),
        (["--thresholds", "silence"], "RULE=MIDDLE"),
        (["--thresholds", "silence=x"], "RULE=MIDDLE"),
        (["--thresholds", "silence=0.5:x"], "RULE=MIDDLE"),
        (["--thresholds", "silence=0.9:0.8"], "rules.silence: .*limits should rise"),
        (["--thresholds", ""], "--thresholds: expected one of"),
        (["--from", "yesterday"], "--from: expected a date"),
        (["--until", "1998-02-30"], "--until: expected a date"),
        (["--from", "1999-01-01"], "period: expected some days between"),
        (["--from", "1997-09-01", "--until", "1997-08-01"], "period: expected some days between"),
        (["--params", "nosuchfile"], "nosuchfile"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    arguments: list[str], more: list[str], expected: str
) -> None:
    result = run([*arguments, *more])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert re.search(expected, result.stderr), result.stderr


def test_a_horizon_below_a_day_is_a_usage_error(arguments: list[str]) -> None:
    assert run([*arguments, "--horizon-days", "0.5"]).exit_code == 2


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        ("soon", "--until: expected an ISO 8601 instant, got soon"),
        ("2999-01-01", "--until: expected an instant that is past, got 2999-01-01T00:00:00+00:00"),
    ],
)
def test_a_cut_that_is_no_past_instant_is_refused(history: str, until: str, expected: str) -> None:
    result = run(["backfill", history, "--until", until])
    assert (result.exit_code, result.stderr) == (1, f"ebbwatch: {expected}\n")


def test_a_backfill_without_a_redis_says_so(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBBWATCH_REDIS_URL", "redis://user:hush@127.0.0.1:1/0")
    result = run(["backfill", *arguments[1:], "--until", "1998-01-01"])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "hush" not in result.stderr


def test_days_without_a_purchase_are_the_parameter_file_s_unless_asked_for(
    arguments: list[str], tmp_path: Path
) -> None:
    text = resources.files("scoring.models").joinpath("cdnow.json").read_text("utf-8")
    file = tmp_path / "bank.json"
    for leaving, days in (
        ({"type": "silence", "days": 90.0}, 90.0),
        ({"type": "partial", "within_days": 120.0, "share": 0.3}, 120.0),
    ):
        document = {name: part for name, part in json.loads(text).items() if name != "sha256"}
        file.write_text(json.dumps({**document, "leaving": leaving}))
        assert told(*arguments, "--params", str(file))["horizon_days"] == days
    assert told(*arguments)["horizon_days"] == USUAL


def test_what_the_warnings_are_worth_beside_plain_rules_comes_first(arguments: list[str]) -> None:
    period = ["--from", "1997-10-01"]
    found = told(*arguments, *period, "--thresholds", "silence=0.8")["equal_lead"]
    assert [one["setting"] for one in found["rules"]] == [0, 1]
    for one in found["rules"]:
        kinds = [each["rule"].split()[0] for each in one["rivals"]]
        assert kinds == ["silent", "silent", "RFM", "no"]
        best = min(each["warnings"] for each in one["rivals"] if each["warnings"] is not None)
        assert best == next(
            each["warnings"] for each in one["rivals"] if each["rule"] == one["best_plain_rule"]
        )
    shown = run([*arguments, *period]).stdout
    assert shown.index("Is this worth it for us?") < shown.index("thresholds of the parameter file")
    assert " ".join(found["answer"].split()[:4]) in shown
