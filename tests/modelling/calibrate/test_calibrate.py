import json
from dataclasses import replace

import numpy as np
import pytest
from cases import document, event, log
from churn_cases import START, bought_log
from churn_cases import few_thresholds as few_thresholds  # noqa: PLC0414 - a fixture
from churn_cases import two_models as two_models  # noqa: PLC0414 - a fixture
from report_pages import seen

from modelling.calibrate import CalibrationRequest, calibrate
from modelling.calibrate.answer import answer
from modelling.calibrate.report import calibration_page
from modelling.churn.fit import ScorecardPlan
from modelling.history import HistoryError
from modelling.report.page import html
from modelling.thresholds import Aim, Economics, tiered
from scoring.facts.kinds import Kind
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.step.replay import EventLog

PLAN = ScorecardPlan(calibration="platt", strengths=(1.0,), folds=2)
REQUEST = CalibrationRequest(
    base=document(), name="bank", aim=Aim(), leaving={"type": "silence", "days": 40.0}, plan=PLAN
)


def leaving(customers=140, days=300):
    random = np.random.default_rng(4)
    return np.where(random.random(customers) < 0.4, random.uniform(30, days, customers), days)


LOG = bought_log(leaving(), days=300)


@pytest.fixture(scope="module")
def found():
    said = []
    return calibrate(LOG, REQUEST, say=lambda *far: said.append(far)), said


def test_one_go_fits_all_and_judges_it_out_of_time(found):
    whole, said = found
    done = {step.name: step.is_done for step in whole.steps}
    assert list(done) == ["history", "leaving", "purchases", "scorecard", "backtest"]
    assert all(done.values())
    # All buy at one rate, of which no distribution over customers can be told.
    assert "one rate of buying for all" in whole.steps[2].words
    trials, many = len(whole.churn.search.tried), len(LOG.customers)
    assert said == [
        ("Fitting purchase models", 0, 0),
        ("Fitting the scorecard", 0, 0),
        ("Fitting the scorecard to the first part of the history", 0, 0),
        *(("Trying thresholds", number, trials) for number in range(trials)),
        ("Backtesting out of time", 0, 0),
        ("Replaying customers", 0, many),
        ("Replaying customers", many, many),
    ]
    written = whole.document
    assert written["leaving"] == {"type": "silence", "days": 40.0}
    assert written["name"] == "bank"
    assert ScoringModel(parse(written)).churn is not None
    assert "one rate of buying for all" in written["purchase_model"]["limit"]
    best, judged = whole.churn.search.recommended, whole.backtest.result
    assert judged.period == whole.churn.search.period
    own = next(
        one for one in judged.settings[0].rules if (one.rule, one.band) == ("churn", "middle")
    )
    assert own.threshold == best.middle == written["churn"]["thresholds"]["middle"]
    assert own.precision == pytest.approx(best.at.precision)


def test_the_report_opens_with_the_answer(found):
    whole, _ = found
    told = answer(whole)
    page = seen(html(calibration_page(whole)))
    assert not page.faults
    assert len(page.ids) == len(set(page.ids))
    text = " ".join(page.words)
    assert f"Is it worth it? {told.headline}" in text
    assert told.is_worth_it is None
    assert "it is worth it where a right one brings more than" in told.headline
    assert whole.churn.search.recommended.at.precision in page.values


def test_the_answer_is_in_money_where_costs_are_known(found):
    whole, _ = found
    aim = Aim(economics=Economics(tiered(1.0), value=tiered(100_000.0)))
    told = answer(calibrate(LOG, replace(REQUEST, aim=aim)))
    assert told.is_worth_it is True
    assert told.headline.startswith("Yes: about ")
    assert answer(whole).is_worth_it is None


def test_costs_above_the_value_are_not_worth_it():
    aim = Aim(economics=Economics(tiered(1_000_000.0), value=tiered(1.0)))
    whole = calibrate(LOG, replace(REQUEST, aim=aim))
    assert answer(whole).is_worth_it is False
    assert whole.document["churn"]["thresholds"]["middle"] > 0.999
    assert "warn of nobody" in " ".join(seen(html(calibration_page(whole))).words)


def some(*events, rows=None):
    made = log(*events)
    rows = np.zeros(len(made), np.int64) if rows is None else np.asarray(rows)
    return EventLog([b"c%d" % n for n in range(int(rows.max()) + 1)], rows, made)


HOSTILE = {
    "no purchases": some(*(event(Kind.COMPLAINT, START + n) for n in range(30))),
    "one customer": some(*(event(Kind.PURCHASE, START + 7 * n) for n in range(60))),
    "one event": some(event(Kind.PURCHASE, START)),
    "one day": some(
        *(event(Kind.PURCHASE, START + n / 100) for n in range(60)), rows=np.arange(60) % 30
    ),
    "nobody leaves": bought_log(np.full(60, 300.0), days=300),
    "all leave at once": bought_log(np.full(60, 50.0), days=50),
}


@pytest.mark.by_lot(4)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("asked", [REQUEST.leaving, None], ids=["silence", "proposed"])
def test_too_little_history_keeps_the_base_and_says_what_is_missing(name, asked):
    whole = calibrate(HOSTILE[name], replace(REQUEST, leaving=asked))
    assert not whole.is_complete
    assert whole.churn is None
    assert whole.missing
    parse(json.loads(json.dumps(whole.document)))
    told = answer(whole)
    assert (told.is_worth_it, told.headline) == (None, "This history cannot tell yet.")
    assert any(reason.startswith("Missing: ") for reason in told.reasons)
    assert not seen(html(calibration_page(whole))).faults


def test_a_scorecard_of_the_base_is_kept_with_the_models_it_weighs(found):
    whole, _ = found
    later = calibrate(HOSTILE["nobody leaves"], replace(REQUEST, base=whole.document))
    kept = ("churn", "reference", "purchase_model", "leaving")
    assert [later.document[name] == whole.document[name] for name in kept] == [True] * 4
    step = next(step for step in later.steps if step.name == "scorecard")
    assert "The base's scorecard is kept" in step.words


def test_what_the_base_says_of_leaving_holds_unless_another_is_asked_for(found):
    whole, _ = found
    request = replace(REQUEST, base=whole.document, leaving=None)
    later = calibrate(HOSTILE["one event"], request)
    assert later.leaving.within == 40.0
    assert "As the base has it." in later.steps[1].words


def test_a_history_without_events_is_refused():
    with pytest.raises(HistoryError, match="expected at least one event"):
        calibrate(LOG.before(0.0), REQUEST)
