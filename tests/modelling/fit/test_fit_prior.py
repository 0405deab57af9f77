# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""A weak prior: any customers have a maximum, many hardly feel it, and no unit matters."""

import numpy as np
import pytest
from lifetimes_oracle import LIKELIHOODS
from scipy import stats
from simulated_logs import LOGS, one_customer

from modelling.fit.likelihood import FitError, cells, fit_purchases, fit_spend, log_likelihood
from modelling.fit.likelihood.prior import BELIEFS, WeakPrior

MODELS = tuple(LIKELIHOODS)
WEEK = 1.0 / 7.0  # a day, in weeks


@pytest.mark.parametrize("model", BELIEFS)
def test_the_gradient_is_that_of_finite_differences(model):
    prior, size = WeakPrior(model, 0.02), 3 if model == "gammagamma" else 4
    theta = np.array([0.3, -0.7, 0.4, 1.1])[:size]
    nudges = 1e-6 * np.eye(size)
    slopes = [(prior(theta + e)[0] - prior(theta - e)[0]) / 2e-6 for e in nudges]
    assert prior(theta)[1] == pytest.approx(slopes, abs=1e-6)


def test_the_density_is_normal_on_what_the_parameters_mean():
    r, alpha, a, b, day = 0.8, 3.0, 0.4, 2.0, 0.01
    told = {"r": r, "r / alpha": r / alpha * day, "a / b": a / b, "a + b": a + b}
    expected = sum(
        stats.norm.logpdf(np.log(told[name]), np.log(belief.median), belief.log_sd)
        for name, belief in BELIEFS["bgnbd"].items()
    )
    found = WeakPrior("bgnbd", day)(np.log([r, alpha, a, b]))[0]
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.by_lot(15)
@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("name", LOGS)
def test_every_log_has_a_maximum_inside_and_errors(name, model):
    x, t_x, T = LOGS[name](np.random.default_rng(3))
    plain = fit_purchases(model, cells(x, t_x, T))
    fitted = fit_purchases(model, cells(x, t_x, T), prior_day=1.0)
    assert (fitted.limit, fitted.prior) == (None, WeakPrior(model).told())
    assert fitted.parameters.keys() == set(LIKELIHOODS[model].names)
    values = [*fitted.parameters.values(), *fitted.standard_errors.values()]
    assert np.isfinite(values).all()
    assert all(error > 0.0 for error in fitted.standard_errors.values())
    told = log_likelihood(model, cells(x, t_x, T), fitted.parameters)
    assert fitted.log_likelihood == pytest.approx(told, rel=1e-9)
    assert fitted.log_likelihood <= plain.log_likelihood + 1e-6


@pytest.mark.parametrize("model", MODELS)
def test_one_customer_and_no_repeat_purchase_will_do(model):
    alone = fit_purchases(model, cells(*one_customer(np.random.default_rng(3))), prior_day=1.0)
    assert alone.customers == 1
    never = fit_purchases(model, cells([0] * 5, [0] * 5, [100] * 5), prior_day=1.0)
    rate = never.parameters["r"] / never.parameters["alpha"]
    assert 0.0 < rate < 1.0 / 30.0
    with pytest.raises(FitError, match="a customer, got 0"):
        fit_purchases(model, cells([], [], []), prior_day=1.0)
    with pytest.raises(FitError, match="tenure above 0"):
        fit_purchases(model, cells([0], [0], [0]), prior_day=1.0)
    with pytest.raises(FitError, match="with a weak prior: --prior"):
        fit_purchases(model, cells([0] * 5, [0] * 5, [100] * 5))


@pytest.mark.parametrize("model", MODELS)
def test_many_customers_hardly_feel_it(model, sample):
    plain = fit_purchases(model, cells(*sample[:3]))
    fitted = fit_purchases(model, cells(*sample[:3]), prior_day=WEEK)
    for name, value in plain.parameters.items():
        assert abs(fitted.parameters[name] - value) < 0.35 * plain.standard_errors[name]
        relative = fitted.standard_errors[name] / fitted.parameters[name]
        assert relative < 1.05 * plain.standard_errors[name] / value


@pytest.mark.parametrize("model", MODELS)
def test_the_unit_of_time_does_not_matter(model):
    x, t_x, T = LOGS["10 customers"](np.random.default_rng(3))
    days = fit_purchases(model, cells(x, t_x, T), prior_day=1.0)
    weeks = fit_purchases(model, cells(x, t_x / 7.0, T / 7.0), prior_day=WEEK)
    for name, value in days.parameters.items():
        unit = 7.0 if name in {"alpha", "beta"} else 1.0
        assert weeks.parameters[name] * unit == pytest.approx(value, rel=1e-6)


def test_spends_all_alike_have_a_maximum_and_no_unit_of_money_matters():
    x, spend = np.array([1.0, 2.0, 3.0]), np.full(3, 9.99)
    fitted = fit_spend(x, spend, with_prior=True)
    mean = fitted.parameters["p"] * fitted.parameters["v"] / (fitted.parameters["q"] - 1.0)
    assert mean == pytest.approx(9.99, rel=0.5)
    cents = fit_spend(x, 100.0 * spend, with_prior=True)
    assert cents.parameters["v"] == pytest.approx(100.0 * fitted.parameters["v"], rel=1e-6)
    assert cents.parameters["q"] == pytest.approx(fitted.parameters["q"], rel=1e-6)
    with pytest.raises(FitError, match="got 0"):
        fit_spend([0.0], [0.0], with_prior=True)


def test_large_data_are_scouted_on_a_sample():
    rng = np.random.default_rng(5)
    T = rng.integers(100, 2_000, 8_000).astype(float)
    x = rng.poisson(rng.gamma(1.5, 0.02, 8_000) * T).astype(float)
    t_x = np.where(x > 0, np.ceil(T * rng.random(8_000) ** (1 / np.maximum(x, 1))), 0)
    fitted = fit_purchases("bgnbd", cells(x, t_x, T), prior_day=1.0)
    assert fitted.parameters["r"] == pytest.approx(1.5, rel=0.1)
    assert fitted.evaluations < 60
