"""Mean lead and new warnings of a rule, by hand and by a plain loop over its level."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_lives import BUY, CLOSE, N
from made_rivals import Stage

from modelling.backtest.rivals import totals
from scoring.warning.lifecycle import HIGH, LOW, MIDDLE

END = 400.0


def test_a_right_a_missed_and_a_standing_warning_by_hand():
    stage = Stage((0, 10), (0, 10), (0, 10), end=45.0)
    tally = stage.told(
        (0, 22, MIDDLE),  # right, 12 days into the silence that began on day 10
        (2, 5, MIDDLE),  # of customer 2's first silence, wrong; it then stands
    )
    found = totals(tally, stage.silences)
    assert stage.silences.lost.tolist() == [False, True] * 3
    assert tally.lead.tolist() == [0, N - 12, 0, 0, 0, N]
    assert tally.caught.tolist() == [False, True, False, False, False, True]
    assert tally.stood.tolist() == [False] * 5 + [True]
    assert (found.warnings, found.right, found.caught, found.lapses) == (2, 1, 2, 3)
    assert found.mean_lead == pytest.approx((N - 12 + 0 + N) / 3)
    assert (found.precision, found.recall) == (1 / 2, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("changes", "warnings", "lead"),
    [
        ([(5, MIDDLE), (10, LOW), (15, MIDDLE)], 1, N - 5),  # its purchase ended it
        ([(5, MIDDLE), (12, LOW)], 0, 0),  # did not stay up
        ([(5, MIDDLE), (12, LOW), (20, HIGH)], 1, N - 10),
        ([(5, MIDDLE), (10, HIGH)], 0, N),  # stays up, and higher
        ([(10, MIDDLE)], 1, N),  # by the purchase itself: new
        ([(12, MIDDLE), (14, LOW), (16, MIDDLE)], 2, N - 2),  # twice, the first counts
        ([(40, MIDDLE)], 1, 0),  # at the instant: late
        ([(41, MIDDLE)], 1, 0),
        ([(5, MIDDLE), (40, LOW)], 0, N),  # stood until then
    ],
)
def test_each_course_of_a_level_counts_as_it_should(changes, warnings, lead):
    stage = Stage((0, 10))
    tally = stage.told(*((0, *change) for change in changes))
    assert (tally.warnings[1], tally.lead[1]) == (warnings, lead)
    assert tally.caught[1] == (lead > 0)
    assert tally.right[1] <= tally.warnings[1]


def test_band_high_is_entered_and_left_by_itself():
    stage = Stage((0, 10))
    changes = [(0, 12, MIDDLE), (0, 15, HIGH), (0, 20, MIDDLE), (0, 30, HIGH)]
    assert stage.told(*changes).warnings[1] == 1
    tally = stage.told(*changes, band=HIGH)
    assert (tally.warnings[1], tally.lead[1]) == (2, N - 5)


def test_silences_are_those_that_the_period_decides():
    stage = Stage((0, 10, 20), (0, 100), (150,), (190,), start=15.0, end=200.0)
    named = zip(stage.silences.row, stage.silences.start, strict=True)
    day = stage.lives.start[1]
    days = [(row, (start - day) / 86_400.0) for row, start in named]
    # (1, 0) lapsed in the period; (0, 0) was decided before it, (3, 190) never.
    assert days == [(0, 10), (0, 20), (1, 0), (1, 100), (2, 150)]
    assert stage.silences.who.tolist() == [0, 0, 1, 1, 2]


def test_a_closure_is_led_to_its_own_instant():
    stage = Stage([(BUY, 0), (CLOSE, 12)], [(CLOSE, 5)])
    assert stage.silences.lapse.tolist() == [12.0]  # who never bought is not silent
    assert stage.told((0, 4, MIDDLE)).lead.tolist() == [8.0]


def loop(bought, changes, end):
    """The definitions as loops: warnings, right ones, leads of lapses."""
    warnings = right = 0
    leads = []
    for row, days in enumerate(bought):
        own = sorted(days)
        moves = [(day, up) for who, day, up in changes if who == row]
        moves.sort(key=lambda move: move[0])
        for begin, later in zip(own, [*own[1:], np.inf], strict=True):
            if min(later, begin + N) <= end:
                told, hits, lead = one_silence(moves, begin, min(later, end + 1))
                warnings += told
                right += hits if later > begin + N else 0
                leads += [lead] if later > begin + N else []
    return warnings, right, leads


def one_silence(moves, begin, until):
    """Entries in a silence, those before N days, and the lead if it is a lapse."""
    before = [up for day, up in moves if day < begin]
    level = stands = bool(before) and before[-1]
    entries = []
    for day, up in moves:
        if begin <= day < until:
            entries += [day] if up and not level else []
            stands &= up or day >= begin + N
            level = up
    early = [day for day in entries if day < begin + N]
    lead = begin + N - early[0] if early else 0.0
    return len(entries), len(early), N if stands else lead


DAYS = st.lists(st.integers(0, 200), min_size=1, max_size=6, unique=True)
MOVES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 399), st.booleans()), max_size=24)


@settings(max_examples=200, deadline=None)
@given(st.lists(DAYS, min_size=3, max_size=3), MOVES)
def test_a_rule_is_tallied_as_a_plain_loop_does(bought, moves):
    stage = Stage(*bought, end=END)
    changes = [(row, day, MIDDLE if up else LOW) for row, day, up in moves]
    tally = stage.told(*changes)
    warnings, right, leads = loop(bought, moves, END)
    assert (tally.warnings.sum(), tally.right.sum()) == (warnings, right)
    np.testing.assert_allclose(tally.lead[stage.silences.lost], leads)
