import numpy as np
import pytest
from cases import MODEL
from hypothesis import given
from hypothesis import strategies as st
from panel_cases import START, advanced, all_seen, bought_log, churned_of, rounds

from scoring.arrays import DAY
from scoring.facts.events import hash_ids
from scoring.monitoring import Panel, PromiseError, together
from scoring.monitoring.panel import ENTRY
from scoring.monitoring.warned import (
    BEFORE,
    WARNED,
    WEEK,
    WEEKS_KEPT,
    by_week,
    counted,
    newly_flagged,
)

LOG = bought_log(customers=120, days=500, seed=3)
ROWS = st.lists(st.tuples(st.integers(2_000, 2_300), st.integers(0, 9), st.integers(0, 9)))
CHAMPION_ONLY = 0


def table(rows):
    made = np.zeros(len(rows), WARNED)
    for at, (week, stayed, churned) in enumerate(rows):
        made[at] = week, (stayed, churned)
    return made


def entries(*rows):
    """Forecasts by (customer, risk, flagged) of the champion."""
    made = np.zeros(len(rows), ENTRY)
    for at, (customer, risk, flagged) in enumerate(rows):
        made["customer"][at], made["risk"][at] = customer, risk
        made["flagged"][at] = flagged
    return made


def test_a_flag_that_goes_up_is_a_warning_and_one_that_stays_up_or_was_never_down_is_none():
    before = entries((1, 0.1, False), (2, 0.9, True), (2, 0.1, False), (4, np.nan, False))
    customers = np.array([1, 2, 3, 4, 5], np.uint64)
    flagged = np.array([True, True, True, True, False])
    fresh = newly_flagged(before, CHAMPION_ONLY, customers, flagged)
    assert fresh.tolist() == [True, False, False, False, False]


def flags_by_hand(days):
    """Who is flagged at each day, by hash, each told from a panel of its own."""
    found = {}
    for day, seen in zip(days, all_seen(LOG, [(START + day) * DAY for day in days]), strict=True):
        told = advanced(Panel.new((MODEL.parameters.version, "")), seen).entries
        found[day] = dict(
            zip(told["customer"].tolist(), told["flagged"][:, 0].tolist(), strict=True)
        )
    return found


def warnings_by_hand(days):
    """Customer, by hash, and day of every flag that went up."""
    flags, made = flags_by_hand(days), []
    for at, day in enumerate(days):
        still_open = [flags[other] for other in days[:at] if other > day - 7 - 28]
        for customer, is_up in flags[day].items():
            before = [other[customer] for other in still_open if customer in other]
            if is_up and before and not any(before):
                made.append((customer, day))
    return made


def test_outcomes_of_warnings_are_those_of_flags_that_went_up():
    days = list(range(60, 480, 7))
    made, outcomes, last = warnings_by_hand(days), [0, 0], {}
    row_of = {value: row for row, value in enumerate(hash_ids(LOG.customers).tolist())}
    churned = {day: churned_of(LOG, (START + day) * DAY, 28) for day in days}
    for customer, day in made:
        assert last.get(customer, -np.inf) + 28 <= day, "one outcome after another"
        last[customer] = day
        if day + 28 <= days[-1]:
            outcomes[churned[day][row_of[customer]]] += 1
    warned = rounds(LOG, days).warned
    assert warned["outcomes"].sum(axis=0).tolist() == outcomes
    assert min(outcomes) > 10
    told = {int((START + day) * DAY // WEEK) for _, day in made if day + 28 <= days[-1]}
    assert warned["week"].tolist() == sorted(told)


def test_counts_outlast_the_rounds_they_came_of():
    panel = rounds(LOG, range(60, 480, 7))
    assert panel.rounds["warned"].sum() < panel.warned["outcomes"].sum()


def test_other_parameters_forget_the_warnings_and_another_challenger_does_not():
    panel = rounds(LOG, range(60, 480, 7))
    assert len(panel.of_models((panel.models[0], "newer")).warned) == len(panel.warned) > 0
    after = panel.of_models(("newer", panel.models[1]))
    assert not len(after.warned)
    assert not after.entries["warned"].any()
    assert panel.entries["warned"].any()
    first = advanced(after, all_seen(LOG, [(START + 480) * DAY])[0])
    assert not first.entries["warned"].any(), "who is flagged already is nobody's warning"
    assert first.entries["flagged"][-len(after.entries) :, 0].any()
    assert not len(first.warned)


@given(ROWS, ROWS, ROWS)
def test_neither_order_nor_cut_changes_the_counts(one, other, third):
    whole = together(table(one + other + third))
    cut = together(together(table(third), table(one)), together(table(other)))
    assert whole.tobytes() == cut.tobytes()
    assert whole["outcomes"].sum() == table(one + other + third)["outcomes"].sum()
    assert len(whole) <= WEEKS_KEPT + 1
    assert (np.diff(whole["week"]) > 0).all()


def test_weeks_of_two_years_ago_become_one():
    weeks = together(table([(2_000 + week, 1, 2) for week in range(WEEKS_KEPT + 10)]))
    assert len(weeks) == WEEKS_KEPT + 1
    assert (weeks["week"][0], weeks["outcomes"][0].tolist()) == (BEFORE, [10, 20])


def test_rounds_without_a_warning_are_no_week():
    at = np.array([3.5, 4.5, 4.9]) * WEEK
    told = by_week(at, np.array([[0, 0], [1, 2], [1, 0]]))
    assert told["week"].tolist() == [4]
    assert told["outcomes"].tolist() == [[2, 2]]


@pytest.mark.parametrize("bad", [2, -1, 0.5, np.nan])
def test_an_outcome_is_one_of_two(bad):
    with pytest.raises(PromiseError, match="outcomes: expected 0 or 1"):
        counted(np.array([1, bad, 0]))
