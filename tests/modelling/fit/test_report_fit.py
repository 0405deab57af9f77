import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from histories import BOOK, cdnow_sample, sample_files
from histories import COLUMNS as NAMES
from report_pages import seen
from typer.testing import CliRunner

from ebbwatch.cli import command_line
from ebbwatch.cli.pages.fit import document
from modelling.fit.base import prepared
from modelling.fit.data import FitWindow, from_files
from modelling.fit.file import fit_file
from modelling.fit.holdout import HoldoutResult
from modelling.fit.ranges import FrequencyRanges
from modelling.fit.report.page import fit_page, write_fit_report
from modelling.fit.report.purchases import by_frequency, tracked
from modelling.fit.report.value import customer_values
from modelling.fit.run import FitRequest
from modelling.history import Columns, Layout
from modelling.report.page import html
from scoring.model import ScoringModel
from scoring.models import BGNBD, ParetoNBD
from streams.parameters.file import read_document

UNTIL, HOLDOUT = date(1997, 9, 30), date(1998, 6, 30)
pytestmark = pytest.mark.slow  # each draws a whole report

COLUMNS = Columns(customer_id="Kunde", event_time="Tag", amount="Betrag")


def request(model="bgnbd", name="sample"):
    base = prepared(read_document(None), None, None)
    return FitRequest(model=model, time_unit="week", winsorise=0.999, base=base, name=name)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    file = tmp_path_factory.mktemp("cdnow") / "<script>sample.csv"
    cdnow_sample().write_csv(file)
    window = FitWindow(until=UNTIL, holdout=HOLDOUT)
    return from_files([str(file)], BOOK, Layout(columns=COLUMNS), window)


@pytest.fixture(scope="module")
def found(data):
    return fit_file(data, request())


@pytest.fixture(scope="module")
def page(found):
    return seen(html(fit_page(found)))


def leaves(value):
    """All numbers of a JSON value."""
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [value] if isinstance(value, int | float) else []


def of_few(found, customers, **changes):
    """The same fit, told of the first few customers only."""
    summary = found.data.summary
    few = {
        name: getattr(summary, name)[:customers]
        for name in ("ids", "rows", "x", "t_x", "T", "monetary_value", "total_value")
    }
    small = replace(found.data, summary=replace(summary, **few), holdout=None, later=None)
    return replace(found, data=replace(small, **changes), holdout=None)


def test_the_numbers_of_the_page_are_those_of_the_json(found, page):
    told = document(found, "out.json", 1.0)
    shown = set(page.values)
    parts = ("parameters", "standard_errors", "log_likelihood", "customers", "cleaning")
    for part in parts:
        assert set(leaves(told[part])) <= shown
    assert set(leaves(told["spend"])) <= shown
    assert {told["holdout"]["actual"]} <= shown
    for one in told["holdout"]["bins"]:
        assert {one["customers"], one["expected"], one["actual"]} <= shown
    assert f"expected {told['holdout']['expected']:,.1f} purchases" in page.said
    assert f"{told['holdout']['mean_absolute_error']:.3f} purchases" in page.said


def test_what_is_shown_is_what_was_found(page):
    shown = {text: value for value, text in page.numbers}
    assert shown["\u22129,582.4"] == pytest.approx(-9582.4292, abs=1e-3)
    for text in ("0.2426", "4.414", "0.7929", "2.426", "2,357", "1,882", "2,457"):
        assert text in shown


def test_tracked_purchases_end_at_those_of_the_summary_and_the_holdout(found):
    over_time, summary = tracked(found), found.data.summary
    at = int(np.searchsorted(over_time.days, over_time.fitted))
    assert over_time.actual[at] == summary.x.sum()
    assert over_time.actual[-1] - over_time.actual[at] == found.holdout.actual.sum()
    assert (over_time.fitted, over_time.days[-1]) == (272.0, 545.0)
    assert (np.diff(over_time.actual) >= 0).all()


def test_tracked_expectations_are_each_customers_own_added_up(found):
    over_time, summary = tracked(found), found.data.summary
    model = found.parameters.purchases
    at = int(np.searchsorted(over_time.days, over_time.fitted))
    each = model.expected_repeat_purchases(summary.T)
    assert over_time.expected[at] == pytest.approx(each.sum(), rel=1e-9)
    later = model.expected_repeat_purchases(summary.T + found.holdout.days)
    assert over_time.expected[-1] == pytest.approx(later.sum(), rel=1e-9)


def test_whole_weeks_only_are_shown_by_week(found):
    over_time = tracked(found)
    ends, expected, actual = over_time.weekly
    assert (np.diff(ends) == 7.0).all()
    assert over_time.fitted in ends
    assert len(ends) == len(expected) == len(actual) == 77


@pytest.mark.parametrize("model", [BGNBD(0.243, 30.9, 0.793, 2.426), ParetoNBD(0.55, 74, 0.6, 82)])
def test_customers_by_frequency_add_up_to_all_of_them(found, model):
    ranges = FrequencyRanges.of(found.data.summary.x)
    actual, expected = by_frequency(model, found.data.summary, ranges)
    assert len(actual) == len(expected) == 8
    assert actual.sum() == len(found.data.summary.ids) == 2357
    assert expected.sum() == pytest.approx(2357.0, abs=1e-6)
    assert actual[0] == (found.data.summary.x == 0).sum()
    assert expected == pytest.approx(actual, abs=60.0)


def test_values_are_those_the_live_system_would_have(found):
    summary, model = found.data.summary, ScoringModel(found.parameters)
    alive = model.purchases.p_alive(summary.x, summary.t_x, summary.T)
    days, rate = found.parameters.clv_horizon_days, found.parameters.discount_rate
    ahead = model.purchases.purchases_if_alive(summary.x, summary.T, days, rate)
    spend = model.spend.expected_spend(summary.x, summary.monetary_value)
    worth = customer_values(found)
    assert worth.each == pytest.approx(0.3 * spend * alive * ahead, rel=1e-6)
    richest = np.sort(worth.each)[::-1]
    assert worth.top == pytest.approx(richest[:471].sum() / richest.sum(), abs=1e-3)


def test_the_command_writes_the_page_beside_its_json(tmp_path):
    file, out, report = sample_files(tmp_path)["csv"], tmp_path / "p.json", tmp_path / "page.html"
    asked = ("fit", file, *NAMES, "--model", "bgnbd", "--out", str(out), "--report", str(report))
    done = CliRunner().invoke(command_line(), [*asked, "--until", "1997-09-30", "--json"])
    assert done.exit_code == 0, done.output
    shown = seen(report.read_text()).values
    assert set(leaves(json.loads(done.stdout)["parameters"])) <= set(shown)


def test_the_same_fit_has_the_same_bytes(found, tmp_path):
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    write_fit_report(first, found)
    write_fit_report(second, found)
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) < 300_000


@pytest.mark.parametrize("model", ["mbgnbd", "paretonbd"])
def test_other_purchase_models_have_the_same_sections(data, page, model):
    other = seen(html(fit_page(fit_file(data, request(model)))))
    assert other.tags.count("h2") == page.tags.count("h2") == 7
    assert other.tags.count("svg") == page.tags.count("svg") == 6


def test_a_fit_of_spend_alone_has_no_purchases_to_show(data):
    spend = seen(html(fit_page(fit_file(data, request(None)))))
    assert "Gamma-Gamma fitted to 2,357 customers" in spend.said
    assert "Purchases over time" not in spend.said
    assert "What customers are worth" in spend.said


def test_a_live_system_has_no_history_to_track(found):
    live = of_few(found, 2357, source="redis", log=None, cleaning=None, first_day=None)
    page = seen(html(fit_page(live)))
    assert "Purchases over time" not in page.said
    assert "The states of a live system" in page.said


@pytest.mark.parametrize("customers", [1, 2, 3])
def test_few_customers_are_no_trouble(found, customers):
    page = seen(html(fit_page(of_few(found, customers))))
    assert f"fitted to {customers} customer{'s' * (customers > 1)} " in page.said
    assert "Customers in the holdout" not in page.said


def test_one_customer_on_the_very_last_day_is_no_trouble(found):
    one = of_few(found, 1)
    summary = one.data.summary
    none = np.zeros(1)
    fresh = replace(summary, x=none, t_x=none, T=none, monetary_value=none)
    page = seen(html(fit_page(replace(one, data=replace(one.data, summary=fresh)))))
    assert "too short for a chart by week" in page.said


def test_customers_of_no_worth_are_said_to_be_of_none(found):
    worthless = replace(found.parameters, margin=0.0)
    page = seen(html(fit_page(replace(found, parameters=worthless))))
    assert "nobody is worth anything" in page.said


def test_a_holdout_without_purchases_is_no_trouble(found):
    x = found.data.summary.x
    none = HoldoutResult(HOLDOUT, 273, x, np.full(len(x), 0.5), np.zeros(len(x), np.int64))
    page = seen(html(fit_page(replace(found, holdout=none))))
    assert "the correlation of both is not defined" in page.said


def test_customers_who_buy_often_are_told_apart(found):
    often = np.append(np.zeros(5), np.arange(10.0, 105.0))
    few = of_few(found, 100)
    data = replace(few.data, summary=replace(few.data.summary, x=often, T=np.full(100, 272.0)))
    held = HoldoutResult(HOLDOUT, 273, often, often, often.astype(np.int64))
    page = seen(html(fit_page(replace(few, data=data, holdout=held))))
    assert "7 or more" not in page.said
    names = FrequencyRanges.of(often).spans
    assert (names[1], names[-1]) == ((1, 16), (92, None))
    assert page.said.count("1-16") == page.said.count("92+") == 2
    assert page.said.count("92 or more") == 2


def test_hostile_names_are_shown_and_not_obeyed(found):
    named = {**found.document, "name": "<img src=http://x onerror=alert(1)>"}
    first = {"bad_time": "<b>column</b>: expected a time, got </ul><script>"}
    cleaning = replace(found.data.cleaning, left_out={"bad_time": 3}, first=first)
    hostile = replace(found, document=named, data=replace(found.data, cleaning=cleaning))
    text = html(fit_page(hostile))
    assert "<img" not in text
    assert "<script" not in text
    assert "&lt;img src=http://x onerror=alert(1)&gt;" in text
    assert "&lt;/ul&gt;&lt;script&gt;" in text
