import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.models import GammaGamma, OneMean, OwnMean, ParameterError, spend_correlation

models = st.builds(
    GammaGamma, p=st.floats(0.1, 50.0), q=st.floats(1.1, 50.0), v=st.floats(0.1, 1e5)
)


def test_who_never_came_back_is_expected_to_spend_the_population_mean() -> None:
    model = GammaGamma(6.25, 3.74, 15.44)
    mean = 6.25 * 15.44 / 2.74

    assert model.expected_spend([0.0], [0.0]) == pytest.approx(mean, rel=1e-15)
    assert model.expected_spend([0.0], [999.0]) == pytest.approx(mean, rel=1e-15)


@given(models, st.integers(1, 10_000), st.floats(0.0, 1e9))
def test_the_expectation_lies_between_the_population_and_the_customer(
    model: GammaGamma, x: int, mean: float
) -> None:
    population = float(model.expected_spend(0, 0.0))
    low, high = sorted((population, mean))

    assert low * (1 - 1e-12) <= model.expected_spend(x, mean) <= high * (1 + 1e-12)


@given(models, st.integers(0, 10_000), st.floats(0.0, 1e7))
def test_cents_give_a_hundred_times_dollars(model: GammaGamma, x: int, mean: float) -> None:
    dollars = model.expected_spend(x, mean)
    cents = model.scaled(100.0).expected_spend(x, mean * 100.0)

    np.testing.assert_allclose(cents, dollars * 100.0, rtol=1e-13)


@pytest.mark.parametrize(
    ("name", "value"), [("p", 0.0), ("q", 1.0), ("v", -1.0), ("q", math.nan), ("p", math.inf)]
)
def test_parameters_out_of_range_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ParameterError) as caught:
        GammaGamma(**{"p": 6.0, "q": 4.0, "v": 15.0, name: value})

    assert caught.value.where == f"gammagamma.{name}"
    assert caught.value.got is value


def test_one_mean_is_gamma_gamma_as_q_and_v_run_to_infinity_together() -> None:
    mean, far = 35.2, 1e13
    near = GammaGamma(6.0, far, mean / 6.0 * far)
    x, spend = np.array([0.0, 1.0, 40.0]), np.array([0.0, 12.0, 90.0])
    limit = OneMean(mean).expected_spend(x, spend)
    np.testing.assert_allclose(limit, near.expected_spend(x, spend), rtol=1e-9)
    cents = OneMean(mean).scaled(100.0).expected_spend(x, 100.0 * spend)
    np.testing.assert_allclose(cents, 100.0 * limit, rtol=1e-15)
    with pytest.raises(ParameterError, match=r"one_mean\.mean"):
        OneMean(math.inf)


def test_without_a_model_everybody_goes_on_as_before() -> None:
    own = OwnMean().scaled(100.0)
    assert own.expected_spend([0.0, 2.0, 3.0], [7.0, 12.0, 0.0]).tolist() == [0.0, 12.0, 0.0]


@pytest.mark.parametrize(("p", "peaks"), [(0.5, True), (1.0, True), (1.01, False), (6.25, False)])
def test_purchases_crowd_at_zero_up_to_an_exponential_spread(p: float, *, peaks: bool) -> None:
    assert GammaGamma(p, 3.74, 15.44).peaks_at_zero is peaks


def test_the_correlation_is_of_those_who_came_back() -> None:
    rng = np.random.default_rng(3)
    x, spend = rng.integers(1, 30, 500).astype(np.float64), rng.gamma(4.0, 20.0, 500)
    expected = np.corrcoef(x, spend)[0, 1]
    once = np.zeros(200)

    correlation = spend_correlation(np.append(x, once), np.append(spend, once))
    assert correlation == pytest.approx(expected, rel=1e-12)


def test_the_correlation_knows_both_signs() -> None:
    assert spend_correlation([1, 2, 3], [5.0, 6.0, 7.0]) == pytest.approx(1.0)
    assert spend_correlation([1, 2, 3], [7e9, 6e9, 5e9]) == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("x", "spend"),
    [
        ([], []),
        ([0.0, 0.0], [0.0, 0.0]),
        ([3.0, 0.0], [9.0, 9.0]),
        ([2, 2], [1, 5]),
        ([1, 2], [4, 4]),
    ],
)
def test_a_correlation_of_too_few_or_all_alike_is_unknown(
    x: list[float], spend: list[float]
) -> None:
    assert math.isnan(spend_correlation(x, spend))
