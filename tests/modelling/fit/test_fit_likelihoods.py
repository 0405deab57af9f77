# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifetimes_oracle import FITTERS, LIKELIHOODS, hushed
from scipy.integrate import quad

from modelling.fit.likelihood import Cells, cells
from modelling.fit.likelihood.death import Paths, integrals
from modelling.fit.likelihood.gammagamma import GammaGammaLikelihood

NUDGE = 1e-5


def differences(objective, theta):
    nudges = NUDGE * np.eye(len(theta))
    return [(objective(theta + e)[0] - objective(theta - e)[0]) / (2 * NUDGE) for e in nudges]


@st.composite
def customers(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.integers(1, 12))
    T = rng.random(size) * draw(st.sampled_from([0.1, 2.0, 40.0]))
    x = np.floor(rng.random(size) ** 3 * draw(st.sampled_from([2.0, 20.0, 3000.0])))
    t_x = np.where(x > 0, T * rng.random(size) ** draw(st.sampled_from([0.0, 0.2, 1.0])), 0.0)
    return cells(x, t_x, T)


thetas = st.lists(st.floats(-4.0, 4.0), min_size=4, max_size=4).map(np.array)


@pytest.mark.parametrize("model", LIKELIHOODS)
@given(customers(), thetas)
@settings(max_examples=60, deadline=None)
def test_gradients_are_those_of_finite_differences(model, data, theta):
    likelihood = LIKELIHOODS[model](data)
    value, gradient = likelihood(theta)
    scale = 1e-6 * (1.0 + abs(value) + np.abs(gradient).max())
    assert gradient == pytest.approx(differences(likelihood, theta), abs=scale)


@given(st.integers(0, 2**32), st.lists(st.floats(-3, 3), min_size=3, max_size=3).map(np.array))
@settings(max_examples=60, deadline=None)
def test_so_are_those_of_spend(seed, theta):
    rng = np.random.default_rng(seed)
    x, spend = np.ceil(rng.random(9) ** 4 * 200.0), np.exp(rng.normal(0.0, 1.5, 9))
    likelihood = GammaGammaLikelihood(x, spend, rng.integers(1, 5, 9).astype(float))
    value, gradient = likelihood(theta)
    scale = 1e-6 * (1.0 + abs(value) + np.abs(gradient).max())
    assert gradient == pytest.approx(differences(likelihood, theta), abs=scale)


@pytest.mark.parametrize("model", LIKELIHOODS)
def test_log_likelihoods_are_those_of_lifetimes(model, sample):
    x, t_x, T = sample[:3]
    parameters = np.array([0.6, 9.0, 0.7, 2.5])
    likelihood = LIKELIHOODS[model](cells(x, t_x, T))
    with hushed():
        negative = FITTERS[model]._negative_log_likelihood
        logs = np.log(parameters) if model != "paretonbd" else parameters
        theirs = (
            -len(x)
            * negative(logs, x, t_x, T, np.ones(len(x)), 0.0)
            / (1.0 if model != "paretonbd" else len(x))
        )
    assert likelihood(np.log(parameters))[0] * len(x) == pytest.approx(theirs, rel=1e-11)


POWERS = (1e-3, 0.4, 1.0, 2.5, 30.0, 1e4)
LIVES = (1e-5, 1e-2, 1.0, 1.7, 1e3, 1e6)
SILENCES = (0.0, 1e-3, 0.5, 10.0, 1e3)


def test_the_integral_over_the_leaving_is_that_of_adaptive_quadrature():
    grid = np.array(list(itertools.product(POWERS, POWERS, LIVES, SILENCES))).T
    buying, leaving, life, silence = grid[0].copy(), 1.0 + grid[1], grid[2].copy(), grid[3].copy()
    found = integrals(Paths(buying, leaving, np.ones(len(life)), life, silence))
    for row in range(0, len(life), 7):
        expected = adaptive(buying[row], leaving[row], life[row], silence[row])
        assert found[0, row] == pytest.approx(expected, rel=1e-10), grid[:, row]
    assert (found[:, silence == 0.0] == 0.0).all()


def adaptive(buying, leaving, life, silence):
    """In pieces that grow by e, each of which the integrand crosses smoothly."""
    start = min(1.0 / max(buying, 1.0), life / leaving) * 0.5
    edges = [0.0, *(edge for edge in start * np.exp(np.arange(45)) if edge < silence), silence]

    def integrand(z):
        return np.exp(-buying * np.log1p(z) - leaving * np.log1p(z / life))

    pieces = (
        quad(integrand, a, b, epsabs=0.0, epsrel=1e-13)[0] for a, b in itertools.pairwise(edges)
    )
    with hushed():
        return sum(pieces)


@pytest.mark.parametrize("model", LIKELIHOODS)
def test_extreme_customers_and_parameters_stay_finite(model):
    x = np.array([0, 0, 0, 1, 1, 10_000, 10_000, 10_000], float)
    t_x = np.array([0, 0, 0, 0, 1e-3, 0.1, 1.0, 1.0])
    T = np.array([0, 1e-9, 30, 0, 1, 30, 1, 30], float)
    likelihood = LIKELIHOODS[model](Cells(x, t_x, T, np.ones(8)))
    for theta in itertools.product([-16.0, 0.0, 16.0], repeat=4):
        value, gradient = likelihood(np.array(theta))
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()


def test_extreme_spends_stay_finite():
    x, spend = np.array([1.0, 1.0, 1e6, 1e6]), np.array([1e-6, 1e6, 1e-6, 1e6])
    likelihood = GammaGammaLikelihood(x, spend, np.ones(4))
    for theta in itertools.product([-16.0, 0.0, 16.0], repeat=3):
        value, gradient = likelihood(np.array(theta))
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("model", LIKELIHOODS)
def test_a_weight_is_that_many_customers(model, sample):
    data = cells(*sample[:3])
    theta = np.array([0.1, 1.5, -0.2, 0.6])
    thrice = Cells(data.x, data.t_x, data.T, 3.0 * data.weight)
    tiled = cells(*(np.tile(column, 3) for column in sample[:3]))
    one, other, plain = (LIKELIHOODS[model](each)(theta)[0] for each in (thrice, tiled, data))
    assert one == other == pytest.approx(plain, rel=1e-13)
