"""Visits: how long the last one is ago, against how often there was one."""

import numpy as np
import pytest
from cases import MODEL, event, purchases, run

from scoring.arrays import DAY
from scoring.churn.inputs import BY_NAME
from scoring.facts.kinds import Kind
from scoring.facts.packing import pack, unpack
from scoring.feature import Feature
from scoring.features import features

DAYS = 20_000.0
VISIT_SILENCE = BY_NAME["visit_silence"]


def known(log, day, model=MODEL):
    states = run(log).states
    return features(states, np.full(len(states), day * DAY), model)


def visits(*days, kind=Kind.APP_SESSION):
    return np.concatenate([event(kind, day, amount=0, id=int(day * 100) + 7) for day in days])


def log_of(*parts):
    together = np.concatenate(parts)
    return together[np.argsort(together["time"], kind="stable")]


def test_days_since_the_last_visit_pass_whatever_is_bought():
    log = log_of(visits(DAYS, DAYS + 2.5), purchases(DAYS + 1, DAYS + 6))
    assert known(log, DAYS + 10)[Feature.DAYS_SINCE_VISIT].tolist() == [7.5]


@pytest.mark.parametrize("kind", [Kind.WEB_VISIT, Kind.CHAT, Kind.CALL, Kind.BRANCH_VISIT])
def test_every_way_to_visit_counts(kind):
    log = log_of(purchases(DAYS), visits(DAYS + 3, kind=kind))
    assert known(log, DAYS + 4)[Feature.DAYS_SINCE_VISIT].tolist() == [1.0]


@pytest.mark.parametrize("kind", [Kind.CAMPAIGN_SENT, Kind.FEE, Kind.COMPLAINT])
def test_what_the_bank_does_and_what_is_no_visit_does_not(kind):
    log = log_of(visits(DAYS), visits(DAYS + 3, kind=kind))
    assert known(log, DAYS + 4)[Feature.DAYS_SINCE_VISIT].tolist() == [4.0]


def test_a_late_visit_does_not_turn_the_clock_back():
    early, late = visits(DAYS + 1), visits(DAYS + 5)
    orders = [np.concatenate(order) for order in ((early, late), (late, early))]
    apart = [run(log).states["last_visit"].tolist() for log in orders]
    assert apart == [[(DAYS + 5) * DAY]] * 2


@pytest.mark.parametrize(
    ("feature", "half_life"),
    [
        (Feature.VISIT_GAP_SHORT, 14.0),
        (Feature.VISIT_GAP_MIDDLE, 56.0),
        (Feature.VISIT_GAP_LONG, 182.0),
    ],
)
def test_a_gap_between_visits_is_a_prior_updated_by_what_was_seen(feature, half_life):
    log = visits(*(DAYS + np.arange(0.0, 400.0, 2.0)))
    ago = np.arange(0.0, 400.0, 2.0)
    seen = (0.5 ** (ago / half_life)).sum()
    window = half_life / np.log(2.0) * (1.0 - 0.5 ** (398.0 / half_life))
    expected = (14.0 + window) / (0.5 + seen)
    assert known(log, DAYS + 400)[feature] == pytest.approx(expected, rel=1e-9)


def test_where_nobody_visits_visits_say_nothing():
    short, long = (known(purchases(*(DAYS + np.arange(0.0, n, 2.0))), DAYS + n) for n in (9, 400))
    for feature in (Feature.DAYS_SINCE_VISIT, Feature.VISIT_GAP_SHORT, Feature.VISIT_GAP_LONG):
        assert short[feature].tolist() == long[feature].tolist(), feature


def test_who_goes_on_visiting_in_a_silence_is_told_from_who_does_not():
    bought = purchases(*(DAYS + np.arange(0.0, 100.0, 5.0)))
    usual = DAYS + np.arange(0.0, 100.0, 3.0)
    stopped = known(log_of(bought, visits(*usual)), DAYS + 120)
    goes_on = known(
        log_of(bought, visits(*usual, *(DAYS + np.arange(102.0, 120.0, 3.0)))), DAYS + 120
    )
    quiet, heard = (VISIT_SILENCE.value(one, MODEL.purchases)[0] for one in (stopped, goes_on))
    assert quiet > np.log(6.0)
    assert heard < np.log(2.0)


def test_the_last_visit_is_stored():
    states = run(log_of(purchases(DAYS), visits(DAYS + 3))).states
    assert unpack(pack(states))["last_visit"].tolist() == [(DAYS + 3) * DAY]
