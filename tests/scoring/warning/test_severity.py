"""How much money a warning is about: over states and instants, and over a warning's life."""

from dataclasses import replace

import numpy as np
import pytest
from cases import MODEL, changed, document, event, log, purchases, run
from churn_cases import card
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import shipped
from scoring.warning.lifecycle import HIGH, LOW, MIDDLE, Moves
from scoring.warning.severity import tell


def _pareto():
    fitted = {"type": "paretonbd", "r": 0.55, "alpha": 10.6, "s": 0.61, "beta": 11.7}
    return ScoringModel(parse({**document(), "purchase_model": fitted}))


ALL = (
    MODEL,
    changed(purchase_model={"type": "mbgnbd", "r": 2.0, "alpha": 4.0}),
    _pareto(),
    ScoringModel(replace(MODEL.parameters, churn=replace(card(), middle=0.3, high=0.6))),
)
each_model = pytest.mark.parametrize(
    "model", ALL, ids=["packaged", "mbgnbd", "paretonbd", "scorecard"]
)

SPARSE = (20_000, 20_010, 20_020)  # so thin that one return eases a silence and no more
HAPPENS = st.sampled_from(
    [Kind.PURCHASE] * 12
    + [Kind.COMPLAINT, Kind.INSTALMENT_OVERDUE, Kind.REPAYMENT, Kind.FEE, Kind.SERVICE_COST] * 2
    + [Kind.REFUND, Kind.APP_SESSION, Kind.SURVEY]
)


@st.composite
def histories(draw):
    """One customer's: mostly purchases, some trouble, now and then a long silence."""
    size = draw(st.integers(1, 40))
    gaps = draw(st.lists(st.sampled_from([0.2, 1, 4, 9, 60, 300]), min_size=size, max_size=size))
    kinds = draw(st.lists(HAPPENS, min_size=size, max_size=size))
    amounts = draw(st.lists(st.integers(0, 10**8), min_size=size, max_size=size))
    days = 20_000 + np.cumsum(gaps)
    return log(*map(event, kinds, days, amounts))


def episodes(warnings):
    """The warnings of each episode, in sequence."""
    keys = warnings[["row", "rule", "episode"]]
    return [np.sort(warnings[keys == key], order="sequence") for key in np.unique(keys)]


@pytest.mark.slow
@each_model
@settings(max_examples=few(8), deadline=None)
@given(histories())
def test_severity_goes_with_the_band_over_a_warnings_life(model, events):
    for told in episodes(run(events, model=model, until=21_500).warnings):
        severity, after = told["severity"], told["after"].astype(int)
        moved, stepped = np.diff(severity), np.diff(after)
        assert (moved[stepped > 0] >= 0.0).all()
        assert (moved[stepped < 0] <= 0.0).all()
        assert (severity[after == LOW] == 0.0).all()
        at_risk = told["churn_risk"] * told["features"][:, Feature.VALUE_AT_STAKE]
        assert severity[0] == np.float32(np.rint(at_risk[0]))


@pytest.mark.slow
@each_model
@settings(max_examples=few(8), deadline=None)
@given(histories(), st.lists(st.floats(0.0, 20_000.0), min_size=2, max_size=5))
def test_the_value_at_stake_stays_as_it_is_in_silence(model, events, days):
    states = run(events, model=model).states.repeat(len(days))
    now = states["last_event"] + np.array(days) * DAY
    at_stake = features(states, now, model)[Feature.VALUE_AT_STAKE]
    assert (at_stake == at_stake[0]).all()
    assert at_stake[0] >= 0.0
    assert np.isfinite(at_stake[0])


@pytest.mark.slow
@each_model
@settings(max_examples=few(8), deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=20))
def test_the_value_at_stake_is_the_clv_where_no_time_went_by(model, days):
    events = purchases(*sorted(20_000 + day for day in days), amount=3_000)
    states = run(events, model=model).states
    then, later = (features(states, states["last_event"] + s, model) for s in (0.0, 90 * DAY))
    assert then[Feature.TENURE] == then[Feature.RECENCY]
    assert later[Feature.VALUE_AT_STAKE] == pytest.approx(then[Feature.CLV], rel=1e-12)
    assert (later[Feature.CLV] < later[Feature.VALUE_AT_STAKE]).all()


def test_who_never_bought_has_nothing_at_stake():
    states = run(log(event(Kind.FEE, 20_000, 5_000), event(Kind.COMPLAINT, 20_001))).states
    assert features(states, states["last_event"], MODEL)[Feature.VALUE_AT_STAKE] == [0.0]


def test_who_costs_more_than_he_brings_has_nothing_at_stake():
    states = run(log(purchases(20_000), event(Kind.SERVICE_COST, 20_001, 10**7))).states
    found = features(states, states["last_event"], MODEL)
    assert found[Feature.CLV] < 0.0
    assert found[Feature.VALUE_AT_STAKE] == [0.0]


def test_who_has_recovered_stands_last_and_who_falls_silent_further_stands_higher():
    returns = purchases(*SPARSE, 21_000, 21_005, 21_010)
    warnings = run(returns, until=21_011).warnings
    assert warnings["after"].tolist() == [MIDDLE, HIGH, MIDDLE, LOW]
    raised, escalated, eased, cleared = warnings["severity"]
    assert escalated >= raised > 0.0
    assert eased <= escalated
    assert cleared == 0.0
    ranked = warnings[np.argsort(-warnings["severity"], kind="stable")]
    assert ranked["after"][-1] == LOW


NAN = float("nan")


@pytest.mark.parametrize(
    ("before", "after", "last", "at_risk", "told"),
    [
        (LOW, MIDDLE, NAN, 12.4, 12.0),
        (LOW, HIGH, 0.0, 12.6, 13.0),
        (MIDDLE, HIGH, 40.0, 12.0, 40.0),
        (MIDDLE, HIGH, 40.0, 50.0, 50.0),
        (HIGH, MIDDLE, 40.0, 50.0, 40.0),
        (HIGH, MIDDLE, 40.0, 12.0, 12.0),
        (HIGH, LOW, 40.0, 50.0, 0.0),
        (MIDDLE, HIGH, NAN, 12.0, 12.0),  # begun before severities were kept
        (HIGH, MIDDLE, NAN, 12.0, 12.0),
        (LOW, MIDDLE, NAN, 2.0**24 + 1.0, 2.0**24),  # beyond 24 bits even numbers are kept
    ],
)
def test_what_is_told_is_what_is_kept(before, after, last, at_risk, told):
    states, slot = new_states(3), shipped().slots["overdue"]
    states["severity"][1, slot] = last
    one = np.array([1]), np.array([slot]), np.array([before]), np.array([after])
    assert tell(
        states, Moves(*one, np.zeros(1), np.zeros(1, int)), np.array([at_risk])
    ).tolist() == [told]
    assert states["severity"][1, slot] == told
    assert np.isnan(np.delete(states["severity"].ravel(), 16 + slot)).all()


@settings(max_examples=few(8), deadline=None)
@given(histories())
def test_the_state_keeps_what_was_told_last(events):
    ended = run(events, until=21_500)
    for told in episodes(ended.warnings):
        rule, last = told["rule"][-1], told[-1]
        if last["episode"] == ended.states["episode"][0, rule]:
            assert ended.states["severity"][0, rule] == last["severity"]
