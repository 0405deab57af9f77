"""Timers of rising values: what a rule must say of itself, and bracketing against a closed root."""

from dataclasses import replace

import numpy as np
import pytest
from cases import MODEL, changed, event, log, purchases, run
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.facts.state import RULE_SLOTS
from scoring.feature import Feature, InSilence
from scoring.features import known, measured
from scoring.rules import BUILT_IN, CHURN, DECLINES, SILENCE, Timer, shipped
from scoring.warning import lifecycle
from scoring.warning.timers import TIMERS, Seen, bracketed, fading, no_purchase


def seen(states, now, model=MODEL):
    found = known(states, now, model)
    return Seen(states, found, lifecycle.values(found.matrix, model), now, model)


def test_every_timer_is_known_and_slots_are_left():
    assert TIMERS.keys() == set(Timer)
    assert shipped().width < RULE_SLOTS
    assert tuple(shipped().slots) == BUILT_IN
    assert (shipped()[SILENCE].name, shipped()[CHURN].name) == ("silence", "churn")
    assert [shipped()[slot].value.name for slot in DECLINES] == [
        "SPEND_DECLINE",
        "USE_DECLINE",
        "VISITS_DECLINE",
    ]


def test_how_a_value_is_timed_follows_from_what_it_is():
    times = {rule.name: rule.timer for rule in shipped().rules}
    expected = {
        "silence": Timer.NO_PURCHASE,
        "churn": Timer.SCORECARD,
        "newcomer": Timer.STEP,
        "card_abandoned": None,
        "recurring_stopped": Timer.STEP,
        **dict.fromkeys((*(BUILT_IN[slot] for slot in DECLINES), "overdue", "dissatisfaction")),
    }
    assert expected.items() <= times.items()
    assert replace(shipped()[SILENCE], value=Feature.DAYS_SINCE_LAST).timer is Timer.CROSSING
    falling = {rule.value for rule in shipped().rules if rule.in_silence is InSilence.FALLS}
    assert falling == fading.FADES.keys()


def test_whoever_waits_for_a_cooldown_is_armed_by_the_timer_or_by_its_end():
    waiting = {rule.name for rule in shipped().rules if shipped().cooling[rule.slot]}
    assert waiting == {"overdue", "dissatisfaction", "churn", "newcomer", "recurring_stopped"}


@settings(max_examples=few(30), deadline=None)
@given(
    st.lists(st.integers(1, 90), min_size=0, max_size=25),
    st.floats(0.0, 400.0),
    st.sampled_from([0, 1]),
)
def test_bracketing_finds_the_root_that_the_purchase_model_has(gaps, later, level):
    days = 20_000 + np.cumsum([0, *gaps])
    states = run(purchases(*days.tolist())).states
    states["level"][:, SILENCE] = level
    now = states["last_event"] + later * DAY
    of = seen(states, now)
    exact, found = no_purchase.due(of, SILENCE), bracketed.due(of, SILENCE)
    assert np.abs(np.maximum(exact, now) - found) < 1.0 or exact == found
    late = of.later(found + 1.0)
    assert (
        bracketed.crossed(of, SILENCE, late).all() == no_purchase.crossed(of, SILENCE, late).all()
    )
    early = of.later(np.maximum(found - 2.0, now))
    assert bracketed.crossed(of, SILENCE, early) == no_purchase.crossed(of, SILENCE, early)


def test_a_rule_that_needs_no_rhythm_is_timed_from_the_first_day():
    eager = changed(rules={"silence": {"middle": 0.6}})  # a newcomer's value is above at once
    states = run(purchases(20_000), model=eager).states
    now = states["last_event"]
    of = seen(states, now, eager)
    assert bracketed.due(of, SILENCE) == pytest.approx((20_000 + eager.horizon) * DAY, abs=1.0)
    assert not bracketed.crossed(of, SILENCE, of.later(now)).any()
    silence, *others = shipped().rules
    restless = replace(shipped(), rules=(replace(silence, needs_rhythm=False), *others))
    of = seen(states, now, replace(eager, rules=restless))
    assert bracketed.due(of, SILENCE) == now
    assert bracketed.crossed(of, SILENCE, of.later(now)).all()
    assert bracketed.watched(of, SILENCE).all()


def test_each_customer_is_bracketed_alone():
    states = run(purchases(20_000, 20_003, 20_011)).states
    many = states[np.zeros(9, np.intp)]
    now = many["last_event"] + np.arange(9.0) * 20 * DAY
    together = bracketed.due(seen(many, now), SILENCE)
    for at in range(9):
        assert bracketed.due(seen(many[at : at + 1], now[at : at + 1]), SILENCE) == together[at]


def test_nobody_who_never_bought_is_watched_for_a_rule_that_needs_a_rhythm():
    states = run(log(event(Kind.APP_SESSION, 20_000))).states
    assert not bracketed.watched(seen(states, states["last_event"]), SILENCE).any()


def test_what_is_measured_is_what_is_known_but_for_the_risk():
    states = run(purchases(20_000, 20_010, 20_030)).states
    now = states["last_event"] + 5 * DAY
    matrix, all_known = measured(states, now, MODEL), known(states, now, MODEL)
    assert matrix.tobytes() == all_known.matrix.tobytes()  # the packaged file has no scorecard
    assert all_known.contributions.shape == (0, 1)
    assert matrix[Feature.CHURN_RISK] == 0.0
