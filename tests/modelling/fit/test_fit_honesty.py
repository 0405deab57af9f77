# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifetimes_oracle import LIKELIHOODS
from trying import few

from modelling.fit.likelihood import (
    Cells,
    FitError,
    cells,
    fit_purchases,
    fit_spend,
    log_likelihood,
)
from scoring import ScoringError

MODELS = tuple(LIKELIHOODS)


def refusal(model, *columns):
    with pytest.raises(FitError) as caught:
        fit_purchases(model, cells(*columns), strict=True)
    return caught.value


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (([], [], []), "2 customers"),
        (([3], [5], [9]), "2 customers"),
        (([0, 0, 0], [0, 0, 0], [9, 8, 9]), "bought again"),
        (([1, 2], [0, 0], [0, 0]), "tenure above 0"),
    ],
)
def test_data_that_tell_nothing_are_refused_at_once(model, columns, expected):
    error = refusal(model, *columns)
    assert isinstance(error, ScoringError)
    assert expected in str(error)
    assert str(error).startswith(f"{model}: expected ")


@pytest.mark.parametrize("model", MODELS)
def test_nobody_coming_back_sends_r_to_0(model):
    error = refusal(model, [0] * 50, [0] * 50, range(1, 51))
    assert error.runaway == {"r": "0"}
    assert error.log_likelihood == 0.0
    assert "Observe for longer." in str(error)
    assert str(error).endswith("Or fit with a weak prior: --prior.")


@pytest.mark.parametrize("model", MODELS)
def test_customers_all_alike_send_r_and_alpha_to_infinity(model):
    error = refusal(model, [5] * 40, [20] * 40, [30] * 40)
    assert error.runaway["r"] == error.runaway["alpha"] == "infinity"
    assert "r and alpha" in error.got
    assert "do not differ in their rate" in error.advice
    assert np.isfinite(error.log_likelihood)


@pytest.mark.parametrize("model", MODELS)
def test_purchases_at_one_instant_send_alpha_to_0(model):
    error = refusal(model, [1, 2, 3, 0], [0, 0, 0, 0], [9, 9, 8, 7])
    assert error.runaway["alpha"] == "0"
    assert "very beginning" in error.advice


def regular(customers):
    """Gamma-distributed rates over a year, nobody of whom leaves."""
    rng = np.random.default_rng(5)
    T = rng.integers(100, 365, customers).astype(float)
    x = rng.poisson(rng.gamma(1.5, 0.02, customers) * T).astype(float)
    return x, np.where(x > 0, np.floor(T * rng.random(customers) ** (1 / np.maximum(x, 1))), 0), T


@pytest.mark.parametrize(
    ("model", "runaways", "words"),
    [
        ("bgnbd", {"a": "0", "b": "0"}, "the others never"),
        ("mbgnbd", {"a": "0", "b": "infinity"}, "Nobody is seen to stop"),
        ("paretonbd", {"s": "0", "beta": "infinity"}, "Nobody is seen to stop"),
    ],
)
def test_customers_who_never_leave_are_said_to_stay(model, runaways, words):
    error = refusal(model, *regular(500))
    assert error.runaway.items() <= runaways.items()
    assert words in str(error)


@pytest.mark.parametrize("model", MODELS)
def test_the_supremum_told_is_that_of_the_parameters_told(model):
    columns = regular(300)
    error = refusal(model, *columns)
    reached = log_likelihood(model, cells(*columns), error.parameters)
    assert error.log_likelihood == pytest.approx(reached, rel=1e-12)


def test_a_small_parameter_is_not_taken_for_a_runaway():
    once = 150
    x, t_x = np.zeros(500_000), np.zeros(500_000)
    x[:once], t_x[:once] = 1.0 + np.arange(once) % 2, 1.0 + np.arange(once) % 90
    error = refusal("bgnbd", x, t_x, np.full(500_000, 100.0))
    assert error.parameters["r"] < 1e-3
    assert "r" not in error.runaway
    assert error.runaway


@st.composite
def oddities(draw):
    """A few customers with times and counts on and between every border."""
    size = draw(st.integers(2, 6))
    times = st.sampled_from([0.0, 1e-300, 1e-9, 1.0, 30.5, 1e4, 1e15])
    T = np.array(draw(st.lists(times, min_size=size, max_size=size)))
    counts = st.sampled_from([0, 0, 1, 2, 40, 10_000])
    x = np.array(draw(st.lists(counts, min_size=size, max_size=size)), float)
    share = np.array(draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=size, max_size=size)))
    return cells(x, np.where(x > 0, share * T, 0.0), T)


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@given(oddities())
@settings(max_examples=few(3), deadline=None)
def test_any_customers_give_a_fit_or_say_why_not(model, data):
    try:
        fitted = fit_purchases(model, data)
    except FitError as error:
        found = [*error.parameters.values(), error.log_likelihood or 0.0]
    else:
        found = [*fitted.parameters.values(), *fitted.standard_errors.values(), fitted.condition]
    assert np.isfinite(found).all()


@st.composite
def spends(draw):
    size = draw(st.integers(0, 6))
    x = draw(st.lists(st.sampled_from([0, 1, 2, 10_000]), min_size=size, max_size=size))
    value = st.sampled_from([-5.0, 0.0, 1e-15, 1.0, 1.0, 35.2, 1e15])
    return x, draw(st.lists(value, min_size=size, max_size=size))


@given(spends())
@settings(max_examples=few(8), deadline=None)
def test_any_spends_give_a_fit_or_say_why_not(columns):
    try:
        fitted = fit_spend(*columns)
    except FitError as error:
        found = [*error.parameters.values(), error.log_likelihood or 0.0]
    else:
        found = [*fitted.parameters.values(), *fitted.standard_errors.values()]
    assert np.isfinite(found).all()


@pytest.mark.parametrize("model", MODELS)
def test_order_duplicates_and_weights_do_not_matter(model, sample):
    rng = np.random.default_rng(3)
    once = fit_purchases(model, cells(*sample[:3]))
    order = rng.permutation(np.tile(np.arange(sample.shape[1]), 2))
    twice = fit_purchases(model, cells(*sample[:3, order]))
    data = cells(*sample[:3])
    weighted = fit_purchases(model, Cells(data.x, data.t_x, data.T, 2.0 * data.weight))
    assert twice == weighted
    for name, value in once.parameters.items():
        assert twice.parameters[name] == pytest.approx(value, rel=1e-9)
        error = once.standard_errors[name]
        assert twice.standard_errors[name] * 2**0.5 == pytest.approx(error, rel=1e-7)
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-13)
