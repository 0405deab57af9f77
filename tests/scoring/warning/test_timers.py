"""Timers of rising values: what a rule must say of itself, and bracketing against a closed root."""

from dataclasses import replace

import numpy as np
import pytest
from cases import MODEL, changed, event, log, purchases, run
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.facts.state import RULE_SLOTS
from scoring.feature import Feature, InSilence
from scoring.features import known, measured
from scoring.rules import CHURN, RULES, SILENCE, SLOTS, Timer
from scoring.warning import lifecycle
from scoring.warning.timers import TIMERS, Seen, bracketed, no_purchase
from scoring.warning.timers.arming import COOLING


def seen(states, now, model=MODEL):
    found = known(states, now, model)
    return Seen(states, found, lifecycle.values(found.matrix, model), now, model)


def test_every_timer_is_known_and_slots_are_left():
    assert TIMERS.keys() == set(Timer)
    assert len(RULES) < RULE_SLOTS
    assert list(SLOTS) == [rule.name for rule in RULES]
    assert (RULES[SILENCE].name, RULES[CHURN].name) == ("silence", "churn")


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        ("silence", {"timer": None}, "silence, rises in silence: expected a timer"),
        ("churn", {"timer": None}, "churn, mixed in silence: expected a timer"),
        ("overdue", {"fades": None}, "overdue: expected `fades` just where the value falls"),
        ("overdue", {"timer": Timer.CROSSING}, "overdue, falls in silence: expected no timer"),
        ("spend_decline", {"in_silence": InSilence.RISES}, "expected a timer"),
        ("spend_decline", {"in_silence": InSilence.FALLS}, "expected `fades`"),
    ],
)
def test_a_rule_that_nothing_would_time_is_refused(rule, changes, expected):
    with pytest.raises(ValueError, match=expected):
        replace(RULES[SLOTS[rule]], **changes)


def test_whoever_waits_for_a_cooldown_is_armed_by_the_timer_or_by_its_end():
    waiting = {rule.name for rule, cools in zip(RULES, COOLING, strict=True) if cools}
    assert waiting == {"overdue", "dissatisfaction", "churn"}


@settings(max_examples=80, deadline=None)
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


def test_more_rules_than_a_state_has_slots_are_refused():
    lifecycle.require_slots(RULE_SLOTS)
    with pytest.raises(ValueError, match="expected at most 16, the slots of a state, got 17"):
        lifecycle.require_slots(RULE_SLOTS + 1)


def test_a_rule_that_needs_no_rhythm_is_timed_from_the_first_day(monkeypatch):
    eager = changed(rules={"silence": {"middle": 0.6}})  # a newcomer's value is above at once
    states = run(purchases(20_000), model=eager).states
    now = states["last_event"]
    of = seen(states, now, eager)
    assert bracketed.due(of, SILENCE) == pytest.approx((20_000 + eager.horizon) * DAY, abs=1.0)
    assert not bracketed.crossed(of, SILENCE, of.later(now)).any()
    restless = replace(RULES[SILENCE], needs_rhythm=False)
    monkeypatch.setattr(bracketed, "RULES", (restless, *RULES[1:]))
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
