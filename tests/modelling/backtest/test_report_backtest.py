import json
from dataclasses import replace

import numpy as np
import pytest
from cases import MODEL, event, log
from histories import sample_files
from report_pages import seen
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from modelling.backtest.as_json import backtest_json
from modelling.backtest.report import backtest_page, write_backtest_report
from modelling.backtest.run import BacktestPlan, backtest
from modelling.report.page import html
from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog

START, SPAN = 10_000.0, 500.0
SETTINGS = ({"silence": (0.5, 0.9)}, {"silence": (0.7, 0.95), "complaint": (1.0, 2.0)})


def portfolio(customers=40):
    """Customers of their own rhythms; half of them stop one day, one closes the account."""
    random, rows, events = np.random.default_rng(3), [], []
    for row in range(customers):
        end = random.uniform(50, SPAN) if row % 2 else SPAN
        days = np.cumsum(random.exponential(random.choice([4.0, 9.0, 20.0]), 400))
        events += [event(Kind.PURCHASE, START + round(day, 3)) for day in days[days < end]]
        rows += [row] * (len(events) - len(rows))
    events.append(event(Kind.ACCOUNT_CLOSED, START + 300.0))
    whole, rows = log(*events), np.array([*rows, 2])
    order = np.argsort(whole["time"], kind="stable")
    return EventLog([b"c%03d" % row for row in range(customers)], rows[order], whole[order])


LOG = portfolio()


def named(name):
    """Settings whose rules the registry has."""
    return tuple(
        {rule: limits for rule, limits in setting.items() if rule in MODEL.parameters.rules}
        for setting in name
    )


@pytest.fixture(scope="module")
def found():
    plan = BacktestPlan(start=(START + 100) * DAY, days=60.0, thresholds=named(SETTINGS))
    return backtest(LOG, MODEL, plan)


@pytest.fixture(scope="module")
def page(found):
    return seen(html(backtest_page(found)))


def test_the_numbers_of_the_page_are_those_of_the_json(found, page):
    as_json, shown = json.loads(json.dumps(backtest_json(found))), set(page.values)
    assert as_json["lapses"] in shown
    own = [one for one in as_json["settings"][0]["rules"] if one["warnings"]]
    asked = [
        one
        for setting in as_json["settings"][1:]
        for one in setting["rules"]
        if one["rule"] in setting["thresholds"]
    ]
    assert own
    for one in own + asked:
        names = ("warnings", "warnings_per_day", "precision", "recall", "flaps", "warned_clv")
        assert {one[name] for name in names} - {None} <= shown
        quantiles = one["lead_days"]["quantiles"]
        assert quantiles is None or quantiles["0.5"] in shown
    for one in as_json["equal_lead"]["rules"]:
        assert {one["warnings"], one["precision"], one["mean_lead_days"]} - {None} <= shown
        best = [each for each in one["rivals"] if each["rule"] == one["best_plain_rule"]]
        assert {each[name] for each in best for name in ("warnings", "precision")} <= shown
    assert as_json["equal_lead"]["answer"] in page.said
    for score in as_json["snapshots"]["scores"]:
        if score["auc"] is not None:
            assert {score["auc"]["value"], score["deciles"][0]["lift"]} <= shown
    any_rule = next(one for one in as_json["settings"][0]["rules"] if one["rule"] == "any")
    fates = any_rule["right"], any_rule["wrong"], any_rule["late"], any_rule["open"]
    assert "{} were right, {} wrong, {} late and {} are open".format(*fates) in page.said
    assert f"{as_json['open_stretches']} silences go on at the history's end" in page.said


def test_weekly_warnings_add_up_to_all_of_the_period(found):
    for setting in found.result.settings:
        for one in setting.rules:
            assert sum(one.weekly) == one.warnings
            assert len(one.weekly) == 58


def test_every_part_is_there(page):
    for words in (
        "Is this worth it for us?",
        "Warnings, by rule and threshold",
        "Other thresholds",
        "Warnings over time",
        "How early warnings come",
        "How the scores rank",
        "Do the risks mean what they say",
        "What the words mean",
    ):
        assert words in page.said
    assert page.tags.count("svg") == 6


@pytest.mark.slow
def test_the_same_backtest_has_the_same_bytes(found, tmp_path):
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    write_backtest_report(first, found)
    write_backtest_report(second, replace(found, seconds=99.0))
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) < 300_000


def of(*days, **plan):
    whole = log(*(event(Kind.PURCHASE, START + day) for day in days))
    return backtest(
        EventLog([b"c"], np.zeros(len(days), np.int64), whole), MODEL, BacktestPlan(**plan)
    )


def test_a_backtest_without_warnings_and_lapses_is_no_trouble():
    page = seen(html(backtest_page(of(0.0, 1.0))))
    assert "There was no warning in the period." in page.said
    assert "No lapse was warned of." in page.said
    assert "No rule warned of a lapse in time" in page.said
    assert "How the scores rank" not in page.said


@pytest.mark.parametrize("gap", [2.0, 40.0, 400.0])
def test_one_customer_is_no_trouble(gap):
    days = (0.0, 3.0, 6.0, 9.0, 9.0 + gap)
    seen(html(backtest_page(of(*days, days=30.0, thresholds=named(SETTINGS)))))


def test_the_command_writes_the_page_beside_its_json(tmp_path):
    file, page = sample_files(tmp_path)["csv"], tmp_path / "page.html"
    names = ("--id-column", "Kunde", "--time-column", "Tag", "--amount-column", "Betrag")
    asked = ("backtest", file, *names, "--from", "1998-04-01", "--report", str(page), "--json")
    done = CliRunner().invoke(command_line(), list(asked))
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["lapses"] in seen(page.read_text()).values
