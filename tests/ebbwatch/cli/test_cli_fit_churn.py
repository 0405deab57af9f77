import json
from datetime import date, timedelta
from functools import partial

import numpy as np
import pytest
from churn_cases import few_thresholds as few_thresholds  # noqa: PLC0414 - a fixture
from histories import COLUMNS, sample_files
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from modelling.churn.labels import read_labels
from modelling.history import HistoryError
from scoring.model import ScoringModel
from scoring.parameters import parse

run = partial(CliRunner().invoke, command_line())
START = date(2025, 1, 1)
DAYS = 400


def leaving(customers=100):
    """Half of them stop at some day, the others buy on."""
    random = np.random.default_rng(4)
    return np.where(random.random(customers) < 0.5, random.uniform(30, 390, customers), DAYS)


def day(number):
    return (START + timedelta(days=int(number))).isoformat()


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """Purchases about once in three weeks."""
    random, rows = np.random.default_rng(0), []
    for customer, end in enumerate(leaving()):
        own = random.integers(0, int(end), max(int(end / 20), 1))
        rows += [f"c{customer},{day(n)},{random.integers(5, 90)}" for n in own]
    file = tmp_path_factory.mktemp("history") / "purchases.csv"
    file.write_text("\n".join(["customer_id,event_time,amount", *rows]) + "\n")
    return file


def fitted(history, tmp_path, *options):
    out = tmp_path / "churn.json"
    asked = ["fit-churn", str(history), "--out", str(out), "--horizon-days", "60", "--json"]
    done = run([*asked, *options])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout), json.loads(out.read_text())


@pytest.fixture(scope="module")
def plain(history, tmp_path_factory):
    """What comes without options."""
    return fitted(history, tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def late_and_costly(history, tmp_path_factory):
    """Judged after the last event too, and by contacts that cost more than anybody is worth."""
    costs = ("--contact-cost", "50", "--value", "low=1,middle=1,high=2", "--keep-chance", "1")
    late = ("--until", day(DAYS + 20), "--at", day(DAYS - 40))
    return fitted(history, tmp_path_factory.mktemp("late"), *late, *costs)


def refused(history, tmp_path, *options):
    out = tmp_path / "churn.json"
    done = run(["fit-churn", str(history), "--out", str(out), *options])
    assert done.exit_code != 0
    assert not out.exists()
    return done.output


def test_a_scorecard_is_fitted_and_written_into_a_file_that_workers_can_load(plain):
    told, document = plain
    parameters = parse(document)
    card = parameters.churn
    assert ScoringModel(parameters).churn is card
    assert told["version"] == parameters.version
    assert [term["weight"] for term in told["terms"]] == [term.weight for term in card.terms]
    assert (card.middle, card.high) == (told["thresholds"]["middle"], told["thresholds"]["high"])
    assert told["thresholds"]["chosen_by"] == "replay"
    assert told["choices"] == document["churn"]["choices"]
    assert told["thresholds"]["middle"] in [one["threshold"] for one in told["choices"]]
    assert told["fit"]["auc"]["value"] > 0.75
    assert told["fit"]["churned"] == pytest.approx(told["base_rate"] * told["fit"]["rows"])
    assert set(told["fit"]["baselines"]) == {"no_purchase", "days_since_last"}


def test_dates_lie_a_horizon_apart_and_leave_one_to_the_end(plain):
    told, _ = plain
    assert told["fit"]["dates"] == [day(DAYS - back * 60) for back in (4, 3, 2, 1)]


UNTIL = day(299)


@pytest.fixture(scope="module")
def refitted(history, plain, tmp_path_factory):
    """What people read of a second fit, to fewer days; its report and its document."""
    folder = tmp_path_factory.mktemp("refitted")
    kept, out, page = (folder / name for name in ("first.json", "churn.json", "churn.html"))
    kept.write_text(json.dumps(plain[1]))
    asked = ["fit-churn", str(history), "--params", str(kept), "--out", str(out)]
    when = ("--horizon-days", "60", "--until", UNTIL, "--at", day(200))
    done = run([*asked, *when, "--report", str(page)], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    return done.stdout, page.read_text(), json.loads(out.read_text())


@pytest.mark.slow
def test_days_after_the_last_one_to_use_change_nothing(history, refitted, tmp_path):
    short = tmp_path / "short.csv"
    header, *rows = history.read_text().splitlines()
    kept = [row for row in rows if row.split(",")[1] <= UNTIL]
    assert len(kept) < len(rows)
    short.write_text("\n".join([header, *kept]))
    _, cut = fitted(short, tmp_path, "--at", day(200))
    assert refitted[2]["churn"] == cut["churn"]


def test_a_date_too_near_the_end_is_refused(history, tmp_path):
    told = refused(history, tmp_path, "--horizon-days", "60", "--at", day(DAYS - 40))
    assert f"dates: expected 60 days of history from {day(DAYS - 40)} on, got 40 days" in told


def test_a_damaged_parameter_file_is_refused(history, plain, tmp_path):
    damaged = tmp_path / "damaged.json"
    damaged.write_text(json.dumps({**plain[1], "margin": 0.99}))
    assert "sha256" in refused(history, tmp_path, "--params", str(damaged))


def test_a_second_fit_replaces_the_first_and_nothing_else(plain, refitted):
    first, second = plain[1], refitted[2]
    assert second["churn"]["fit"]["dates"] == [day(200)]
    assert second["reference"]["rows"] == second["churn"]["fit"]["rows"]
    for part in first.keys() - {"churn", "reference", "sha256"}:
        assert first[part] == second[part]


def test_options_reach_the_fit(history, tmp_path):
    options = ("--calibration", "isotonic", "--points-to-double", "40", "--free-signs")
    told, document = fitted(history, tmp_path, "--budget", "0.5", "--at", day(300), *options)
    assert told["calibration"]["type"] == "isotonic"
    assert told["points_to_double"] == 40.0
    assert told["fit"]["monotone"] is False
    assert told["thresholds"]["chosen_by"] == "budget"
    assert "sign" not in told["fit"]["left_out"].values()
    assert parse(document).churn is not None


def test_people_read_points_ranking_and_thresholds_and_get_a_report(refitted):
    told, html, _ = refitted
    for words in ("Churn scorecard over 60 days", "Points a unit", "Lift", "Precision", "<svg"):
        assert words in html
    for words in ("points a unit", "scorecard, cross-validated", "days since last", "lost within"):
        assert words in told
    assert "Left out, being the same for all: " in told
    assert "by the worth of warnings, out of time" in told


def test_a_history_too_short_to_judge_by_tries_thresholds_on_what_it_was_fitted_to(
    history, tmp_path
):
    told, document = fitted(history, tmp_path, "--horizon-days", "190")
    assert told["thresholds"]["chosen_by"] == "replay"
    assert document["churn"]["choices"]
    assert "had seen, which flatters them" in told["notes"][0]
    assert "takes 409 days of history, and there are 399" in told["notes"][0]


def test_costs_above_the_value_advise_to_warn_nobody(late_and_costly):
    told, document = late_and_costly
    assert told["recommended"]["warns_nobody"]
    assert told["thresholds"]["chosen_by"] == "profit"
    assert document["churn"]["thresholds"]["middle"] > 0.999
    assert all(one["profit"] < 0.0 for one in told["choices"])


def test_silence_after_the_last_event_counts_up_to_the_last_day_to_use(late_and_costly):
    told, _ = late_and_costly
    assert told["fit"]["dates"] == [day(DAYS - 40)]


def labels_file(tmp_path, header, rows):
    file = tmp_path / "labels.csv"
    file.write_text("\n".join([header, *rows]) + "\n")
    return file


def test_the_bank_may_tell_when_customers_left(history, tmp_path):
    ends = [(n, end + 30) for n, end in enumerate(leaving()) if end < 370]
    rows = [f"c{n},{day(end)}" for n, end in ends]
    file = labels_file(tmp_path, "customer_id,left_at", [*rows, "c999,"])
    days = (100, 160, 220, 280)
    dates = [part for at in days for part in ("--at", day(at))]
    told, _ = fitted(history, tmp_path, "--labels", str(file), *dates)
    lost = sum(at <= int(end) < at + 60 for _, end in ends for at in days)
    assert told["fit"]["churned"] == lost


def test_the_bank_may_tell_who_left(history, tmp_path):
    rows = [f"c{n},{int(end < 330)}" for n, end in enumerate(leaving()) if n % 5]
    file = labels_file(tmp_path, "customer_id,left", rows)
    told, _ = fitted(history, tmp_path, "--labels", str(file), "--at", day(330))
    assert told["fit"]["churned"] == sum(row.endswith(",1") for row in rows)
    assert told["fit"]["customers"] == len(rows)


def test_labels_without_a_time_are_about_one_date(history, tmp_path):
    file = labels_file(tmp_path, "customer_id,left", ["c1,true"])
    refusal = refused(history, tmp_path, "--labels", str(file), "--horizon-days", "60")
    assert "--at: expected one date, since labels do not tell when customers left" in refusal


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--at", "yesterday"), "--at: expected a date such as"),
        (("--until", "soon"), "--until: expected a date such as"),
        (("--horizon-days", "380"), "history: expected a history of at least 408 days"),
        (("--at", day(390)), "dates: expected 28 days of history from"),
        (("--horizon-days", "300"), "labels: expected at least 20 who churned"),
        (("--budget", "0"), "budget: expected above 0 a day"),
        (("--budget", "-3"), "budget: expected above 0 a day"),
        (("--budget", "inf"), "budget: expected above 0 a day, and finite, got inf"),
        (("--value", "10"), "profit: expected a cost of a contact or of an offer"),
        (("--contact-cost", "x"), "--contact-cost: expected a figure, or low=FIGURE"),
        (("--contact-cost", "low=1"), "tiers: expected a figure for each of low, middle, high"),
        (("--contact-cost", "nan"), "contact-cost: expected from 0 on, finite, got nan"),
        (("--contact-cost", "1", "--keep-chance", "2"), "keep-chance: expected from 0 to 1"),
        (("--horizon-days", "0"), "horizon-days"),
        (("--params", "/nowhere.json"), "/nowhere.json"),
        (("--labels", "/nowhere.csv"), "/nowhere.csv"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_one_line(history, tmp_path, options, message):
    assert message in refused(history, tmp_path, *options)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("customer_id,when\na,2025-01-01", "columns customer_id and left_at or left"),
        ("id,left\na,1", "columns customer_id and left_at or left"),
        ("customer_id,left\na,1\na,0", "row 1, customer_id: expected ids, each once, got a"),
        ("customer_id,left\n,1", "row 1, customer_id: expected ids, each once, got none"),
        ("customer_id,left\na,1\nb,perhaps", "row 2, left: expected true or false, got perhaps"),
        ("customer_id,left\na,", "row 1, left: expected true or false"),
        ("customer_id,left_at\na,\nb,soon", "row 2, left_at: expected a date or time, or nothing"),
        ("", "expected a CSV file that can be read"),
    ],
)
def test_labels_that_cannot_be_used_are_refused_by_row(tmp_path, text, message):
    file = tmp_path / "labels.csv"
    file.write_text(text)
    with pytest.raises(HistoryError) as raised:
        read_labels(file, "UTC")
    assert message in str(raised.value)


def test_labels_may_come_as_parquet(tmp_path):
    import polars as pl  # noqa: PLC0415 - this test alone writes a table

    file = tmp_path / "labels.parquet"
    left_at = [date(2025, 3, 1), None]
    pl.DataFrame({"customer_id": [1, 2], "left_at": left_at}).write_parquet(file)
    labels = read_labels(file, "UTC")
    assert labels.gone_at([b"1", b"2", b"3"], [0.0]).tolist() == [1_740_787_200.0, np.inf, np.inf]


def test_another_purchase_model_leaves_the_scorecard_over_the_old_one_out(plain, tmp_path):
    base, out = tmp_path / "with-churn.json", tmp_path / "refitted.json"
    base.write_text(json.dumps(plain[1]))
    csv = sample_files(tmp_path)["csv"]
    asked = ["fit", csv, *COLUMNS, "--model", "mbgnbd", "--base", str(base), "--out", str(out)]
    told = run([*asked, "--json"])
    assert told.exit_code == 0, told.output
    assert any("run fit-churn" in sentence for sentence in json.loads(told.stdout)["diagnostics"])
    assert not {"churn", "reference"} & json.loads(out.read_text()).keys()
