# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
import math

import numpy as np
import pytest
from lifetimes_oracle import (
    LIKELIHOODS,
    GammaGammaFitter,
    datasets,
    generate_data,
    hushed,
    reached,
    theirs,
    utils,
)

from modelling.fit.likelihood import cells, fit_purchases, fit_spend, log_likelihood
from modelling.fit.likelihood.gammagamma import GammaGammaLikelihood

COLUMNS = ["frequency", "recency", "T"]
SYNTHETIC = {
    "bg": ("beta_geometric_nbd_model", (0.25, 4.0, 0.8, 2.5), 40.0),
    "bg often": ("beta_geometric_nbd_model", (1.2, 2.0, 0.3, 6.0), 60.0),
    "mbg": ("modified_beta_geometric_nbd_model", (0.5, 6.0, 0.9, 1.6), 60.0),
    "pareto": ("pareto_nbd_model", (0.5, 10.0, 0.6, 11.0), 80.0),
    "pareto alike": ("pareto_nbd_model", (2.0, 20.0, 1.5, 20.0), 120.0),
}


def columns(frame):
    return frame[COLUMNS].to_numpy(float).T.copy()


def summed(frame, *names, end):
    return columns(
        utils.summary_data_from_transaction_data(frame, *names, observation_period_end=end)
    )


def shipped(name):
    """A data set of lifetimes, as x, t_x and T."""
    with hushed():
        if name == "summary":
            return columns(datasets.load_cdnow_summary())
        if name == "summary with value":
            return columns(datasets.load_cdnow_summary_data_with_monetary_value())
        if name == "transactions":
            return summed(datasets.load_transaction_data(), "id", "date", end="2014-12-31")
        frame = datasets.load_dataset(
            "CDNOW_sample.txt", header=None, sep=r"\s+", names=["_", "id", "date", "n", "value"]
        )
        frame["date"] = frame["date"].astype(str)
        return summed(frame, "id", "date", end="1997-09-30")


def synthetic(name):
    generator, parameters, longest = SYNTHETIC[name]
    np.random.seed(7)  # noqa: NPY002 - lifetimes draws from the global generator
    tenures = np.random.default_rng(7).uniform(5.0, longest, 400).round(2)
    with hushed():
        return columns(getattr(generate_data, generator)(tenures, *parameters, size=400))


@pytest.mark.parametrize("model", LIKELIHOODS)
@pytest.mark.parametrize("name", ["summary", "summary with value", "sample log"])
def test_shipped_data_get_at_least_lifetimes_log_likelihood(name, model):
    compare(model, *shipped(name))


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd"])
def test_so_does_the_shipped_log_of_transactions(model):
    compare(model, *shipped("transactions"))


@pytest.mark.parametrize("model", LIKELIHOODS)
@pytest.mark.parametrize("name", SYNTHETIC)
def test_generated_data_get_at_least_lifetimes_log_likelihood(name, model):
    compare(model, *synthetic(name))


def compare(model, x, t_x, T):
    parameters = theirs(model, x, t_x, T)
    assert parameters is not None
    assert reached(model, x, t_x, T) >= log_likelihood(model, cells(x, t_x, T), parameters) - 1e-3


def test_spend_gets_at_least_lifetimes_log_likelihood():
    with hushed():
        frame = datasets.load_cdnow_summary_data_with_monetary_value()
        frame = frame[frame["monetary_value"] > 0]
        x, value = (frame[name].to_numpy(float) for name in ("frequency", "monetary_value"))
        their = GammaGammaFitter().fit(x, value).params_
    likelihood = GammaGammaLikelihood(x, value, np.ones(len(x)))
    best, _ = likelihood(np.log([their[name] for name in likelihood.names]))
    assert fit_spend(x, value).log_likelihood >= best * len(x) - 1e-3


def card_holders(customers):
    """Up to eight years of days, on up to 2000 of which they bought."""
    rng = np.random.default_rng(2)
    T = rng.integers(30, 2900, customers).astype(float)
    rates = rng.gamma(1.2, 0.2, customers)
    stays = 1.0 / rng.gamma(0.6, 1.0 / 400.0, customers)
    seen = np.maximum(np.floor(np.minimum(T, rng.exponential(stays))), 1.0)
    x = np.minimum(rng.binomial(seen.astype(int), -np.expm1(-rates)), 2000).astype(float)
    return x, np.where(x > 0, seen, 0.0), T


@pytest.mark.parametrize("model", LIKELIHOODS)
def test_card_like_data_have_one_optimum_in_days_and_weeks(model):
    x, t_x, T = card_holders(4_000)
    days = fit_purchases(model, cells(x, t_x, T))
    weeks = fit_purchases(model, cells(x, t_x / 7.0, T / 7.0))
    for name, value in weeks.parameters.items():
        unit = 7.0 if name in ("alpha", "beta") else 1.0
        assert days.parameters[name] == pytest.approx(value * unit, rel=1e-6)
    shift = x.sum() * math.log(7.0)
    assert days.log_likelihood == pytest.approx(weeks.log_likelihood - shift, abs=1e-4)
    assert days.gradient_norm < 1e-10
