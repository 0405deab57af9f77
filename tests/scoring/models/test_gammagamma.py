import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.models import GammaGamma, ParameterError

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
