"""A recurring charge that moved, to another day, amount or merchant, is not one that stopped."""

from datetime import date

import numpy as np
import pytest
from cases import MODEL, run
from test_holdings import SLOTS, charged, in_order, monthly, told

from scoring.arrays import DAY
from scoring.feature import Feature
from scoring.features import measured
from scoring.model import ScoringModel
from scoring.rules import read_rules
from scoring.step.doing import Doing

DAYS = monthly(9, date(2024, 1, 4))
OLD, NEW = DAYS[:6], DAYS[6:]  # of the months before the move, and behind it
RULE = "recurring_stopped"
STOPPED = Feature.CHARGES_STOPPED


def at(events, day, feature=Feature.CHARGES_MOVED):
    """A feature a day after 1970."""
    known = [each for each in events if each["time"][0] <= day * DAY]
    states = run(in_order(known)).states
    return measured(states, np.array([day * DAY]), MODEL)[feature, 0]


MOVED = pytest.mark.parametrize(
    "new",
    [
        pytest.param(charged(NEW, 1_799), id="a third dearer and more"),
        pytest.param(charged(NEW, 499), id="half as much"),
        pytest.param(charged(NEW, 1_000, merchant=8), id="another merchant"),
        pytest.param(charged([day + 3 for day in NEW], 1_040, merchant=8), id="and nearly so"),
    ],
)


@MOVED
def test_one_that_goes_on_for_another_amount_or_merchant_is_told_as_moved(new):
    events = in_order(charged(OLD), new)
    assert told(RULE, events, until=NEW[-1] + 20) == []
    for day, moved in ((NEW[0] + 8.5, 0), (NEW[0] + 9.5, 1), (NEW[-1] + 20, 1)):
        assert (at([*charged(OLD), *new], day), at([*charged(OLD), *new], day, STOPPED)) == (
            moved,
            0,
        )


@MOVED
def test_once_the_new_one_does_not_come_either_it_has_stopped_to_the_midnight(new):
    events = in_order(charged(OLD), new[:1])
    (raised, level), *_ = told(RULE, events, until=NEW[0] + 60)
    shift = round(new[0]["time"][0] / DAY - 0.3) - NEW[0]
    assert (level, raised) == (1, pytest.approx(NEW[1] + shift + 9, abs=1e-4))


TWICE = pytest.mark.parametrize(
    "new",
    [
        pytest.param([(0, 1_799, 7), (0, 2_999, 7), (0, 4_999, 7)], id="dearer each time"),
        pytest.param([(0, 1_000, 8), (2, 1_020, 9), (2, 1_030, 10)], id="one merchant, another"),
        pytest.param([(3, 1_000, 8), (3, 1_700, 8), (4, 1_700, 9)], id="both by turns"),
    ],
)


@TWICE
def test_one_that_moves_again_before_the_new_one_recurs_is_told_as_moved_all_the_time(new):
    moves = [charged([day + on], of, at) for day, (on, of, at) in zip(NEW, new, strict=True)]
    assert told(RULE, in_order(charged(OLD), *moves), until=NEW[-1] + 20) == []
    for day in (NEW[0] + 9.5, NEW[1] + 20, NEW[-1] + 20):
        events = [*charged(OLD), *(one for each in moves for one in each)]
        assert (at(events, day), at(events, day, STOPPED)) == (1, 0)


@TWICE
def test_the_last_of_several_moves_stops_to_the_midnight(new):
    moves = [charged([day + on], of, at) for day, (on, of, at) in zip(NEW, new, strict=True)]
    events = in_order(charged(OLD), *moves[:2])
    (raised, level), *_ = told(RULE, events, until=NEW[1] + 80)
    assert (level, raised) == (1, pytest.approx(NEW[2] + new[1][0] + 9, abs=1e-4))


@pytest.mark.parametrize(
    "beside",
    [
        pytest.param(charged([day + 12 for day in NEW], 1_799), id="same merchant, another day"),
        pytest.param(charged(NEW, 5_000), id="same merchant, another sort of amount"),
        pytest.param(charged(NEW, 1_200, merchant=8), id="another merchant and amount"),
        pytest.param(charged([NEW[0] - 40], 1_000, merchant=8), id="another, before"),
        pytest.param(charged(DAYS, 990, merchant=8), id="one that had been beside it"),
        pytest.param(charged([NEW[0] + 11], 1_000, merchant=8), id="another, too late"),
    ],
)
def test_what_comes_beside_one_that_stopped_does_not_hide_it(beside):
    events = in_order(charged(OLD), beside)
    (raised, level), *_ = told(RULE, events, until=NEW[0] + 20)
    assert (level, raised) == (1, pytest.approx(NEW[0] + 9, abs=1e-4))


@pytest.mark.parametrize(
    ("shift", "levels"), [(-12, []), (7, []), (15, [1, 0])], ids=["earlier", "soon", "later"]
)
def test_one_that_goes_on_on_another_day_is_told_as_moved(shift, levels):
    new = charged([day + shift for day in NEW])
    found = told(RULE, in_order(charged(OLD), new[:1]), until=NEW[0] + 20)
    assert [level for _, level in found] == levels
    if levels:  # nobody can know before it comes
        assert [when for when, _ in found] == pytest.approx([NEW[0] + 9, NEW[0] + 15.3], abs=1e-4)
    days = (NEW[0] + 4.5, max(NEW[0] + 5.5, NEW[0] + shift + 0.5), NEW[0] + 18)
    assert [at([*charged(OLD), *new], day) for day in days] == [0, 1, 1]


def test_a_purchase_besides_the_usual_one_is_no_move():
    events = in_order(charged(DAYS), charged([NEW[0] + 12]))
    assert run(events).states["charge_late"][0, 0] == 0
    assert at([*charged(OLD), *charged([OLD[-1] + 12])], OLD[-1] + 20) == 0
    assert at([*charged(DAYS), *charged([NEW[0] + 12])], NEW[1] + 2) == 0


def test_a_warning_of_one_that_stopped_says_what_clears_that_one():
    gone = charged(monthly(6, date(2024, 1, 6)), 700, merchant=9)
    events = in_order(charged(OLD), gone, charged(NEW[:1], 1_799))
    warnings = run(events, until=NEW[0] + 20).warnings
    (raised,) = warnings[warnings["rule"] == SLOTS[RULE]]
    assert raised["features"][Feature.CHARGES_MOVED] == 1
    assert (raised["doing"], raised["times"]) == (Doing.CHARGE, 1)
    again = in_order(
        [events[at : at + 1] for at in range(len(events))], charged([NEW[0] + 12], 700, 9)
    )
    assert [level for _, level in told(RULE, again, until=NEW[0] + 13)] == [1, 0]


def test_a_rule_of_a_bank_s_own_about_moves_is_timed_to_the_midnight():
    rules = read_rules(
        b'[rule.moved]\nslot = 10\nvalue = "charges_moved"\nmiddle = 1\nhigh = 2\n'
        b'actions = { middle = "ask", high = "ask" }\n'
    )
    model = ScoringModel(MODEL.parameters, rules)
    events = in_order(charged(OLD), charged([NEW[0] - 12]))
    for cuts in ((), range(len(events))):
        warnings = run(events, model=model, until=NEW[0] + 60, cuts=cuts).warnings
        own = warnings[warnings["rule"] == 10]
        days = own["now"] / DAY
        assert own["after"].tolist() == [1, 0]
        assert days == pytest.approx([NEW[0] + 5, NEW[1] - 12 - 1 + 9], abs=1e-4)
