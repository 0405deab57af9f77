import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.models import historic_clv, net_value, predictive_clv, present_value

money = st.floats(0.0, 1e12)
fractions = st.floats(0.0, 1.0)
counts = st.floats(0.0, 1e4)


def test_the_sources_worked_example() -> None:
    assert historic_clv(50, 20_000, 0.5, 100_000) == 500_000 - 100_000 == 400_000


def test_a_loss_is_negative() -> None:
    assert historic_clv(1, 1000, 0.1, 500) == -400


@given(money, money, *[money] * 5)
def test_net_value_is_revenue_less_cost(
    direct: float, indirect: float, a: float, s: float, k: float, m: float, f: float
) -> None:
    value = net_value(
        direct, indirect, acquisition=a, service=s, maintenance=k, marketing=m, fraud=f
    )
    parts = [direct, indirect, -a, -s, -k, -m, -f]
    assert value == pytest.approx(math.fsum(parts), rel=1e-12, abs=1e-3)


def test_a_cost_not_named_is_nothing() -> None:
    assert net_value(10.0, 5.0) == 15.0
    assert net_value(10.0, 5.0, fraud=4.0) == 11.0


@given(fractions, fractions, counts, money, fractions, money, money)
def test_clv_rises_with_life(
    one: float, other: float, bought: float, spend: float, margin: float, more: float, cost: float
) -> None:
    low, high = (
        predictive_clv(p, bought, spend, margin, indirect_revenue=more, running_cost=cost)
        for p in sorted((one, other))
    )
    assert low <= high


@given(fractions, fractions, counts, money, fractions, money, money)
def test_clv_rises_with_the_margin(
    one: float, other: float, bought: float, spend: float, alive: float, more: float, cost: float
) -> None:
    low, high = (
        predictive_clv(alive, bought, spend, m, indirect_revenue=more, running_cost=cost)
        for m in sorted((one, other))
    )
    assert low <= high


def test_an_account_whose_holder_is_gone_still_earns_and_costs() -> None:
    assert predictive_clv(0.0, 9.0, 1000.0, 0.3, indirect_revenue=50.0, running_cost=80.0) == -30.0


def test_many_customers_are_valued_at_once() -> None:
    values = predictive_clv(np.array([[0.5], [1.0]]), np.array([1.0, 2.0]), 100.0, 0.1)
    np.testing.assert_allclose(values, [[5.0, 10.0], [10.0, 20.0]])


@pytest.mark.parametrize("rate", [1e-9, 0.04, 0.7])
@pytest.mark.parametrize("life", [0.0, 1.0, 30.0, 1e4])
def test_present_value_is_the_annuity(rate: float, life: float) -> None:
    expected = 12.0 * -math.expm1(-rate * life) / rate
    assert present_value(12.0, life, rate) == pytest.approx(expected, rel=1e-12)


def test_without_discount_a_flow_adds_up() -> None:
    assert present_value(12.0, 30.0, 0.0) == 360.0
