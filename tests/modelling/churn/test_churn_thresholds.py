import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelling.churn.regression.logistic import ChurnFitError
from modelling.churn.thresholds import by_budget, by_rate

DAYS = np.arange(9) * 7.0


def walks(customers=400, seed=0):
    """Risks that wander from week to week, some customers known from later on only."""
    random = np.random.default_rng(seed)
    odds = random.normal(-1.0, 1.0, customers) + np.cumsum(
        random.normal(0.0, 0.4, (len(DAYS), customers)), axis=0
    )
    risks = 1.0 / (1.0 + np.exp(-odds))
    known_from = random.integers(-5, 8, customers)
    return np.where(np.arange(len(DAYS))[:, None] >= known_from, risks, np.nan)


def warnings(risks, threshold):
    """By definition: at or above it now, below it or unknown at the date before."""
    above = np.nan_to_num(risks, nan=-1.0) >= threshold
    return int((above[1:] & ~above[:-1]).sum())


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.9])
def test_by_rate_flags_the_share_that_was_lost_and_half_of_it_high(rate):
    risks = np.random.default_rng(0).random(1_000)
    middle, high = by_rate(risks, rate)
    assert np.mean(risks >= middle) == pytest.approx(rate)
    assert np.mean(risks >= high) == pytest.approx(rate / 2)


def test_a_tiny_rate_flags_one_customer_and_ties_are_flagged():
    assert by_rate(np.array([0.1, 0.2]), 0.001) == (0.2, 0.2)
    assert by_rate(np.full(10, 0.4), 0.1) == (0.4, 0.4)


@pytest.mark.parametrize("budget", [0.2, 1.0, 5.0])
def test_a_budget_is_used_up_and_not_exceeded(budget):
    risks = walks()
    middle, high = by_budget(risks, DAYS, budget)
    assert middle <= high
    for threshold, share in ((middle, 1.0), (high, 0.5)):
        spent = warnings(risks, threshold) / (DAYS[-1] - DAYS[0])
        assert 0.7 * share * budget - 1 / 56 < spent <= share * budget


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.001, 50.0))
def test_no_threshold_above_the_one_chosen_costs_more_than_the_budget(seed, budget):
    risks = walks(40, seed)
    middle, high = by_budget(risks, DAYS, budget)
    assert 0.0 < middle <= high < 1.0
    above = np.linspace(middle, 1.0, 50)
    assert max(warnings(risks, t) for t in above) <= budget * 56.0


def test_a_budget_beyond_all_need_flags_everyone_and_one_too_small_nobody():
    risks = walks()
    assert by_budget(risks, DAYS, 1e9).middle == np.nanmin(risks[1:])
    assert by_budget(risks, DAYS, 1e-9).middle > np.nanmax(risks)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: by_rate(np.array([0.1]), 0.0), "churn rate: expected above 0 and below 1"),
        (lambda: by_rate(np.array([0.1]), np.nan), "churn rate"),
        (lambda: by_rate(np.array([]), 0.5), "customers with a risk, got none"),
        (lambda: by_budget(walks(), DAYS, 0.0), "budget: expected above 0 a day, got 0.0"),
        (lambda: by_budget(walks(), DAYS, np.nan), "budget"),
        (lambda: by_budget(walks()[:1], DAYS[:1], 1.0), "dates: expected two or more, got 1"),
        (lambda: by_budget(np.full((2, 3), np.nan), DAYS[:2], 1.0), "customers with a risk"),
    ],
)
def test_what_no_threshold_can_be_chosen_by_is_refused(call, message):
    with pytest.raises(ChurnFitError, match=message):
        call()
