"""By which day a case is to be answered, whatever days the desk is closed on."""

import random
from datetime import date, timedelta

import pytest

from scoring.warning.desk import desk_rules, due_day

FRIDAY = date(2026, 3, 6)
RULES = """
due = { high = 1, middle = 3 }
[route.risk]
closed = ["saturday", "sunday", 2026-03-09, "2026-03-11/2026-03-12"]
[route.relationship]
closed = ["friday"]
"""


@pytest.mark.parametrize(
    ("route", "band", "since", "due"),
    [
        ("risk", "high", FRIDAY, date(2026, 3, 10)),
        ("risk", "middle", FRIDAY, date(2026, 3, 16)),
        ("risk", "high", FRIDAY + timedelta(days=1), date(2026, 3, 10)),
        ("risk", "high", FRIDAY - timedelta(days=1), FRIDAY),
        ("relationship", "high", FRIDAY, date(2026, 3, 7)),
        ("relationship", "middle", FRIDAY, date(2026, 3, 9)),
    ],
)
def test_working_days_are_those_of_the_route_s_calendar(route, band, since, due):
    assert due_day(desk_rules(RULES.encode()), route, band, since) == due


def test_no_day_is_the_same_one_or_the_first_on_which_somebody_is_there():
    rules = desk_rules(RULES.replace("high = 1", "high = 0").encode())
    assert due_day(rules, "risk", "high", FRIDAY) == FRIDAY
    assert due_day(rules, "risk", "high", FRIDAY + timedelta(days=1)) == date(2026, 3, 10)


def test_shipped_a_high_one_is_due_the_next_working_day_and_a_middle_one_within_a_week():
    assert due_day(desk_rules(), "relationship", "high", FRIDAY) == date(2026, 3, 9)
    assert due_day(desk_rules(), "relationship", "middle", FRIDAY) == date(2026, 3, 13)


def test_a_route_that_is_closed_for_good_has_no_such_day():
    rules = desk_rules(b'[route.risk]\nclosed = ["2026-01-01/2099-12-31"]')
    assert due_day(rules, "risk", "high", FRIDAY) is None


@pytest.mark.parametrize("seed", range(20))
def test_as_many_working_days_lie_between_as_the_rules_say(seed):
    draw = random.Random(seed)
    names = ["monday", "tuesday", "wednesday", "thursday", "saturday", "sunday"]
    off = [*draw.sample(names, draw.randrange(7)), f"{FRIDAY}/{FRIDAY + timedelta(days=9)}"]
    within = draw.randrange(1, 367)
    rules = desk_rules(f"due.high = {within}\n[route.risk]\nclosed = {off!r}".encode())
    due = due_day(rules, "risk", "high", FRIDAY)
    after = [FRIDAY + timedelta(days=each) for each in range(1, (due - FRIDAY).days + 1)]
    assert sum(not rules.route.risk.is_closed(day) for day in after) == within
    assert not rules.route.risk.is_closed(due)
