# ruff: noqa: N803, N806 - T is the field's own name for the time since the first purchase.
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purchase_models import History, days, history, horizons, paretonbds
from scipy.integrate import quad
from scipy.special import hyperu

from scoring.models import ParetoNBD, decay_integral

scales = st.floats(0.01, 1e5)
powers = st.floats(0.05, 10_000.0)
histories = st.builds(history, st.integers(0, 10_000), days, days)


def integral_by_hand(reach: float, A: float, k: float, B: float, l: float) -> float:  # noqa: E741
    """Over log1p(t), in pieces around every scale at which the integrand may turn."""

    def integrand(y: float) -> float:
        t = math.expm1(y)
        return math.exp(y - k * math.log1p(t / A) - l * math.log1p(t / B))

    turns = (A / (1 + k), B / (1 + l), A, B, *(40.0 * A / k, 40.0 * B / l))
    ends = sorted({0.0, math.log1p(reach), *(math.log1p(t) for t in turns if t < reach)})
    return sum(
        quad(integrand, *piece, epsabs=0, epsrel=1e-12, limit=200)[0] for piece in pairwise(ends)
    )


@settings(max_examples=60)
@given(st.floats(1e-3, 11_000.0), scales, powers, scales, st.floats(1.05, 60.0))
def test_the_integral_agrees_with_an_adaptive_one(
    reach: float, A: float, k: float, B: float, power: float
) -> None:
    expected = integral_by_hand(reach, A, k, B, power)
    assert decay_integral(reach, A, k, B, power) == pytest.approx(expected, rel=1e-9)


def test_the_integral_over_nothing_is_zero() -> None:
    assert decay_integral(0.0, 3.0, 2.0, 5.0, 1.5) == 0.0


def test_the_integral_has_its_closed_forms() -> None:
    reach = np.geomspace(1e-3, 1e4, 30)
    alone = 7.0 / 1.5 * -np.expm1(-1.5 * np.log1p(reach / 7.0))

    np.testing.assert_allclose(decay_integral(reach, 7.0, 2.5, 3.0, 0.0), alone, rtol=1e-13)
    np.testing.assert_allclose(decay_integral(reach, 7.0, 1.0, 7.0, 1.5), alone, rtol=1e-13)


@pytest.mark.parametrize("s", [0.05, 0.606, 1.0, 3.7])
@pytest.mark.parametrize("z", [1e-3, 0.05, 0.9, 20.0])
def test_discounted_for_ever_it_is_the_confluent_hypergeometric_function(
    s: float, z: float
) -> None:
    living, rate = 90.0, z / 90.0
    expected = living * hyperu(1.0, 2.0 - s, z)

    computed = decay_integral(math.inf, living, 0.0, living, s, rate)
    assert computed == pytest.approx(expected, rel=1e-10)


def odds_gone_by_hand(model: ParetoNBD, x: float, t_x: float, T: float) -> float:
    A, B, k = model.alpha + t_x, model.beta + t_x, model.r + x
    stopped = model.s / B * integral_by_hand(T - t_x, A, k, B, model.s + 1)
    log_alive = -k * math.log1p((T - t_x) / A) - model.s * math.log1p((T - t_x) / B)
    return math.exp(min(math.log(stopped) - log_alive, 700.0)) if stopped else 0.0


@settings(max_examples=60)
@given(paretonbds, histories)
def test_p_alive_agrees_with_plain_floats(model: ParetoNBD, customer: History) -> None:
    expected = 1.0 / (1.0 + odds_gone_by_hand(model, *customer))
    assert model.p_alive(*customer) == pytest.approx(expected, rel=1e-8, abs=1e-290)


@settings(max_examples=60)
@given(paretonbds, histories, horizons)
def test_no_purchase_is_a_silence_that_lasts_longer(
    model: ParetoNBD, customer: History, horizon: float
) -> None:
    """It is the ratio of two likelihoods: of the history with and without the further silence."""
    x, t_x, T = customer
    alive_then = math.exp(
        -(model.r + x) * math.log1p(horizon / (model.alpha + T))
        - model.s * math.log1p(horizon / (model.beta + T))
    )
    later = alive_then * (1.0 + odds_gone_by_hand(model, x, t_x, T + horizon))
    expected = later / (1.0 + odds_gone_by_hand(model, *customer))

    if alive_then > 1e-290 and odds_gone_by_hand(model, x, t_x, T + horizon) < 1e290:
        assert model.p_no_purchase(*customer, horizon) == pytest.approx(expected, rel=1e-8)


def test_p_no_purchase_keeps_its_digits_where_it_is_tiny() -> None:
    immortal = ParetoNBD(1.0, 1.0, 1e-9, 1e9)
    quiet = (1.0 + 1000.0) / (1.0 + 1000.0 + 365.0)

    computed = immortal.p_no_purchase(100, 1000.0, 1000.0, 365.0)
    assert computed == pytest.approx(quiet**101, rel=1e-6)


@given(paretonbds, histories, horizons)
def test_some_purchase_and_none_are_all_there_is(
    model: ParetoNBD, customer: History, horizon: float
) -> None:
    x, T, ahead = np.array(customer[0]), np.array(customer[2]), np.array(horizon)
    some, none = model.p_some_if_alive(x, T, ahead), model.p_quiet_if_alive(x, T, ahead)

    assert some + none == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("s", [0.3, 1.0 - 1e-12, 1.0, 1.0 + 1e-12, 2.5])
@pytest.mark.parametrize(("x", "T"), [(0, 0.0), (9, 400.0), (2000, 5000.0)])
@pytest.mark.parametrize("rate", [0.0, 0.0004])
def test_purchases_agree_with_an_integral_over_life(
    s: float, x: int, T: float, rate: float
) -> None:
    model = ParetoNBD(0.55, 74.0, s, 80.0)

    def still_alive(t: float) -> float:
        return math.exp(-rate * t - s * math.log1p(t / (80.0 + T)))

    expected = (0.55 + x) / (74.0 + T) * quad(still_alive, 0.0, 365.0, epsrel=1e-13)[0]
    assert model.purchases_if_alive(x, T, 365.0, rate) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("alpha", "beta"), [(1e-2, 1e6), (1e6, 1e-2), (5.0, 5.0)])
def test_no_ratio_of_the_scales_is_special(alpha: float, beta: float) -> None:
    model = ParetoNBD(0.5, alpha, 0.6, beta)
    x, T = np.array([0.0, 1.0, 300.0, 10_000.0])[:, None], np.geomspace(1.0, 11_000.0, 40)

    alive = model.p_alive(x, 0.9 * T, T)
    assert np.isfinite(alive).all()
    expected = [[1 / (1 + odds_gone_by_hand(model, n, 0.9 * t, t)) for t in T] for n in x[:, 0]]
    np.testing.assert_allclose(alive, expected, rtol=1e-8, atol=1e-290)
