import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from promise_streams import PROMISED, calls, counts_of, drawn

from scoring.monitoring import Evidence, PromiseError
from scoring.monitoring.promise import BETS, log_detector, log_wealth, precision_bounds
from scoring.parameters import Promise

ALPHA = 0.05
PROMISE = Promise(precision=PROMISED, alpha=0.01)
WEEKS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).filter(any), min_size=1, max_size=12
)


def exact(weeks, precision):
    """Wealth and e-detector, bet by bet and outcome by outcome, in fractions."""
    owned, wealth = [], []
    for bet in BETS.tolist():
        share = Fraction(bet)
        stayed = 1 + share * Fraction(precision) / (1 - Fraction(precision))
        started, since = Fraction(0), Fraction(1)
        for week in weeks:
            started += 1
            for outcome, factor in enumerate((stayed, 1 - share)):
                for _ in range(week[outcome]):
                    started, since = started * factor, since * factor
        owned.append(started)
        wealth.append(since)
    return sum(wealth) / len(wealth), sum(owned) / len(owned)


@pytest.mark.parametrize("precision", [0.1, 0.4, 0.9])
def test_evidence_is_what_gamblers_own_who_bet_on_one_outcome_after_another(precision):
    weeks = [(7, 3), (1, 0), (12, 9), (0, 2)]
    wealth, owned = exact(weeks, precision)
    counts = np.array(weeks)
    assert math.exp(log_wealth(counts, precision)) == pytest.approx(float(wealth))
    assert math.exp(log_detector(counts, precision)) == pytest.approx(float(owned))


@pytest.mark.parametrize("promised", [0.05, 0.4, 0.95])
@pytest.mark.parametrize("above", [0.0, 0.02])
def test_a_bet_wins_nothing_in_expectation_while_the_promise_holds(promised, above):
    right = promised + above
    gained = right * (1.0 - BETS) + (1.0 - right) * (1.0 + BETS * promised / (1.0 - promised))
    assert (gained <= 1.0 + 1e-15).all()
    if not above:
        np.testing.assert_allclose(gained, 1.0)


@given(WEEKS, st.randoms())
def test_neither_order_nor_cut_changes_the_wealth_of_who_bet_from_the_start(weeks, random):
    counts = np.array(weeks)
    shuffled = np.array(random.sample(weeks, len(weeks)))
    whole = counts.sum(axis=0, keepdims=True)
    for other in (shuffled, whole):
        assert log_wealth(other, 0.4) == pytest.approx(log_wealth(counts, 0.4), abs=1e-9)


@given(WEEKS)
def test_the_detector_owns_what_the_martingale_does_and_more(weeks):
    counts = np.array(weeks)
    assert log_detector(counts, 0.4) >= log_wealth(counts, 0.4) - 1e-9


def test_the_streams_of_these_tests_are_judged_as_the_module_does():
    churned = drawn(1, 20, 30, 20, 0.33)
    first = calls(churned, 20, ALPHA)
    for stream, (called, since) in enumerate(zip(*first, strict=True)):
        counts = counts_of(churned[:, stream], 20)
        for week in range(30):
            seen = counts[: week + 1]
            assert called > week or log_detector(counts[: int(called) + 1], PROMISED) > 2.99
            assert called <= week or log_detector(seen, PROMISED) < -math.log(ALPHA)
            assert since <= week or log_wealth(seen, PROMISED) < -math.log(ALPHA)


@pytest.mark.slow
@pytest.mark.parametrize("precision", [PROMISED, PROMISED + 0.02])
def test_whoever_stops_when_it_suits_them_still_errs_with_probability_alpha_at_most(precision):
    """Looked at after every single one of 1 000 outcomes, and stopped at the worst."""
    streams = 2_000
    first = calls(drawn(2, streams, 1_000, 1, precision), 1, ALPHA)
    spread = math.sqrt(ALPHA * (1.0 - ALPHA) / streams)
    assert np.isfinite(first.martingale).mean() <= ALPHA + 3.0 * spread
    if precision > PROMISED:
        assert np.isfinite(first.martingale).mean() < 0.5 * ALPHA


def test_while_the_promise_just_holds_false_alarms_are_as_rare_as_is_said():
    streams, weeks = 500, 400
    first = calls(drawn(3, streams, weeks, 20, PROMISED), 20, ALPHA).detector
    assert np.minimum(first + 1, weeks).mean() >= 1.0 / ALPHA
    for within in (2, 5, 10):
        most = within * ALPHA
        assert (first < within).mean() <= most + 3.0 * math.sqrt(most * (1.0 - most) / streams)


@pytest.mark.parametrize("good_weeks", [0, 100])
def test_a_loss_of_15_points_is_found_within_300_outcomes_late_as_soon_as_early(good_weeks):
    """50 outcomes a week, after none or 5 000 that were well above the promise."""
    weeks = np.where(np.arange(good_weeks + 20) < good_weeks, PROMISED + 0.05, PROMISED - 0.15)
    first = calls(drawn(4, 400, len(weeks), 50, weeks), 50, 0.01)
    outcomes = 50 * (first.detector - good_weeks + 1)
    assert (outcomes <= 0).mean() <= 0.01, "none called while it was well"
    assert np.quantile(outcomes, 0.95) <= 300
    assert np.median(outcomes[outcomes > 0]) <= 150
    assert np.isfinite(first.martingale).all() == (good_weeks == 0), "what the detector is for"


def test_bounds_hold_the_precision_and_close_in_on_it():
    steady = counts_of(drawn(5, 1, 100, 100, 0.4)[:, 0], 100)
    widths = []
    for weeks in (1, 10, 100):
        lower, upper = precision_bounds(steady[:weeks], 0.01)
        assert lower < 0.4 < upper
        widths.append(upper - lower)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.1


@given(WEEKS, st.floats(0.01, 0.99))
def test_the_promise_is_broken_just_when_the_upper_bound_is_below_it(weeks, promised):
    evidence = Evidence.of(np.array(weeks), Promise(precision=promised, alpha=0.01))
    assert (evidence.lately > 2.0) == (evidence.upper < promised)
    assert 0.0 <= evidence.lower <= 1.0


@given(WEEKS)
def test_who_churned_and_who_stayed_are_bounded_alike(weeks):
    lower, upper = precision_bounds(np.array(weeks), 0.01)
    other = precision_bounds(np.array(weeks)[:, ::-1], 0.01)
    assert (1.0 - lower, 1.0 - upper) == pytest.approx(other[::-1])


def test_after_a_change_both_bounds_tell_of_it():
    weeks = np.array([[90, 10], [10, 90]])
    lower, upper = precision_bounds(weeks[::-1], 0.01)
    assert upper < 0.5
    assert lower > 0.0


@pytest.mark.parametrize("counts", [[[10**6, 0]], [[0, 10**6]], [[10**12, 10**12]]])
def test_very_many_outcomes_stay_numbers(counts):
    evidence = Evidence.of(np.array(counts), PROMISE)
    assert np.isfinite(evidence).all()


@pytest.mark.parametrize("precision", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_a_promise_that_cannot_be_tried_is_refused(precision):
    for judge in (log_wealth, log_detector):
        with pytest.raises(PromiseError, match="precision: expected above 0 and below 1"):
            judge(np.array([[1, 1]]), precision)


@pytest.mark.parametrize("alpha", [0.0, 1.0, math.nan])
def test_proof_of_no_strength_is_refused(alpha):
    with pytest.raises(PromiseError, match="alpha: expected above 0 and below 1"):
        precision_bounds(np.array([[1, 1]]), alpha)


@pytest.mark.parametrize(
    "counts",
    [
        np.zeros((0, 2), np.int64),
        np.array([[1, -1]]),
        np.array([[1, 1], [0, 0]]),
        np.array([1, 1]),
        np.array([[1, 1, 1]]),
        np.array([[0.5, 0.5]]),
        np.array([[True, False]]),
    ],
    ids=["none", "negative", "empty week", "flat", "three", "shares", "truths"],
)
def test_what_are_no_counts_of_outcomes_is_refused(counts):
    with pytest.raises(PromiseError, match="outcomes: expected"):
        Evidence.of(counts, PROMISE)
