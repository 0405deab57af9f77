import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from modelling.churn.regression.logistic import (
    STEPS,
    ChurnFitError,
    _halved,
    _newton,
    _Task,
    fit_logistic,
)


def made(n=800, seed=0):
    """Inputs of very different scales, two that say nearly the same, and outcomes."""
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(n, 5)) * [1.0, 10.0, 1e-3, 1.0, 1.0] + [5.0, -3.0, 0.0, 1.0, 2.0]
    inputs[:, 4] = inputs[:, 0] + 0.2 * inputs[:, 4]
    odds = inputs[:, 0] - 0.1 * inputs[:, 1] - 6.0
    return inputs, random.random(n) < 1.0 / (1.0 + np.exp(-odds)), random.uniform(0.5, 2.0, n)


def theirs(inputs, churned, strength, weights=None):
    """scikit-learn on standardised inputs, folded back."""
    centres = np.average(inputs, axis=0, weights=weights)
    spreads = np.sqrt(np.average((inputs - centres) ** 2, axis=0, weights=weights))
    fit = LogisticRegression(C=1.0 / strength, tol=1e-12, max_iter=10_000)
    fit.fit((inputs - centres) / spreads, churned, sample_weight=weights)
    return fit.coef_[0] / spreads, fit.intercept_[0]


@pytest.mark.parametrize("strength", [0.01, 1.0, 300.0])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_optimum_is_that_of_scikit_learn(strength, weighted):
    inputs, churned, weights = made()
    weights = weights if weighted else None
    found = fit_logistic(inputs, churned, strength=strength, weights=weights)
    coefficients, intercept = theirs(inputs, churned, strength, weights)
    assert found.weights == pytest.approx(coefficients, rel=1e-4)
    assert found.intercept == pytest.approx(intercept, rel=1e-4)


def held(inputs, churned, strength, signs):
    """The bounded optimum by another method."""
    spreads = inputs.std(axis=0)
    scaled = (inputs - inputs.mean(axis=0)) / spreads

    def loss(point):
        odds = point[0] + scaled @ point[1:]
        penalty = 0.5 * strength * np.sum(point[1:] ** 2)
        return np.logaddexp(0.0, np.where(churned, -odds, odds)).sum() + penalty

    bounds = [(None, None), *({1: (0, None), -1: (None, 0), 0: (None, None)}[s] for s in signs)]
    options = {"ftol": 1e-15, "gtol": 1e-9, "maxiter": 10_000}
    return minimize(loss, np.zeros(6), bounds=bounds, method="L-BFGS-B", options=options)


@pytest.mark.parametrize("signs", [(1, 1, 1, 1, 1), (-1, -1, 0, 1, -1), (0, 0, -1, 0, -1)])
def test_with_signs_held_it_is_the_bounded_optimum(signs):
    inputs, churned, _ = made()
    found = fit_logistic(inputs, churned, strength=2.0, signs=np.array(signs))
    expected = held(inputs, churned, 2.0, signs)
    assert found.weights * inputs.std(axis=0) == pytest.approx(expected.x[1:], abs=2e-4)
    assert found.intercept == pytest.approx(expected.x[0], abs=2e-4)
    assert (found.weights * signs >= 0.0).all()
    assert (found.weights == 0.0).any()


def test_a_constant_input_is_left_out_and_changes_nothing():
    inputs, churned, _ = made()
    more = np.column_stack((inputs, np.full(len(inputs), 3.3), np.zeros(len(inputs))))
    found = fit_logistic(more, churned, strength=1.0)
    alone = fit_logistic(inputs, churned, strength=1.0)
    assert found.constant.tolist() == [False] * 5 + [True] * 2
    assert found.weights[:5] == pytest.approx(alone.weights)
    assert found.weights[5:].tolist() == [0.0, 0.0]


def test_nothing_to_weigh_leaves_the_rate():
    churned = np.arange(100) < 30
    found = fit_logistic(np.ones((100, 2)), churned, strength=1.0)
    assert found.log_odds(np.ones((1, 2))) == pytest.approx([np.log(0.3 / 0.7)])


def test_outcomes_that_an_input_separates_still_have_an_optimum():
    inputs = np.linspace(-1.0, 1.0, 100)[:, None]
    found = fit_logistic(inputs, inputs[:, 0] > 0.0, strength=1e-3)
    assert np.isfinite(found.weights).all()
    assert found.weights[0] > 5.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(-6, 6), st.floats(-3, 3))
def test_the_fit_does_not_depend_on_the_inputs_units(seed, scale, shift):
    inputs, churned, _ = made(200, seed)
    found = fit_logistic(inputs, churned, strength=1.0)
    other = fit_logistic(inputs * 10.0**scale + shift * 10.0**scale, churned, strength=1.0)
    odds = found.log_odds(inputs)
    again = other.log_odds(inputs * 10.0**scale + shift * 10.0**scale)
    assert again == pytest.approx(odds, abs=1e-6)


def test_the_same_rows_give_the_same_bytes():
    inputs, churned, weights = made()
    one, other = (fit_logistic(inputs, churned, strength=1.0, weights=weights) for _ in range(2))
    assert one.weights.tobytes() == other.weights.tobytes()


def test_one_outcome_only_is_refused():
    for churned in (np.zeros(50, bool), np.ones(50, bool)):
        with pytest.raises(ChurnFitError, match="labels: expected at least 1 who"):
            fit_logistic(np.arange(50.0)[:, None], churned, strength=1.0)


class Restless(_Task):
    """Claims that there is always somewhere better to go."""

    def step(self, point):
        return np.full_like(point, 1.0)

    def loss(self, point):
        return -float(point.sum())


def task(kind):
    churned = np.array([1.0, 0.0])
    return kind(np.ones((2, 1)), churned, np.ones(2), 1.0, np.zeros(0))


def test_a_search_without_an_end_is_refused():
    with pytest.raises(ChurnFitError, match=f"an optimum in {STEPS} Newton steps"):
        _newton(task(Restless), np.zeros(1))


class Uphill(_Task):
    """Everywhere steeper than rounding can hide."""

    def loss(self, point):
        return float(point.sum())


def test_a_step_too_long_is_halved_and_one_that_only_leads_uphill_is_not_taken():
    assert _halved(task(_Task), np.full(1, 0.4), np.array([-1.0])).tolist() == [-0.5]
    assert _halved(task(Uphill), np.zeros(1), np.ones(1)).tolist() == [0.0]
