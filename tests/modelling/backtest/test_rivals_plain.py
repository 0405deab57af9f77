"""Each plain rule by hand, and the figure that leads by so much."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_lives import N
from made_rivals import UTC, Stage

from modelling.backtest.rivals import PlainRule, totals
from modelling.backtest.rivals.curves import MeasuredRule
from modelling.backtest.rivals.habits import habits, month_after
from modelling.backtest.rivals.resamples import Resamples
from modelling.backtest.rivals.tally import of_plain
from scoring.arrays import DAY


def measured(stage, rule):
    draws = Resamples(stage.silences.customers, 10)
    return MeasuredRule(rule, stage.silences, stage.days, draws, np.ones(10))


def test_silent_for_days_warns_in_every_longer_silence():
    stage = Stage((0, 5, 17), end=60.0)
    tally = of_plain(stage.silences, stage.rule("D days").since(10.0))
    assert stage.silences.lasted.tolist() == [5, 12, 43]
    assert tally.warnings.tolist() == [0, 1, 1]
    assert tally.lead.tolist() == [0, 0, N - 10]


def test_own_gaps_are_those_between_purchase_days_so_far():
    stage = Stage((0, 4, 4.2, 12), (0, 6, 12), start=11.0)
    since = stage.rule("own mean gaps").since(2.0)
    # Usual, before day 11: (4 + 6) / 2 = 5. Own mean gap with two gaps known: 6 of both.
    assert stage.silences.lasted.tolist() == pytest.approx([7.8, 388, 6, 388])
    assert since.tolist() == [2 * 5, 2 * 6, 2 * 5, 2 * 6]


def test_without_any_gap_before_the_period_a_gap_is_taken_to_be_n_days():
    assert Stage((0,), (0,)).rule("own mean gaps").since(1.0).tolist() == [N, N]


def test_rfm_quintiles_fall_in_silence():
    # Five customers bought on days 0, 2, 4, 6 and 8 before day 10: cuts at 3.6, 5.2, 6.8, 8.4 days.
    stage = Stage((0,), (2,), (4,), (6,), (8,), start=10.0)
    rule = stage.rule("RFM")
    # All are of the lowest frequency and value: a total of 3 is a recency of 1.
    for total, days in ((3.0, 8.4), (4.0, 6.8), (5.0, 5.2), (6.0, 3.6), (2.0, np.inf)):
        np.testing.assert_allclose(rule.since(total), days)
    assert rule.called(4.5) == "RFM quintiles of at most 4.50 together"


def test_more_frequent_customers_fall_to_a_total_later_or_never():
    stage = Stage((0,), (2,), (4,), (6,), (1, 3, 5, 8), start=10.0)
    since = stage.rule("RFM").since(4.0)
    assert np.isinf(since[-1])
    np.testing.assert_allclose(since[:-1], 6.8)


def test_there_is_no_rfm_rule_where_nobody_was_known_before():
    assert [rule.kind for rule in Stage((0,)).plain] == [
        "silent for D days",
        "silent for k own mean gaps",
        "no purchase in the calendar month",
    ]


def test_a_month_without_a_purchase_is_told_at_its_end():
    # Day 10 000 since 1970 is 19 May 1997: June is the first month without, and ends 43 days on.
    stage = Stage((0,), end=100.0, days=60.0)
    rule = stage.rule("month")
    assert rule.since(1.0).tolist() == [43.0]
    assert np.isinf(rule.since(rule.grid[-1])).all()
    assert of_plain(stage.silences, rule.since(1.0)).lead.tolist() == [60.0 - 43.0]
    last_of_january = np.array([30])
    assert (month_after(last_of_january, 2, UTC) / DAY).tolist() == [31 + 28 + 31]


def test_a_mean_value_leaves_the_first_day_out():
    stage = Stage((0, 0.5, 3, 3.5, 9))
    known = habits(stage.log, stage.lives, UTC)
    assert known.gaps.tolist() == [0, 0, 1, 1, 2]
    assert known.value.tolist() == [0, 0, 1000, 2000, 1500]


def test_the_figure_with_a_mean_lead_is_exact_between_points_of_the_grid():
    stage = Stage((0, 20), (0, 25), (0,))
    found = measured(stage, stage.rule("D days")).at_lead(N - 17.123)
    assert found.at == pytest.approx(17.123)
    assert found.totals.mean_lead == pytest.approx(N - 17.123)
    assert (found.totals.warnings, found.totals.right) == (5, 3)


def test_between_two_steps_a_share_of_the_customers_is_drawn():
    stage = Stage((0, 20), (0, 25), (0,))
    grid = np.array([10.0, 22.0, 40.0])
    rule = PlainRule("steps", "{:g}", grid, lambda at: np.full(5, at), is_stepwise=True)
    found = measured(stage, rule).at_lead(N - 13.0)  # leads 20 and 8: three quarters of the first
    assert found.at == pytest.approx(13.0)
    assert found.totals.warnings == pytest.approx(0.75 * 5 + 0.25 * 4)
    assert measured(stage, rule).at_lead(20.5) is None
    assert measured(stage, rule).at_lead(20.0).totals.warnings == 5


DAYS = st.lists(st.integers(0, 300), min_size=1, max_size=8)


@settings(max_examples=100, deadline=None)
@given(st.lists(DAYS, min_size=1, max_size=4), st.floats(0.5, N - 0.5))
def test_silent_for_days_with_n_less_a_mean_lead_has_that_mean_lead(bought, silent):
    stage = Stage(*bought)
    found = measured(stage, stage.rule("D days")).at_lead(N - silent)
    warnings = sum(
        later > day + silent
        for own in map(sorted, bought)
        for day, later in zip(own, [*own[1:], np.inf], strict=True)
    )
    assert found.at == pytest.approx(silent, abs=1e-6)
    if abs(silent - round(silent)) > 1e-6:
        assert found.totals.warnings == warnings


@settings(max_examples=50, deadline=None)
@given(st.lists(DAYS, min_size=1, max_size=4), st.integers(0, 200))
def test_no_rule_looks_into_the_future_of_a_silence(bought, start):
    stage = Stage(*bought, start=float(start))
    for rule in stage.plain:
        since = np.stack([rule.since(at) for at in rule.grid.tolist()])
        assert (since > 0).all()
        assert (since[1:] >= since[:-1]).all()
        leads = [totals(of_plain(stage.silences, one), stage.silences).lead for one in since]
        assert leads == sorted(leads, reverse=True)
