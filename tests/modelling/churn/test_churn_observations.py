import numpy as np
import pytest
from cases import MODEL, event, log
from churn_cases import LOG, START, bought_log

from modelling.churn.cross_validation import cross_validate
from modelling.churn.fit import ScorecardPlan
from modelling.churn.observations import observe
from scoring.arrays import DAY
from scoring.churn import INPUTS
from scoring.churn.inputs import values
from scoring.facts.consent import is_unscored
from scoring.facts.kinds import Kind
from scoring.feature import Feature
from scoring.features import features
from scoring.parameters import Closure, Partial
from scoring.step.replay import EventLog, final_states

INSTANTS = [(START + day) * DAY for day in (100, 200, 250)]


def test_every_date_shows_what_was_known_by_then():
    observed = observe(LOG, MODEL, INSTANTS, 28.0)
    for date, instant in enumerate(INSTANTS):
        states = final_states(LOG.before(instant), MODEL, until=instant)
        known = np.flatnonzero((states["purchase_days"] > 0) & ~is_unscored(states))
        matrix = features(states[known], np.full(len(known), instant), MODEL)
        rows = observed.dates == date
        assert observed.customers[rows].tolist() == known.tolist()
        assert observed.inputs[rows].tobytes() == values(matrix, MODEL.purchases).T.tobytes()
        assert (observed.silence[rows] == matrix[Feature.DAYS_SINCE_LAST]).all()
        assert observed.no_purchase[rows] == pytest.approx(matrix[Feature.P_NO_PURCHASE])


def test_the_future_changes_nothing():
    whole = observe(LOG, MODEL, INSTANTS[:2], 28.0)
    cut = observe(LOG.before(INSTANTS[1]), MODEL, INSTANTS[:2], 28.0)
    assert all(a.tobytes() == b.tobytes() for a, b in zip(whole, cut, strict=True))


def test_who_closed_the_account_is_no_longer_looked_at():
    ended = log(event(Kind.PURCHASE, 10), event(Kind.ACCOUNT_CLOSED, 20))
    history = EventLog([b"a"], np.zeros(2, np.int64), ended)
    observed = observe(history, MODEL, [15.0 * DAY, 30.0 * DAY], 5.0)
    assert observed.dates.tolist() == [0]


def test_a_history_without_customers_shows_nobody():
    empty = EventLog([], np.zeros(0, np.int64), log(event(Kind.PURCHASE, 1))[:0])
    observed = observe(empty, MODEL, [0.0], 28.0)
    assert observed.inputs.shape == (0, len(INPUTS))


GONE = Closure(type="closure", within_days=60.0)


def nothing(days):
    return Partial(type="partial", within_days=days, share=0.0)


def leavers(customers=240):
    """A third leaves at some time, the others stay."""
    random = np.random.default_rng(4)
    return np.where(random.random(customers) < 0.33, random.uniform(30, 390, customers), 400.0)


def test_the_scorecard_finds_who_is_about_to_be_silent():
    history = bought_log(leavers())
    instants = [(START + day) * DAY for day in (200, 300)]
    plan = ScorecardPlan(inputs=INPUTS[:5])
    validated = cross_validate(history, MODEL, instants, nothing(60.0), plan)
    assert validated.auc.value > 0.75
    assert validated.churn_rate == validated.churned.mean()
    assert validated.customers == 240
    assert len(validated.churned) > 400
    assert set(validated.baselines) == {"no_purchase", "days_since_last"}
    area, gain = validated.baselines["days_since_last"]
    assert validated.auc.value - area.value == pytest.approx(gain.value)


def test_labels_given_take_the_place_of_silence():
    stays = leavers()
    history = bought_log(stays)
    instants = [(START + day) * DAY for day in (100, 200, 300)]
    closes = np.where(stays < 400.0, stays + 40.0, np.inf)
    gone_at = (START + closes) * DAY
    validated = cross_validate(
        history, MODEL, instants, GONE, ScorecardPlan(inputs=INPUTS[:5]), gone_at
    )
    at = np.array(instants)[validated.observed.dates]
    assert (gone_at[validated.observed.customers] >= at).all()
    assert validated.churned.sum() == sum(
        np.sum((closes >= day) & (closes < day + 60)) for day in (100, 200, 300)
    )
    assert validated.auc.value > 0.7
