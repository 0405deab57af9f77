"""Scores at dates: when they are taken, of whom, and what they are held against."""

from dataclasses import replace

import numpy as np
import pytest
from cases import MODEL, event, log
from made_portfolio import LOG, SPAN, START, N, run

from modelling.backtest import Period, stretches
from modelling.backtest.measures.scores import (
    MOST,
    SCORES,
    answered,
    lost_within,
    score_present,
    snapshot_dates,
    snapshot_performance,
)
from modelling.leaving import outcomes
from scoring.arrays import DAY
from scoring.churn import ChurnScorecard, Term
from scoring.churn.inputs import BY_NAME
from scoring.facts.calendar import BookCalendar
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.feature import Feature
from scoring.model import ScoringModel
from scoring.parameters import Closure, Silence
from scoring.rules import shipped
from scoring.step.replay import EventLog, replay


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


UTC = BookCalendar("UTC")
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
        scored = score_present(part, MODEL)
        assert sorted(scored.row.tolist()) == [row for row in range(40) if row != 2]
        assert set(scored.time.tolist()) == {stop}
        place = 1 + list(SCORES).index("days_since_last")
        bought = LOG.before(stop).events["kind"] == Kind.PURCHASE
        last = np.zeros(40)
        np.maximum.at(last, LOG.before(stop).rows[bought], LOG.before(stop).times[bought])
        found = scored.scores[place][np.argsort(scored.row)]
        expected = (stop - np.delete(last, 2)) / DAY
        assert (np.abs(found - expected) < 1.0).all()  # days count from midnight


def test_scores_are_ranked_and_probabilities_calibrated():
    found = run().snapshots
    scores = {each.score: each for each in found.scores}
    assert list(scores) == [
        "churn_risk",
        *(rule.name for rule in shipped().rules if rule.name != "churn"),
        "days_since_last",
    ]
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
    nobody = EventLog([], np.empty(0, np.int64), np.empty(0, EVENT))
    told = answered([], stretches(nobody, N, 0.0), MODEL, nobody, 0.0)
    found = snapshot_performance([told], (), MODEL)
    assert (found.customers, found.dates) == (0, ())
    assert {each.calibration_error for each in found.scores} == {None}


def test_a_scorecards_risk_is_held_against_who_left_as_the_bank_defines_it():
    card = ChurnScorecard((Term(BY_NAME["silence"], 1.0, 0.0),), -3.0, 20.0)
    until = (START + SPAN) * DAY
    for leaving in (Silence(days=20.0), Closure(type="closure", within_days=90.0)):
        model = ScoringModel(replace(MODEL.parameters, churn=card, leaving=leaving))
        found = run(model=model).snapshots
        risk, *others = found.scores
        told = [
            outcomes(LOG, leaving, np.array([row]), np.array([date]), until, UTC)[0]
            for date in found.dates
            for row in range(40)
            if bought_and_open(row, date)
        ]
        assert found.customers == len(told)
        assert risk.days == leaving.within
        assert risk.customers == sum(not np.isnan(one) for one in told)
        assert 0 < risk.lost == sum(one == 1.0 for one in told)
        assert {one.customers for one in others} == {found.customers}
        assert sum(one.rows for one in risk.calibration) == risk.customers
    assert run(model=replace_leaving(5.0)).snapshots.scores == run().snapshots.scores


def bought_and_open(row, date):
    own = LOG.events["kind"][(LOG.rows == row) & (LOG.times < date)].tolist()
    return BUY in own and CLOSE not in own


def replace_leaving(days):
    """Without a scorecard what counts as leaving changes no score."""
    return ScoringModel(replace(MODEL.parameters, leaving=Silence(days=days)))
