# ruff: noqa: N803, N806 - T is the field's own name.
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from purchase_models import bgnbds, histories, history, horizons
from scipy.integrate import quad
from scipy.special import beta, hyp2f1

from scoring.models import BGNBD

shapes = st.floats(0.05, 5.0)


def p_alive_by_hand(model: BGNBD, x: float, t_x: float, T: float) -> float:
    if x == 0:
        return 1.0
    ratio = (model.alpha + T) / (model.alpha + t_x)
    log_odds = math.log(model.a / (model.b + x - 1)) + (model.r + x) * math.log(ratio)
    return 1.0 / (1.0 + math.exp(log_odds)) if log_odds < 700 else 0.0


@given(bgnbds, histories)
def test_p_alive_agrees_with_plain_floats(
    model: BGNBD, customer: tuple[float, float, float]
) -> None:
    expected = p_alive_by_hand(model, *customer)
    assert model.p_alive(*customer) == pytest.approx(expected, rel=1e-9, abs=1e-290)


@given(bgnbds, histories, horizons)
def test_p_no_purchase_agrees_with_plain_floats(
    model: BGNBD, customer: tuple[float, float, float], horizon: float
) -> None:
    x, _, T = customer
    quiet = ((model.alpha + T) / (model.alpha + T + horizon)) ** (model.r + x)
    expected = 1.0 - p_alive_by_hand(model, *customer) * (1.0 - quiet)

    assert model.p_no_purchase(*customer, horizon) == pytest.approx(expected, abs=1e-11)


def test_p_no_purchase_keeps_its_digits_where_it_is_tiny() -> None:
    regular = BGNBD(1.0, 1.0, 1e-9, 1e9)
    quiet = (1.0 + 1000.0) / (1.0 + 1000.0 + 365.0)

    computed = regular.p_no_purchase(100, 1000.0, 1000.0, 365.0)
    assert computed == pytest.approx(quiet**101 + 1e-18, rel=1e-6)


def equation_10(model: BGNBD, customer: tuple[float, float, float], horizon: float) -> float:
    x, t_x, T = customer
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    total = alpha + T + horizon
    series = hyp2f1(r + x, b + x, a + b + x - 1, horizon / total)
    bought = 1.0 - ((alpha + T) / total) ** (r + x) * series
    return float((a + b + x - 1) / (a - 1) * bought) * p_alive_by_hand(model, x, t_x, T)


@given(
    st.builds(BGNBD, r=shapes, alpha=st.floats(5.0, 500.0), a=st.floats(0.2, 0.8), b=shapes),
    st.builds(history, st.integers(1, 60), st.floats(0.0, 2000.0), st.floats(0.0, 2000.0)),
    horizons,
)
def test_expected_purchases_agree_with_equation_10(
    model: BGNBD, customer: tuple[float, float, float], horizon: float
) -> None:
    expected = equation_10(model, customer, horizon)
    assert model.expected_purchases(*customer, horizon) == pytest.approx(expected, rel=1e-7)


def purchases_by_mixing(model: BGNBD, x: float, T: float, horizon: float, rate: float) -> float:
    """Integrate the purchases of given (p, t) over the beta posterior of p, and over t."""
    r, a, b, age = model.r, model.a, model.b + x, model.alpha + T

    def bought_per_day(t: float) -> float:
        def density(p: float) -> float:
            return math.exp(-(r + x + 1) * math.log1p(p * t / age))

        mixed, _ = quad(density, 0, 1, weight="alg", wvar=(a - 1, b - 1), epsrel=1e-12)
        return float(math.exp(-rate * t) * (r + x) / age * mixed / beta(a, b))

    return float(quad(bought_per_day, 0, horizon, epsrel=1e-11)[0])


@pytest.mark.parametrize("a", [0.3, 1.0, 1.0 + 1e-12, 2.5])
@pytest.mark.parametrize(("x", "T"), [(0, 0.0), (1, 3.0), (9, 400.0), (40, 5000.0)])
@pytest.mark.parametrize("rate", [0.0, 0.000383])
def test_purchases_agree_with_an_integral_over_dropout(
    a: float, x: int, T: float, rate: float
) -> None:
    model = BGNBD(0.6, 30.0, a, 2.4)
    expected = purchases_by_mixing(model, x, T, 365.0, rate)

    assert model.purchases_if_alive(x, T, 365.0, rate) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("x", [0, 3, 102])
def test_no_parameters_are_special(x: int) -> None:
    """Whole r - a makes SciPy's hypergeometric function fail just after a purchase."""
    whole, near = (BGNBD(r, 5.0, 0.5, 0.5) for r in (0.5, 0.5001))

    bought = whole.purchases_if_alive(x, 0.0, 365.0)
    assert bought == pytest.approx(float(near.purchases_if_alive(x, 0.0, 365.0)), rel=5e-4)
    assert bought == pytest.approx(purchases_by_mixing(whole, x, 0.0, 365.0, 0.0), rel=1e-7)
