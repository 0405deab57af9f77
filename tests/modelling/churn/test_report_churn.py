import math
from dataclasses import replace

import numpy as np
import pytest
from cases import document
from report_pages import seen

from modelling.churn.fit import ScorecardPlan
from modelling.churn.report import churn_page, write_churn_report
from modelling.churn.run import ChurnRequest, fit_churn
from modelling.report.page import html
from modelling.report.ranking_charts import chance_band
from scoring.arrays import DAY
from scoring.evaluation import CalibrationBin, deciles, flagged
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.parameters import Silence
from scoring.step.replay import EventLog

START, DAYS = 10_000, 400


def bought(customers=160):
    """Each customer buys about weekly; a third stops at some day."""
    random = np.random.default_rng(0)
    stops = random.random(customers) < 0.33
    ends = np.where(stops, random.uniform(30.0, 390.0, customers), DAYS)
    rows, times = [], []
    for customer, end in enumerate(ends):
        own = random.uniform(0.0, end, max(int(end / 7), 1))
        rows += [customer] * len(own)
        times += own.tolist()
    order = np.argsort(times, kind="stable")
    made = np.zeros(len(order), EVENT)
    made["kind"], made["id"], made["amount"] = Kind.PURCHASE, np.arange(1, len(order) + 1), 1_000
    made["time"] = made["reversed_time"] = (np.array(times)[order] + START) * DAY
    return EventLog([b"c%d" % row for row in range(customers)], np.array(rows)[order], made)


@pytest.fixture(scope="module")
def found():
    plan = ScorecardPlan(calibration="platt", strengths=(1.0,), folds=2)
    return fit_churn(bought(), document(), ChurnRequest(leaving=Silence(days=60.0), plan=plan))


@pytest.fixture(scope="module")
def page(found):
    return seen(html(churn_page(found)))


def test_the_numbers_of_the_page_are_those_of_the_section(found, page):
    section, shown = found.scorecard, set(page.values)
    fit, scale = section["fit"], section["points_to_double"] / math.log(2.0)
    assert {fit["auc"]["value"], fit["calibration_error"], fit["brier"]} <= shown
    assert {section["base_rate"], len(section["terms"])} <= shown
    for plain in fit["baselines"].values():
        assert {plain["auc"]["value"], plain["gain"]["value"]} <= shown
    for term in section["terms"]:
        assert {term["weight"], term["centre"], term["weight"] * scale} <= shown
    for band in ("middle", "high"):
        assert section["thresholds"][band] in shown


def test_lift_and_flags_are_of_the_cross_validated_risks(found, page):
    validated, shown = found.cross_validation, set(page.values)
    for tenth in deciles(validated.risks, validated.churned):
        assert {tenth.lift, tenth.gain, tenth.rows, tenth.churned} <= shown
    caught = flagged(validated.risks, validated.churned, found.scorecard["thresholds"]["middle"])
    assert {caught.rows, caught.recall} <= shown


def test_every_part_is_there(page):
    for words in ("Ranking", "Lift and gain", "Do the risks mean", "The scorecard", "Thresholds"):
        assert words in page.said
    assert page.tags.count("svg") == 3
    assert "Left out, being the same for all: " in page.said


def test_the_same_scorecard_has_the_same_bytes(found, tmp_path):
    first, second = tmp_path / "a.html", tmp_path / "b.html"
    write_churn_report(first, found)
    write_churn_report(second, found)
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) < 200_000


@pytest.mark.parametrize("limits", [(0.0, 0.0), (1.0, 1.0), (0.5, 0.5)])
def test_thresholds_may_flag_all_or_nobody(found, limits):
    middle, high = limits
    thresholds = {**found.scorecard["thresholds"], "middle": middle, "high": high}
    section = {**found.scorecard, "thresholds": thresholds}
    seen(html(churn_page(replace(found, scorecard=section))))


def test_a_hostile_name_is_shown_and_not_obeyed(found):
    fit = {**found.scorecard["fit"], "baselines": {}}
    fit["baselines"]["</td><script>x"] = found.scorecard["fit"]["baselines"]["no_purchase"]
    text = html(churn_page(replace(found, scorecard={**found.scorecard, "fit": fit})))
    assert "<script" not in text
    assert "&lt;/td&gt;&lt;script&gt;x" in text


def test_the_band_of_chance_holds_nearly_all_bins_of_true_risks():
    random, rows = np.random.default_rng(1), 400
    shares = random.uniform(0.02, 0.98, 2_000)
    curve = [CalibrationBin(rows, share, random.binomial(rows, share) / rows) for share in shares]
    low, high = chance_band(curve)
    inside = [low[at] <= one.happened <= high[at] for at, one in enumerate(curve)]
    assert 0.94 <= np.mean(inside) <= 0.985


def test_the_band_of_sure_risks_has_no_width():
    low, high = chance_band([CalibrationBin(5, 0.0, 0.0), CalibrationBin(5, 1.0, 1.0)])
    assert low.tolist() == high.tolist() == [0.0, 1.0]
