# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""A fit that runs to an edge ends in the limit there, the highest that the likelihood comes to."""

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifetimes_oracle import LIKELIHOODS, theirs
from simulated_logs import LOGS, lives, one_customer, steady, summary
from trying import few

from modelling.fit.likelihood import FitError, cells, fit_purchases, log_likelihood
from modelling.fit.likelihood.limits.likelihood import limit_likelihoods
from scoring.models import limit_model, limit_of

MODELS = tuple(LIKELIHOODS)
FAR = math.log(1e9)
ALIKE = "one rate of buying for all"


def differences(objective, theta):
    nudges = 1e-5 * np.eye(len(theta))
    return [(objective(theta + e)[0] - objective(theta - e)[0]) / 2e-5 for e in nudges]


@st.composite
def customers(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    size = draw(st.integers(1, 12))
    T = rng.random(size) * draw(st.sampled_from([0.1, 2.0, 20.0]))
    x = np.floor(rng.random(size) ** 3 * draw(st.sampled_from([2.0, 20.0, 500.0])))
    x[0] = 1.0
    t_x = np.where(x > 0, T * rng.random(size) ** draw(st.sampled_from([0.0, 0.2, 1.0])), 0.0)
    return cells(x, t_x, T)


@cache
def fitted_to(model, name):
    """Purchases of a log of that name, and the model fitted to them."""
    x, t_x, T = LOGS[name](np.random.default_rng(3))
    return x, t_x, T, fit_purchases(model, cells(x, t_x, T))


thetas = st.lists(st.floats(-3.0, 3.0), min_size=3, max_size=3).map(np.array)


@pytest.mark.parametrize("model", MODELS)
@given(customers(), thetas)
@settings(max_examples=few(10), deadline=None)
def test_gradients_are_those_of_finite_differences(model, data, theta):
    for limit in limit_likelihoods(model, data):
        at = theta[: len(limit.names)]
        value, gradient = limit(at)
        scale = 1e-6 * (1.0 + abs(value) + np.abs(gradient).max())
        assert gradient == pytest.approx(differences(limit, at), abs=scale)


def inside(limit, theta):
    """A point of the interior model so far out that it is as good as the limit."""
    at = dict(zip(limit.names, theta, strict=True))
    buying = [at["r"], at["alpha"]] if "r" in at else [at["rate"] + FAR, FAR]
    if "leave_share" in at:
        odds = at["leave_share"]
        return np.array([*buying, -np.logaddexp(0, -odds) - FAR, -np.logaddexp(0, odds) - FAR])
    leaving = {
        "a": lambda: [at["a"], at["b"]],
        "s": lambda: [at["s"], at["beta"]],
        "leave_rate": lambda: [at["leave_rate"] + FAR, FAR],
        "leave_probability": lambda: [
            FAR - np.logaddexp(0, -at["leave_probability"]),
            FAR - np.logaddexp(0, at["leave_probability"]),
        ],
    }
    of = next((make for name, make in leaving.items() if name in at), lambda: [-1.5 * FAR, 0.0])
    return np.array([*buying, *of()])


@pytest.mark.parametrize("model", MODELS)
def test_a_limits_likelihood_is_what_the_interior_models_comes_to(model):
    x, t_x, T = LOGS["some never come again"](np.random.default_rng(1))
    data = cells(x, t_x, T).scaled(100.0)
    starts = {"r": -0.3, "alpha": 0.2, "rate": 0.5, "leave_share": -1.0, "leave_probability": -2.0}
    starts |= {"a": -0.5, "b": 1.2, "s": -0.4, "beta": 0.3, "leave_rate": -0.7}
    for limit in limit_likelihoods(model, data):
        if limit.fixed or (model == "paretonbd" and "leave_share" in limit.names):
            continue
        theta = np.array([starts[name] for name in limit.names])
        expected = LIKELIHOODS[model](data)(inside(limit, theta))[0]
        assert limit(theta)[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.by_lot(15)
@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", LOGS)
def test_every_log_ends_in_a_named_model_as_likely_as_any_known(name, model):
    x, t_x, T, fitted = fitted_to(model, name)
    values = [*fitted.parameters.values(), *fitted.standard_errors.values(), fitted.condition]
    assert np.isfinite(values).all()
    if fitted.limit is not None:
        assert limit_of(limit_model(model, fitted.parameters)) == fitted.limit.name
        assert fitted.limit.likelihood_ratio >= 0.0
        with pytest.raises(FitError, match="expected a likelihood with an interior maximum"):
            fit_purchases(model, cells(x, t_x, T), strict=True)
    known = theirs(model, x, t_x, T)
    if known is not None:
        their = log_likelihood(model, cells(x, t_x, T), known)
        assert fitted.log_likelihood >= their - 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", LOGS)
def test_a_limit_is_the_maximum_and_its_errors_are_its_curvature(name, model):
    x, t_x, T, fitted = fitted_to(model, name)
    if fitted.limit is None:
        return
    data = cells(x, t_x, T)
    for parameter, error in fitted.standard_errors.items():
        if error == 0.0:  # not searched for
            continue
        step = min(0.2 * error, 0.1 * fitted.parameters[parameter])
        if parameter.startswith(("leave_p", "leave_s")):
            step = min(step, 0.1 * (1.0 - fitted.parameters[parameter]))
        for side in (-step, step):
            moved = {**fitted.parameters, parameter: fitted.parameters[parameter] + side}
            assert log_likelihood(model, data, moved) <= fitted.log_likelihood + 1e-9
    assert log_likelihood(model, data, fitted.parameters) == pytest.approx(
        fitted.log_likelihood, rel=1e-10
    )


def test_with_one_rate_for_all_the_maximum_is_in_closed_form():
    x, _, T, fitted = fitted_to("paretonbd", "daily")
    rate = x.sum() / T.sum()
    assert fitted.parameters == pytest.approx({"rate": rate})
    assert fitted.standard_errors == pytest.approx({"rate": math.sqrt(rate / T.sum())}, rel=1e-6)
    expected = x.sum() * math.log(rate) - rate * T.sum()
    assert fitted.log_likelihood == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("model", "log", "limit"),
    [
        ("bgnbd", "monthly", f"nobody leaves, {ALIKE}"),
        ("mbgnbd", "one rate", f"one probability of leaving for all, {ALIKE}"),
        ("paretonbd", "one rate", f"one rate of leaving for all, {ALIKE}"),
        ("bgnbd", "all alike", "one probability of leaving for all"),
        ("mbgnbd", "some never come again", "some leave at once, the others never"),
        ("paretonbd", "some never come again", "some leave at once, the others never"),
        ("bgnbd", "the second purchase is the last", "all leave as soon as they may"),
        ("bgnbd", "daily", f"nobody leaves, {ALIKE}"),
    ],
)
def test_limits_are_the_ones_that_made_the_data(model, log, limit):
    fitted = fitted_to(model, log)[-1]
    assert fitted.limit is not None
    assert fitted.limit.name == limit


def test_what_made_the_data_is_found_again():
    bought = lives(np.random.default_rng(9), 1_000, steady(0.05), stops=0.1)
    fitted = fit_purchases("bgnbd", cells(*summary(bought)))
    assert fitted.limit is not None
    for name, true in {"rate": 0.05, "leave_probability": 0.1}.items():
        assert abs(fitted.parameters[name] - true) < 4.0 * fitted.standard_errors[name]


@pytest.mark.parametrize("model", MODELS)
def test_a_limits_unit_of_time_does_not_matter(model):
    x, t_x, T = LOGS["daily"](np.random.default_rng(3))
    days, weeks = (fit_purchases(model, cells(x, t_x / u, T / u)) for u in (1.0, 7.0))
    assert days.limit.name == weeks.limit.name
    assert weeks.parameters["rate"] == pytest.approx(7.0 * days.parameters["rate"], rel=1e-6)
    assert weeks.log_likelihood == pytest.approx(days.log_likelihood + x.sum() * math.log(7.0))


def test_large_data_that_run_to_an_edge_are_scouted_on_a_sample():
    rng = np.random.default_rng(5)
    T = rng.integers(100, 2_000, 30_000).astype(float)
    x = rng.poisson(rng.gamma(1.5, 0.02, 30_000) * T).astype(float)
    t_x = np.where(x > 0, np.ceil(T * rng.random(30_000) ** (1 / np.maximum(x, 1))), 0)
    fitted = fit_purchases("bgnbd", cells(x, t_x, T))
    assert fitted.limit is not None
    assert fitted.parameters["r"] == pytest.approx(1.5, rel=0.05)


@pytest.mark.parametrize("model", MODELS)
def test_an_edge_that_is_no_known_limit_is_still_refused(model):
    with pytest.raises(FitError, match="alpha"):
        fit_purchases(model, cells([1, 2, 3, 0], [0, 0, 0, 0], [9, 9, 8, 7]))


@pytest.mark.parametrize("model", MODELS)
def test_one_customer_is_refused(model):
    with pytest.raises(FitError, match="2 customers or more"):
        fit_purchases(model, cells(*one_customer(np.random.default_rng(3))))


@pytest.mark.parametrize("wrong", [{"leave_share": 1.5}, {"leave_share": 0.0}])
def test_parameters_of_a_limit_that_cannot_be_are_refused(wrong):
    with pytest.raises(FitError, match=r"parameters\[0\]"):
        log_likelihood("bgnbd", cells([1, 2], [3, 4], [9, 9]), {"rate": 0.1, **wrong})
