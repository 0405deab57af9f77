"""Which rules may warn about whom: rules that only tell, and customers with too little at stake."""

import numpy as np
from cases import MODEL, changed, document, purchases, run

from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel
from scoring.parameters import parse
from scoring.rules import SILENCE, shipped
from scoring.step.run import step

WEEKLY = purchases(*range(100, 170, 7))
LONG = 900


def of_silence(outcome):
    return outcome.warnings[outcome.warnings["rule"] == SILENCE]


def stake(model=MODEL):
    states = run(WEEKLY, model=model).states
    return float(features(states, np.array([170 * DAY]), model)[Feature.VALUE_AT_STAKE, 0])


def test_a_silence_is_warned_about_where_enough_is_at_stake():
    for least, warned in ((stake() * 0.99 / 100, True), (stake() * 1.01 / 100, False)):
        model = changed(scorecard={"least_value": least})
        assert (len(of_silence(run(WEEKLY, model=model, until=LONG))) > 0) == warned


def test_who_has_too_little_at_stake_has_no_timer():
    states = run(WEEKLY, model=changed(scorecard={"least_value": 1e9})).states
    assert states["armed_at"][0] == np.inf
    assert run(WEEKLY).states["armed_at"][0] < np.inf


def test_the_least_value_is_in_the_file_s_unit_of_money():
    assert changed(scorecard={"least_value": 12.5}).least_value == 1_250.0


def test_a_rule_that_does_not_raise_still_tells():
    given = document()
    given["rules"]["silence"]["raises"] = False
    model = ScoringModel(parse(given))
    quiet = run(WEEKLY, model=model, until=LONG)
    assert len(quiet.warnings) == 0
    assert quiet.states["armed_at"][0] == np.inf
    assert model.high[shipped().slots["silence"]] == MODEL.high[shipped().slots["silence"]]


def test_a_rule_switched_off_clears_what_it_had_raised():
    given = document()
    given["rules"]["silence"]["raises"] = False
    raised = run(WEEKLY, until=LONG)
    assert raised.states["level"][0, SILENCE] > 0
    after = step(
        raised.states,
        np.empty(0, EVENT),
        np.empty(0, np.int64),
        np.empty(0),
        LONG * DAY,
        ScoringModel(parse(given)),
    )
    assert after.warnings.size == 0  # nothing happened to the customer yet
    late = raised.states.copy()
    late["armed_at"] = LONG * DAY + 1.0
    cleared = step(
        late,
        np.empty(0, EVENT),
        np.empty(0, np.int64),
        np.empty(0),
        LONG * DAY + 2.0,
        ScoringModel(parse(given)),
    )
    assert cleared.warnings["after"].tolist() == [0]
