"""Timers at the instant at which other parameters come into force."""

import numpy as np
import pytest
from cases import changed, document, event, log, run

from scoring.arrays import DAY, NEVER, copied
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.features import features
from scoring.rules import SILENCE, shipped
from scoring.step.run import step
from scoring.warning import lifecycle

NOTHING = np.empty(0, EVENT), np.empty(0, np.int64), np.empty(0)
CLOCK = 20_095.0 * DAY
DAILY = [event(Kind.PURCHASE, 20_000 + day) for day in range(0, 60, 2)]
EBBING = log(*DAILY, event(Kind.PURCHASE, 20_075.0), event(Kind.INSTALMENT_OVERDUE, 20_091.0))


def limits(middle, high, **by_rule):
    """The packaged model with the same limits for every rule but those named."""
    every = {"middle": middle, "high": high, "hysteresis": 0.01, "floor": 0.0}
    rules = dict.fromkeys(document()["rules"], every)
    return changed(rules={**rules, **{name: {**every, **own} for name, own in by_rule.items()}})


USUAL = limits(0.05, 0.5, silence={"middle": 0.7, "high": 0.95})
STRICT, LENIENT = limits(0.02, 0.04), limits(0.99, 0.999)
SOONER = limits(0.05, 0.5, silence={"middle": 0.5, "high": 0.8})
BEFORE = run(EBBING, model=USUAL, until=20_095).states


def at_activation(model, before):
    """States whose every timer is due at the clock, and what a step makes of them."""
    states = before.copy()
    states["armed_at"] = CLOCK
    return step(states, *NOTHING, CLOCK, model, CLOCK)


def demanded(model, before):
    """Levels to which an evaluation by a model moves the states."""
    states, now = copied(before), np.full(len(before), CLOCK)
    table = lifecycle.values(features(states, now, model), model)
    may = np.ones(table.shape, np.bool_)
    lifecycle.settle(states, table, now, model, np.zeros(len(before), np.bool_), may)
    return states["level"].tolist()


@pytest.mark.parametrize("model", [STRICT, LENIENT, USUAL], ids=["strict", "lenient", "same"])
def test_a_timer_at_an_activation_judges_every_rule_by_the_new_limits(model):
    outcome = at_activation(model, BEFORE)
    assert outcome.states["level"].tolist() == demanded(model, BEFORE)
    moved = [outcome.states[name][0] != BEFORE[name][0] for name in ("level", "below_since")]
    held = shipped().held & np.logical_or(*moved)[: len(shipped().rules)]
    assert held.any() == (model is not USUAL)


def test_a_timer_after_an_activation_leaves_held_rules_alone():
    states = BEFORE.copy()
    states["armed_at"] = CLOCK + 1.0
    outcome = step(states, *NOTHING, CLOCK + 1.0, STRICT, CLOCK)
    moved = (
        outcome.states["level"][0, : len(shipped().rules)]
        != BEFORE["level"][0, : len(shipped().rules)]
    )
    assert moved.any()
    assert not (moved & shipped().held).any()


def test_warnings_at_an_activation_are_about_its_instant():
    warnings = at_activation(STRICT, BEFORE).warnings
    moved = {shipped().rules[slot].name for slot in warnings["rule"]}
    assert moved == {"silence", "spend_decline", "card_use_decline"}
    assert set(warnings["now"].tolist()) == {CLOCK}


def of_silence(warnings):
    return warnings[warnings["rule"] == SILENCE]


def test_silence_after_an_activation_is_told_when_it_is_told_without_one():
    states = run(log(*DAILY), model=USUAL, until=20_060).states
    states["armed_at"] = clock = 20_060 * DAY
    states = step(states, *NOTHING, clock, SOONER, clock).states
    later = of_silence(step(states, *NOTHING, 20_300 * DAY, SOONER, clock).warnings)
    fresh = of_silence(run(log(*DAILY), model=SOONER, until=20_300).warnings)
    assert len(later) == len(fresh) == 2
    assert np.abs(later["now"] - fresh["now"]).max() < 0.01


def test_a_closed_account_is_disarmed_at_an_activation():
    before = run(log(EBBING, event(Kind.ACCOUNT_CLOSED, 20_092.0)), until=20_095).states
    outcome = at_activation(STRICT, before)
    assert outcome.states["armed_at"].tolist() == [NEVER]
    assert len(outcome.warnings) == 0
