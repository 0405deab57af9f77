"""Satisfaction where customers met the bank, by hand and against the customer's own index."""

import numpy as np
import pytest
from cases import MODEL, event, log, run
from met import at, basis

from scoring.arrays import DAY
from scoring.facts.kinds import Kind
from scoring.facts.touchpoints import NAMES, Family
from scoring.features import features
from scoring.segments import Basis, satisfaction_at, weakest
from scoring.segments.figures import satisfaction
from scoring.step.outcome import score


def told(*events, later=0.0):
    found = zip(NAMES, satisfaction_at(basis(*events, later=later))[:, 0].tolist(), strict=True)
    return {name: each for name, each in found if np.isfinite(each)}


def test_half_is_what_was_said_there_and_half_what_was_done():
    middle = MODEL.parameters.half_lives_days[1]
    found = told(
        at("app", Kind.SURVEY, 20_000, score=2),  # 3 of 4 steps from the best
        at("app", Kind.NPS, 20_000, score=9),  # 1 of 10
        at("hotline", Kind.COMPLAINT, 20_000),
        event(Kind.BRANCH_VISIT, 20_000),
        later=middle,
    )
    said = 1 - (0.75 + 0.1) / 2
    assert found == pytest.approx({"app": 0.5 * said + 0.5, "phone": 0.5, "branch": 1.0})


def test_who_met_the_bank_in_one_family_has_the_customer_s_own_index_there():
    visits = [event(Kind.APP_SESSION, 20_000 + 2 * n) for n in range(100)]
    said = [
        at("app:x", Kind.SURVEY, 20_215, score=2),
        at("MOBILE", Kind.NPS, 20_216, score=6),
        at("app", Kind.COMPLAINT, 20_210),
    ]
    bought = [event(Kind.PURCHASE, day) for day in range(20_000, 20_230, 10)]
    for chosen in (visits, [*visits, *said], [*visits, *said, *bought], said):
        of = basis(*chosen, later=3.0)
        own = float(satisfaction(of)[0])
        assert told(*chosen, later=3.0) == pytest.approx({"app": own}, rel=1e-6)
        assert own < 1.0 or chosen is visits


def test_a_touchpoint_is_judged_by_what_happened_there_alone():
    quiet = [event(Kind.BRANCH_VISIT, 20_000 + n) for n in range(200)]
    busy = [event(Kind.APP_SESSION, 20_000 + 4 * n) for n in range(100)]
    found = told(*quiet, *busy, at("kiosk", Kind.SURVEY, 20_390, score=5))
    assert found["branch"] < 0.6 < found["app"] == found["other"] == 1.0


def test_what_names_no_touchpoint_counts_for_the_customer_alone():
    assert told(event(Kind.COMPLAINT, 20_000), event(Kind.SURVEY, 20_000, score=1)) == {}
    assert weakest(satisfaction_at(basis(event(Kind.PURCHASE, 20_000)))).tolist() == [-1]


def test_any_company_gives_the_same_bytes():
    days = [20_000.0 + each for each in range(40)]
    events = log(*(event(kind, day) for day in days for kind in (Kind.CALL, Kind.PURCHASE)))
    rows = np.arange(len(events)) % 17
    states = run(events, rows).states
    now = np.full(17, 20_050.0 * DAY)
    whole = satisfaction_at(Basis(states, features(states, now, MODEL), now, MODEL))
    for row in range(17):
        own = states[row : row + 1]
        alone = Basis(own, features(own, now[:1], MODEL), now[:1], MODEL)
        assert satisfaction_at(alone).tobytes() == np.ascontiguousarray(whole[:, row]).tobytes()


def test_a_warning_of_dissatisfaction_names_the_weakest_touchpoint():
    bad = [at("branch:1", Kind.COMPLAINT, 20_100 + n) for n in range(3)]
    events = log(event(Kind.PURCHASE, 20_000), event(Kind.APP_SESSION, 20_001), *bad)
    ended = run(events, until=20_700)
    rule = MODEL.rules.slots["dissatisfaction"]
    own = ended.warnings[ended.warnings["rule"] == rule]
    is_open = own["after"] > 0
    assert set(own["weakest"][is_open].tolist()) == {Family.BRANCH + 1}
    assert not is_open.all()
    assert set(own["weakest"][~is_open].tolist()) == {0}
    assert set(ended.warnings["weakest"][ended.warnings["rule"] != rule].tolist()) <= {0}
    assert len(score(ended.states, ended.states["last_event"], MODEL)) == 1
