"""Whole backtests: thresholds, and that nothing looks ahead."""

from dataclasses import replace

import numpy as np
import pytest
from cases import MODEL
from hypothesis import given, settings
from hypothesis import strategies as st
from made_portfolio import LOG, PERIOD, SPAN, START, run
from trying import few

from modelling.backtest import Period, with_thresholds
from modelling.backtest.measures.performance import RulePerformance
from scoring.arrays import DAY
from scoring.churn import INPUTS, ChurnScorecard, Term
from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.parameters import Silence
from scoring.rules import BUILT_IN, read_rules
from scoring.step import replay as replaying


def by_name(rules: tuple[RulePerformance, ...]):
    return {(one.rule, one.band): one for one in rules}


def test_a_backtest_finds_lapses_and_warnings_of_them():
    found = run()
    silence = by_name(found.settings[0].rules)["silence", "middle"]
    assert (found.events, found.customers) == (len(LOG.events), 40)
    assert found.closures == 1
    assert found.lapses == silence.lapses > 10
    assert silence.warned > 5
    assert silence.right + silence.wrong + silence.late + silence.open == silence.warnings
    assert found.timers > 0
    assert found.warnings >= silence.warnings
    assert found.open_stretches > 10


def test_lower_thresholds_warn_more_and_earlier_and_the_files_own_come_first():
    found = run(asked=[{"silence": (0.5, 0.9)}, {"silence": (0.99, 0.995)}])
    own, low, steep = (by_name(each.rules)["silence", "middle"] for each in found.settings)
    assert [each.thresholds for each in found.settings] == [
        {},
        {"silence": (0.5, 0.9)},
        {"silence": (0.99, 0.995)},
    ]
    assert (low.threshold, own.threshold, steep.threshold) == (0.5, 0.95, 0.99)
    assert low.recall > own.recall > steep.recall
    leads = [one.lead_days.quantiles["0.5"] for one in (low, own, steep)]
    assert leads == sorted(leads, reverse=True)


def test_the_files_own_thresholds_given_again_bring_the_same():
    limits = MODEL.parameters.rules["silence"]
    found = run(asked=[{"silence": (limits.middle, limits.high)}])
    assert found.settings[0].rules == found.settings[1].rules


def test_thresholds_leave_all_else_of_a_model_alone():
    model = with_thresholds(MODEL, {"overdue": (0.1, 0.2)})
    before, after = MODEL.parameters, model.parameters
    assert after.digest == before.digest
    assert after.rules["overdue"].hysteresis == before.rules["overdue"].hysteresis
    others = {name: limits for name, limits in after.rules.items() if name != "overdue"}
    assert others == {name: before.rules[name] for name in others}
    assert before.rules["overdue"].middle == 0.25


def test_thresholds_are_tried_under_the_bank_s_own_rules():
    rules = read_rules(
        b"[rule.silence]\nmiddle = 0.7\nhigh = 0.9\nclear_after_days = 5\n"
        b"[rule.overdue]\nclear_after_days = 9\n"
    )
    model = with_thresholds(ScoringModel(MODEL.parameters, rules), {"silence": (0.5, 0.6)})
    silence, overdue = (BUILT_IN.index(name) for name in ("silence", "overdue"))
    limits = model.thresholds
    assert (limits.bands.middle[silence], limits.bands.high[silence]) == (0.5, 0.6)
    assert (limits.clear_after[[silence, overdue]] / DAY).tolist() == [5.0, 9.0]
    assert limits.raises[silence]
    untouched = with_thresholds(ScoringModel(MODEL.parameters, rules), {"overdue": (0.1, 0.2)})
    assert untouched.thresholds.bands.middle[silence] == 0.7


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"nothing": (0.5, 0.6)}, "rule: expected .*silence.*, got nothing"),
        (
            {"silence": (0.9, 0.8)},
            r"rules\.silence: expected .*limits should rise.*, got 0\.9:0\.8",
        ),
        ({"silence": (0.0, 0.8)}, r"rules\.silence: .*got 0:0\.8"),
        ({"silence": (float("nan"), 0.8)}, r"rules\.silence: .*got nan:0\.8"),
        ({"silence": (0.01, 0.8)}, r"rules\.silence: .*limits should rise"),
    ],
)
def test_thresholds_that_cannot_be_are_refused(limits, message):
    with pytest.raises(ParameterError, match=message):
        with_thresholds(MODEL, limits)


def scorecard(days):
    """The packaged model with a churn scorecard of one term."""
    term = Term(INPUTS[0], weight=1.0, centre=0.0)
    card = ChurnScorecard((term,), -1.0, 20.0, horizon_days=days, middle=0.6, high=0.9)
    return ScoringModel(replace(MODEL.parameters, churn=card))


def test_a_churn_scorecards_thresholds_can_be_chosen_too():
    model = with_thresholds(scorecard(40.0), {"churn": (0.3, 0.4)})
    assert (model.churn.middle, model.churn.high) == (0.3, 0.4)
    assert model.churn.terms == scorecard(40.0).churn.terms
    assert "churn" not in model.parameters.rules
    same = with_thresholds(scorecard(40.0), {"silence": (0.5, 0.6)})
    assert (same.churn.middle, same.churn.high) == (0.6, 0.9)


def test_a_churn_scorecards_risk_is_judged_by_when_leaving_shows():
    parameters = replace(scorecard(60.0).parameters, leaving=Silence(days=60.0))
    found = run(model=ScoringModel(parameters)).snapshots
    scores = {each.score: each for each in found.scores}
    assert (scores["churn_risk"].days, scores["silence"].days) == (60.0, MODEL.horizon)
    assert scores["churn_risk"].lost < scores["silence"].lost
    assert found.dates[-1] == PERIOD.end - 60.0 * DAY


def test_blocks_do_not_change_what_is_found(monkeypatch):
    expected = run()
    monkeypatch.setattr(replaying, "BLOCK", 7)
    monkeypatch.setattr(replaying, "PIECE", 50)
    assert run() == expected


@pytest.mark.slow
@settings(max_examples=few(4), deadline=None)
@given(st.floats(START + 1.0, START + SPAN))
def test_what_is_recorded_after_the_period_changes_nothing(day):
    cut = day * DAY
    period = Period(START * DAY, cut)
    assert run(period=period) == run(LOG.before(float(np.nextafter(cut, np.inf))), period=period)


def test_a_caller_gets_every_block_once_for_the_files_own_thresholds():
    blocks = []
    found = run(on_replayed=blocks.append, asked=[{"silence": (0.5, 0.9)}])
    assert sum(len(each.outcome.applied) for each in blocks) == found.events
    assert sum(len(each.outcome.warnings) for each in blocks) == found.warnings
