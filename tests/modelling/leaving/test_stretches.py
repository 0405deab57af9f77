"""Stretches and lapses on hand-made logs: every definition, and its borders."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_lives import BUY, CLOSE, COMPLAIN, START, N, lives

from modelling.leaving import Fate
from scoring.arrays import DAY


def endings(found):
    """Fate and instant, a day, of all stretches but each customer's first."""
    own = np.isfinite(found.start)
    days = (found.instant[own] / DAY - START).round(6).tolist()
    return [(Fate(code).name, day) for code, day in zip(found.fate[own], days, strict=True)]


NOT = np.inf


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([(BUY, 0), (BUY, 29)], [("BOUGHT", NOT), ("LOST", 59.0)]),
        ([(BUY, 0), (BUY, 30)], [("BOUGHT", NOT), ("LOST", 60.0)]),  # at the instant is in time
        ([(BUY, 0), (BUY, 30.001)], [("LOST", 30.0), ("LOST", 60.001)]),
        ([(BUY, 0), (BUY, 0)], [("BOUGHT", NOT), ("LOST", 30.0)]),
        ([(BUY, 370)], [("LOST", 400.0)]),  # the history just shows it
        ([(BUY, 370.001)], [("UNKNOWN", NOT)]),
        ([(BUY, 0), (CLOSE, 10)], [("LOST", 10.0)]),
        ([(BUY, 0), (CLOSE, 30)], [("LOST", 30.0)]),
        ([(BUY, 0), (CLOSE, 50)], [("LOST", 30.0)]),  # one lapse counts once
        ([(BUY, 0), (CLOSE, 10), (CLOSE, 5)], [("LOST", 5.0)]),
        ([(BUY, 0), (CLOSE, 10), (BUY, 12)], [("LOST", 10.0)]),
        ([(BUY, 395), (CLOSE, 399)], [("LOST", 399.0)]),
        ([(BUY, 0), (COMPLAIN, 25)], [("LOST", 30.0)]),
        ([(COMPLAIN, 5)], []),
    ],
)
def test_a_stretch_ends_as_the_label_says(events, expected):
    assert endings(lives(events)) == expected


def test_who_never_bought_is_lost_by_closure_alone():
    found = lives([(COMPLAIN, 5), (CLOSE, 8)], [(COMPLAIN, 5)])
    assert found.fate.tolist() == [Fate.LOST, Fate.UNKNOWN]
    assert found.instant.tolist() == [(START + 8) * DAY, NOT]


def test_an_instant_is_in_the_stretch_of_the_last_purchase_up_to_it():
    found = lives([(BUY, 10), (BUY, 20)], [(BUY, 15)])
    days = np.array([0.0, 10, 19.9, 20, 99, 14, 15])
    rows = np.array([0, 0, 0, 0, 0, 1, 1])
    assert found.at(rows, (START + days) * DAY).tolist() == [0, 1, 1, 2, 2, 3, 4]


TIMES = st.lists(st.integers(0, 300), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(TIMES, min_size=1, max_size=4), st.one_of(st.none(), st.integers(0, 300)))
def test_stretches_equal_a_plain_loop(bought, closed):
    customers = [[(BUY, day) for day in sorted(days)] for days in bought]
    if closed is not None:
        customers[0].append((CLOSE, closed))
    found = lives(*customers, until=300.0)
    expected = []
    for row, own in enumerate(customers):
        end = closed if row == 0 and closed is not None else NOT
        days = [day for kind, day in own if kind == BUY and day <= end]
        for day, later in zip([-NOT, *days], [*days, NOT], strict=True):
            silent = day + N < later and day + N <= min(300, end)
            lapse = day + N if silent and day > -NOT else end if later == NOT else NOT
            expected.append(lapse)
    assert (found.instant / DAY - START).round(6).tolist() == expected
