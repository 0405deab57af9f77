"""Whole backtests: thresholds, snapshots, and that nothing looks ahead."""

from dataclasses import replace

import numpy as np
import pytest
from cases import MODEL, event, log
from hypothesis import given, settings
from hypothesis import strategies as st

from modelling.backtest import Backtester, Period, stretches, with_limits
from modelling.backtest.snapshots import (
    MOST,
    SCORES,
    judge_snapshots,
    lost_within,
    observe,
    snapshot_dates,
)
from modelling.backtest.tally import Judged
from scoring.arrays import DAY
from scoring.churn import INPUTS, ChurnScorecard, Term
from scoring.facts.events import EVENT, Kind
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.models import ParameterError
from scoring.rules import RULES
from scoring.step import replay as replaying
from scoring.step.replay import EventLog, replay

START, SPAN, N = 10_000.0, 500.0, 60.0


def portfolio(customers=40, seed=3):
    """Customers of their own rhythms; half of them stop one day, some complain, one closes."""
    rng = np.random.default_rng(seed)
    rows, events = [], []
    for row in range(customers):
        end = rng.uniform(50, SPAN) if row % 2 else SPAN
        days = np.cumsum(rng.exponential(rng.choice([4.0, 9.0, 20.0]), 400))
        events += [event(Kind.PURCHASE, START + round(day, 3)) for day in days[days < end]]
        if row % 5 == 0:
            events.append(event(Kind.COMPLAINT, START + rng.uniform(0, end), sentiment=-1.0))
        rows += [row] * (len(events) - len(rows))
    events.append(event(Kind.ACCOUNT_CLOSED, START + 300.0))
    rows.append(2)
    whole = log(*events)
    order = np.argsort(whole["time"], kind="stable")
    names = [b"c%03d" % row for row in range(customers)]
    return EventLog(names, np.array(rows)[order], whole[order])


LOG = portfolio()
PERIOD = Period((START + 100) * DAY, (START + SPAN) * DAY)


def run(of=LOG, period=PERIOD, model=MODEL, asked=(), **heed):
    return Backtester(of, model, period, N).run(tuple(asked), **heed)


def by_name(judged: tuple[Judged, ...]):
    return {(one.rule, one.band): one for one in judged}


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
    assert [each.limits for each in found.settings] == [
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
    model = with_limits(MODEL, {"overdue": (0.1, 0.2)})
    before, after = MODEL.parameters, model.parameters
    assert after.digest == before.digest
    assert after.rules["overdue"].hysteresis == before.rules["overdue"].hysteresis
    others = {name: limits for name, limits in after.rules.items() if name != "overdue"}
    assert others == {name: before.rules[name] for name in others}
    assert before.rules["overdue"].middle == 0.25


@pytest.mark.parametrize(
    ("limits", "told"),
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
def test_thresholds_that_cannot_be_are_refused(limits, told):
    with pytest.raises(ParameterError, match=told):
        with_limits(MODEL, limits)


def scorecard(days):
    """The packaged model with a churn scorecard of one term."""
    term = Term(INPUTS[0], weight=1.0, centre=0.0)
    card = ChurnScorecard((term,), -1.0, 20.0, horizon_days=days, middle=0.6, high=0.9)
    return ScoringModel(replace(MODEL.parameters, churn=card))


def test_a_churn_scorecards_thresholds_can_be_chosen_too():
    model = with_limits(scorecard(40.0), {"churn": (0.3, 0.4)})
    assert (model.churn.middle, model.churn.high) == (0.3, 0.4)
    assert model.churn.terms == scorecard(40.0).churn.terms
    assert "churn" not in model.parameters.rules
    same = with_limits(scorecard(40.0), {"silence": (0.5, 0.6)})
    assert (same.churn.middle, same.churn.high) == (0.6, 0.9)


def test_a_churn_scorecards_risk_is_judged_over_its_own_horizon():
    found = run(model=scorecard(60.0)).snapshots
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
@settings(max_examples=12, deadline=None)
@given(st.floats(START + 1.0, START + SPAN))
def test_what_is_recorded_after_the_period_changes_nothing(day):
    cut = day * DAY
    period = Period(START * DAY, cut)
    assert run(period=period) == run(LOG.before(float(np.nextafter(cut, np.inf))), period=period)


def test_a_listener_hears_every_block_once_for_the_files_own_thresholds():
    heard = []
    found = run(heed=heard.append, asked=[{"silence": (0.5, 0.9)}])
    assert sum(len(each.outcome.applied) for each in heard) == found.events
    assert sum(len(each.outcome.warnings) for each in heard) == found.warnings


@pytest.mark.parametrize(
    ("days", "expected"),
    [(10, ()), (28, (0.0,)), (57.9, (29.9,)), (58, (0.0, 30.0)), (118, (0.0, 30.0, 60.0, 90.0))],
)
def test_snapshots_are_monthly_and_end_a_horizon_before_the_end(days, expected):
    dates = snapshot_dates(Period(0.0, days * DAY), 28.0)
    assert [round(date / DAY, 6) for date in dates] == list(expected)


def test_snapshots_are_few_however_long_the_history_is():
    dates = snapshot_dates(Period(0.0, 5_000 * DAY), 28.0)
    assert len(dates) == MOST
    assert (round(dates[0]), dates[-1]) == (0, 4_972 * DAY)


BUY, CLOSE = Kind.PURCHASE, Kind.ACCOUNT_CLOSED


@pytest.mark.parametrize(
    ("events", "lost"),
    [
        ([(BUY, 0)], True),
        ([(BUY, 0), (BUY, 10)], False),  # at the date itself: not known yet
        ([(BUY, 0), (BUY, 9.99)], True),
        ([(BUY, 0), (BUY, 19.99)], False),
        ([(BUY, 0), (BUY, 20)], True),  # the last instant is out
        ([(BUY, 0), (CLOSE, 15)], True),
        ([(BUY, 0), (BUY, 12), (CLOSE, 15)], True),
        ([(BUY, 0), (BUY, 12), (CLOSE, 20)], False),
    ],
)
def test_lost_at_a_snapshot_is_who_buys_nothing_or_closes_in_the_days_after(events, lost):
    made = log(*(event(kind, START + day) for kind, day in events))
    of = EventLog([b"c"], np.zeros(len(made), np.int64), made)
    lives = stretches(of, N, (START + 400) * DAY)
    found = lost_within(lives, np.array([0]), np.array([(START + 10) * DAY]), 10.0)
    assert found.tolist() == [lost]


def test_snapshots_show_every_score_of_buyers_who_are_not_closed():
    stop = (START + 350) * DAY
    for part in replay(LOG.before(stop), MODEL, until=stop):
        seen = observe(part, MODEL)
        assert sorted(seen.row.tolist()) == [row for row in range(40) if row != 2]
        assert set(seen.time.tolist()) == {stop}
        place = 1 + list(SCORES).index("days_since_last")
        bought = LOG.before(stop).events["kind"] == Kind.PURCHASE
        last = np.zeros(40)
        np.maximum.at(last, LOG.before(stop).rows[bought], LOG.before(stop).times[bought])
        found = seen.scores[place][np.argsort(seen.row)]
        expected = (stop - np.delete(last, 2)) / DAY
        assert (np.abs(found - expected) < 1.0).all()  # days count from midnight


def test_scores_are_ranked_and_probabilities_calibrated():
    found = run().snapshots
    scores = {each.score: each for each in found.scores}
    assert list(scores) == ["churn_risk", *(rule.name for rule in RULES[:-1]), "days_since_last"]
    assert {each.days for each in found.scores} == {MODEL.horizon}
    lost = scores["silence"].lost
    assert 0 < lost < found.customers
    assert scores["days_since_last"].auc.value > 0.7
    assert sum(decile.churned for decile in scores["silence"].deciles) == lost
    assert sum(one.rows for one in scores["churn_risk"].calibration) == found.customers
    assert 0.0 < scores["silence"].calibration_error < 1.0
    assert scores["days_since_last"].calibration == ()
    assert scores["days_since_last"].calibration_error is None


def test_a_score_that_is_the_same_for_all_ranks_nobody():
    scores = {each.score: each for each in run().snapshots.scores}
    assert SCORES["overdue"] is Feature.OVERDUE_RATE
    assert (scores["overdue"].auc, scores["overdue"].deciles) == (None, ())


def test_where_all_or_none_are_lost_there_is_no_ranking():
    alone = EventLog([b"c"], np.zeros(1, np.int64), log(event(Kind.PURCHASE, START)))
    found = run(alone, Period(START * DAY, (START + 100) * DAY)).snapshots
    assert (found.customers, {each.lost for each in found.scores}) == (3, {3})
    assert {each.auc for each in found.scores} == {None}


def test_a_history_of_nobody_has_no_snapshots_and_nothing_to_judge():
    lives = stretches(EventLog([], np.empty(0, np.int64), np.empty(0, EVENT)), N, 0.0)
    found = judge_snapshots([], lives, (), MODEL)
    assert (found.customers, found.dates) == (0, ())
    assert {each.calibration_error for each in found.scores} == {None}
