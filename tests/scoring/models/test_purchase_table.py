# ruff: noqa: N806 - T is the field's own name.
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.arrays import Floats
from scoring.models import BGNBD, ParameterError, PurchaseTable

RATE = math.log1p(0.15) / 365.0
shapes = st.floats(0.05, 5.0)
models = st.builds(BGNBD, r=shapes, alpha=st.floats(5.0, 500.0), a=shapes, b=st.floats(0.05, 50.0))


def grid() -> tuple[Floats, Floats]:
    x = np.array([0, 1, 2, 5, 30, 200, 2048, 2049, 10_000], dtype=np.float64)
    T = np.concatenate([[0.0], np.geomspace(1e-4, 10_957.5, 60), [1e6]])
    return np.repeat(x, len(T)), np.tile(T, len(x))


@pytest.mark.parametrize("horizon", [28.0, 365.0, 3650.0])
def test_the_table_agrees_with_quadrature(cdnow: BGNBD, horizon: float) -> None:
    table = PurchaseTable(cdnow, horizon, RATE)
    x, T = grid()

    counted = cdnow.purchases_if_alive(x, T, horizon)
    np.testing.assert_allclose(table.expected(x, T), counted, rtol=1e-13)
    discounted = cdnow.purchases_if_alive(x, T, horizon, RATE)
    np.testing.assert_allclose(table.discounted(x, T), discounted, rtol=1e-13)


def test_a_century_ahead_and_a_steep_discount_hold_too(cdnow: BGNBD) -> None:
    table = PurchaseTable(cdnow, 36_500.0, 0.0019, largest_x=40)
    x, T = np.repeat([0.0, 3.0, 40.0], 40), np.tile(np.geomspace(1e-3, 36_500.0, 40), 3)

    discounted = cdnow.purchases_if_alive(x, T, 36_500.0, 0.0019)
    np.testing.assert_allclose(table.discounted(x, T), discounted, rtol=1e-12)


@settings(max_examples=25)
@given(models, st.floats(1.0, 730.0), st.floats(0.0, 0.002))
def test_it_agrees_for_any_parameters(model: BGNBD, horizon: float, rate: float) -> None:
    table = PurchaseTable(model, horizon, rate, largest_x=40)
    x, T = np.repeat([0.0, 1.0, 7.0, 40.0, 41.0], 9), np.tile(np.linspace(0.0, 10_957.5, 9), 5)

    direct = model.purchases_if_alive(x, T, horizon, rate)
    np.testing.assert_allclose(table.discounted(x, T), direct, rtol=1e-11)


def test_a_row_is_the_same_however_many_rows_there_are(cdnow: BGNBD) -> None:
    small, large = (PurchaseTable(cdnow, 365.0, RATE, largest_x=n) for n in (3, 700))
    x, T = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 10.0, 777.7, 1e4])

    assert small.discounted(x, T).tobytes() == large.discounted(x, T).tobytes()


def test_shapes_broadcast(cdnow: BGNBD) -> None:
    table = PurchaseTable(cdnow, 28.0, largest_x=4)
    x, T = np.array([[1.0], [9.0]]), np.array([0.0, 5.0, 50.0])

    np.testing.assert_allclose(
        table.expected(x, T), cdnow.purchases_if_alive(x, T, 28.0), rtol=1e-13
    )
    assert table.expected(9.0, 5.0) == pytest.approx(float(table.expected(x, T)[1, 1]), rel=0)


@pytest.mark.parametrize("horizon", [0.0, -1.0, math.nan])
def test_a_horizon_out_of_range_is_refused(cdnow: BGNBD, horizon: float) -> None:
    with pytest.raises(ParameterError, match=r"purchase_table\.horizon"):
        PurchaseTable(cdnow, horizon)
