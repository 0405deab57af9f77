"""What customers need, by hand: what the card is for, where they are reached, what annoys them."""

import numpy as np
import pytest
from cases import event, log, run
from met import at, basis

from scoring.facts.categories import Category
from scoring.facts.consent import NO_PROFILING
from scoring.facts.kinds import Kind
from scoring.facts.state import Flag
from scoring.facts.touchpoints import Family
from scoring.segments import needs, satisfaction_at

NOBODY = {"top_category": 0, "usual_category": 0, "reach": 0, "weakest": 0}


def bought(day, category, amount=5_000):
    return event(Kind.PURCHASE, day, amount, category=category)


def told(*events):
    of = basis(*events)
    found = needs(of, satisfaction_at(of))
    return {name: int(codes[0]) for name, codes in found._asdict().items()}


def test_the_card_s_use_is_told_as_it_was_and_as_it_became():
    groceries = [bought(20_000 + 7 * week, Category.GROCERIES) for week in range(100)]
    travel = [bought(20_700 + 2 * n, Category.TRAVEL) for n in range(30)]
    found = told(*groceries)
    assert (found["top_category"], found["usual_category"]) == (1 + Category.GROCERIES,) * 2
    found = told(*groceries, *travel)
    assert found["top_category"] == 1 + Category.TRAVEL
    assert found["usual_category"] == 1 + Category.GROCERIES


def test_who_answered_is_reached_where_they_answered_last_and_who_did_not_where_they_come():
    visits = [at("app", Kind.APP_SESSION, 20_000 + n) for n in range(20)]
    call = at("hotline", Kind.CALL, 20_030)
    assert told(*visits, call)["reach"] == 1 + Family.APP
    answered = at("branch", Kind.SURVEY, 20_031, score=5)
    assert told(*visits, call, answered)["reach"] == 1 + Family.BRANCH
    again = at("phone", Kind.NPS, 20_032, score=9)
    assert told(*visits, call, answered, again)["reach"] == 1 + Family.PHONE


def test_old_visits_fade_against_new_ones():
    visits = [at("web", Kind.WEB_VISIT, 20_000 + n) for n in range(20)]
    since = [at("app", Kind.APP_SESSION, 21_500 + n) for n in range(3)]
    assert told(*visits)["reach"] == 1 + Family.WEB
    assert told(*visits, *since)["reach"] == 1 + Family.APP


@pytest.mark.parametrize("where", ["atm", "kiosk"])
def test_nobody_is_reached_at_a_machine_or_nobody_knows_where(where):
    assert told(at(where, Kind.ATM_VISIT, 20_000))["reach"] == 0


def test_a_remedy_belongs_where_satisfaction_is_poor_alone():
    good, bad = at("app", Kind.SURVEY, 20_000, score=5), at("branch", Kind.SURVEY, 20_000, score=1)
    assert told(good)["weakest"] == 0
    assert told(good, bad, at("branch", Kind.COMPLAINT, 20_001))["weakest"] == 1 + Family.BRANCH


def test_of_who_did_nothing_of_the_kind_nothing_is_told():
    assert told(event(Kind.INSTALMENT_OVERDUE, 20_000)) == NOBODY


def test_a_case_carries_them_unless_the_customer_withdrew_consent():
    lived = [bought(20_000 + 5 * n, Category.DINING) for n in range(40)]
    lived += [at("app", Kind.APP_SESSION, 20_000 + 5 * n) for n in range(40)]
    overdue = [event(Kind.INSTALMENT_OVERDUE, 20_201.0 + n) for n in range(2)]
    withdrawn = event(Kind.CONSENT_CHANGED, 20_204.0, 0, score=NO_PROFILING)
    made = log(*lived, *overdue)
    cases = run(made[np.argsort(made["time"], kind="stable")]).cases
    assert set(cases["top_category"].tolist()) == {1 + Category.DINING}
    assert set(cases["reach"].tolist()) == {1 + Family.APP}
    made = log(*lived, *overdue, withdrawn)
    last = run(made[np.argsort(made["time"], kind="stable")]).cases[-1]
    assert last["flags"] & Flag.NO_PROFILING
    assert {name: int(last[name]) for name in NOBODY} == NOBODY
