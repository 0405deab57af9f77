"""`ebbwatch calibrate`: one go, and what comes of it is a file that all else can use."""

import json
from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest
from churn_cases import few_thresholds as few_thresholds  # noqa: PLC0414 - a fixture
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.cli.history.calibrate import INCOMPLETE
from scoring.model import ScoringModel
from streams.config import Settings
from streams.parameters.file import load_model
from streams.tools.doctor import examine

run = partial(CliRunner().invoke, command_line())
START, DAYS = date(2025, 1, 1), 300


def day(number):
    return (START + timedelta(days=int(number))).isoformat()


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Purchases of customers of different rates, of whom some stop."""
    random, rows = np.random.default_rng(0), []
    for customer in range(150):
        end = random.uniform(30, DAYS) if random.random() < 0.35 else DAYS
        gap = random.choice([3.0, 5.0, 9.0])
        days = np.cumsum(random.exponential(gap, 400))
        rows += [f"c{customer},{day(n)},{random.integers(5, 90)}" for n in days[days < end]]
    file = tmp_path_factory.mktemp("history") / "purchases.csv"
    file.write_text("\n".join(["customer_id,event_time,amount", *rows]) + "\n")
    return file


@pytest.fixture(scope="module")
def calibrated(history, tmp_path_factory):
    folder = tmp_path_factory.mktemp("calibrated")
    out, report = folder / "bank.json", folder / "bank.html"
    costs = ("--contact-cost", "1", "--offer-cost", "2", "--value", "low=50,middle=80,high=100")
    asked = ["calibrate", str(history), "--leaving", "silence:42", "--out", str(out), *costs]
    done = run([*asked, "--report", str(report), "--json", "--strict"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), out, report


def test_one_go_answers_whether_it_is_worth_it(calibrated):
    told, out, report = calibrated
    assert told["is_worth_it"] is True
    assert told["answer"].startswith("Yes: about ")
    assert told["is_complete"]
    assert told["missing"] == []
    assert told["recommended"]["chosen_by"] == "profit"
    assert told["purchases"]["errors"]
    assert told["backtest"]["settings"][0]["rules"]
    assert "Is it worth it? Yes: about " in report.read_text()
    assert json.loads(out.read_text())["leaving"] == {"type": "silence", "days": 42.0}


def test_the_file_written_is_one_that_workers_load(calibrated):
    told, out, _ = calibrated
    model = load_model(Settings(parameters_file=out))
    assert isinstance(model, ScoringModel)
    assert model.parameters.version == told["version"]
    parameters = next(examine(Settings(parameters_file=out)))
    assert (parameters.check, parameters.state != "wrong") == ("parameters", True)
    assert told["version"] in parameters.found


def test_a_backtest_recommends_a_threshold_of_the_file(calibrated, history, tmp_path):
    told, out, _ = calibrated
    asked = ["backtest", str(history), "--params", str(out), "--from", day(200)]
    asked += ["--horizon-days", "42", "--budget", "0.4"]
    page = tmp_path / "backtest.html"
    done = run([*asked, "--report", str(page), "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["recommended"]
    assert found["at"]["warnings_per_day"] <= 0.4
    assert found["own"]["threshold"] == told["churn"]["thresholds"]["middle"]
    assert f"Take {found['middle']:.4g}: " in page.read_text()
    said = run(asked, env={"COLUMNS": "200"}).stdout
    assert f"Take {found['middle']:.4g}: " in said


def test_people_read_the_answer_first(history, tmp_path):
    asked = ["calibrate", str(history), "--out", str(tmp_path / "bank.json")]
    done = run([*asked, "--leaving", "silence:280"], env={"COLUMNS": "200"})
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Is it worth it? This history cannot tell yet.")
    assert "Missing: days of history: 299 of 308." in done.stdout
    strict = run([*asked, "--leaving", "silence:280", "--strict"])
    assert strict.exit_code == INCOMPLETE


def test_a_backtest_without_a_scorecard_has_no_threshold_to_recommend(history):
    done = run(["backtest", str(history), "--recommend"])
    assert done.exit_code == 1
    assert "expected a parameter file with a churn scorecard" in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--budget", "0"), "budget: expected above 0 a day"),
        (("--budget", "-1"), "budget: expected above 0 a day"),
        (("--budget", "inf"), "budget: expected above 0 a day"),
        (("--leaving", "soon"), "--leaving: expected silence:DAYS"),
        (("--currency", "XXX"), "currency: expected an ISO 4217 code"),
        (("--timezone", "Nowhere/At_All"), "book_timezone: expected a zone"),
        (("--base", "/nowhere.json"), "/nowhere.json"),
        (("--report", "/nowhere/page.html"), "expected a file in a folder that exists"),
        (("--out", "/nowhere/bank.json"), "expected a file in a folder that exists"),
        (("--contact-cost", "1", "--value", "many"), "--value: expected a figure"),
    ],
)
def test_what_cannot_be_calibrated_is_refused_in_one_line(history, tmp_path, options, message):
    out = tmp_path / "bank.json"
    done = run(["calibrate", str(history), "--out", str(out), *options])
    assert done.exit_code == 1
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not out.exists()


def test_a_file_that_cannot_be_written_is_told_in_one_line(history, tmp_path):
    asked = ["calibrate", str(history), "--leaving", "silence:280", "--out", str(tmp_path)]
    done = run(asked)
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1


def test_files_and_topics_are_not_mixed(history, tmp_path):
    done = run(["calibrate", "kafka", str(history), "--out", str(tmp_path / "bank.json")])
    assert (done.exit_code, done.stderr) == (
        1,
        "ebbwatch: HISTORY: expected files, or kafka alone, got both\n",
    )
