# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""Limits are what the models come to as their parameters run away, to 1e-9."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from purchase_models import LIMITS
from scipy import integrate

from scoring.arrays import Floats
from scoring.models import (
    BGNBD,
    MBGNBD,
    CoinLimit,
    DeathLimit,
    ParameterError,
    ParetoNBD,
    PurchaseModel,
    limit_model,
    limit_of,
)
from scoring.models.parts.coins import Ahead, BetaCoin
from scoring.models.parts.rates import GammaRates, OneRate

X = np.array([0.0, 0.0, 1.0, 1.0, 2.0, 5.0, 30.0])
T_X = np.array([0.0, 0.0, 3.0, 50.0, 60.0, 100.0, 200.0])
TENURE = np.array([5.0, 60.0, 10.0, 80.0, 70.0, 110.0, 204.0])
R, ALPHA, A, B, S, BETA, RATE, P, MU, SHARE = 0.7, 20.0, 0.4, 5.0, 0.6, 80.0, 0.08, 0.1, 4e-3, 0.3

Interior = Callable[[float], PurchaseModel]
# The model at a parameter that runs away, from which number on, and in how many doublings.
INTERIOR: dict[str, tuple[Interior, float, int]] = {
    "bgnbd: never, rates": (lambda far: BGNBD(R, ALPHA, 1.0 / far, 1.0), 16, 8),
    "bgnbd: one, rates": (lambda far: BGNBD(R, ALPHA, P * far, (1.0 - P) * far), 32, 8),
    "mbgnbd: one, rates": (lambda far: MBGNBD(R, ALPHA, P * far, (1.0 - P) * far), 32, 8),
    "bgnbd: first, rates": (lambda far: BGNBD(R, ALPHA, SHARE / far, (1.0 - SHARE) / far), 16, 7),
    "mbgnbd: first, rates": (
        lambda far: MBGNBD(R, ALPHA, SHARE / far, (1.0 - SHARE) / far), 16, 7
    ),
    "bgnbd: beta, one rate": (lambda far: BGNBD(RATE * far, far, A, B), 1e3, 7),
    "mbgnbd: beta, one rate": (lambda far: MBGNBD(RATE * far, far, A, B), 1e3, 7),
    "bgnbd: one, one rate": (
        lambda far: BGNBD(RATE * far, far, P * far, (1.0 - P) * far), 1e3, 8
    ),
    "bgnbd: never, one rate": (lambda far: BGNBD(RATE * far, far, 1.0 / far, 1.0), 1e3, 7),
    "bgnbd: first, one rate": (
        lambda far: BGNBD(RATE * far, far, SHARE / far, (1.0 - SHARE) / far), 1e3, 7
    ),
    "paretonbd: never, rates": (lambda far: ParetoNBD(R, ALPHA, 1.0 / far, 1.0), 1e3, 7),
    "paretonbd: one, rates": (lambda far: ParetoNBD(R, ALPHA, MU * far, far), 1e4, 7),
    "paretonbd: gamma, one rate": (lambda far: ParetoNBD(RATE * far, far, S, BETA), 1e4, 7),
    "paretonbd: one, one rate": (lambda far: ParetoNBD(RATE * far, far, MU * far, far), 1e4, 6),
    "paretonbd: never, one rate": (
        lambda far: ParetoNBD(RATE * far, far, 1.0 / far, 1.0), 1e4, 8
    ),
}  # fmt: skip
SCORES: dict[str, Callable[[PurchaseModel], Floats]] = {
    "p_alive": lambda model: model.p_alive(X, T_X, TENURE),
    "p_no_purchase": lambda model: model.p_no_purchase(X, T_X, TENURE, 28.0),
    "expected": lambda model: model.expected_purchases(X, T_X, TENURE, 90.0),
    "at random": lambda model: model.expected_repeat_purchases(np.array([0.0, 30.0, 90.0])),
    "gap": lambda model: model.buying.gap(X, TENURE),
}


def extrapolated(score: Callable[[float], Floats], far: float, doublings: int) -> Floats:
    """Neville's scheme in 1 / far: what a score comes to as its parameter runs away."""
    away = [far * 2.0**step for step in range(doublings)]
    found = [score(each) for each in away]
    for order in range(1, doublings):
        found = [
            (away[at + order] * found[at + 1] - away[at] * found[at])
            / (away[at + order] - away[at])
            for at in range(doublings - order)
        ]
    return found[0]


@pytest.mark.parametrize("name", INTERIOR)
@pytest.mark.parametrize("score", SCORES)
def test_a_limit_is_what_the_interior_model_comes_to(name: str, score: str) -> None:
    interior, far, doublings = INTERIOR[name]
    ask = SCORES[score]
    expected = extrapolated(lambda at: ask(interior(at)), far, doublings)
    np.testing.assert_allclose(ask(LIMITS[name]), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in INTERIOR if "first" not in name])
def test_a_limits_roots_are_what_the_interior_models_come_to(name: str) -> None:
    interior, far, _ = INTERIOR[name]

    def roots(model: PurchaseModel) -> Floats:
        return model.silence_root_p_no_purchase(
            X, T_X, threshold=0.97, horizon=28.0, T_low=T_X, T_max=math.inf
        )

    found = roots(LIMITS[name])
    if "never, one rate" in name:  # where silence tells nothing
        assert np.isinf(found).all()
        return
    away = 1e12 if "never" in name else max(far, 1e3)  # log odds of nobody's leaving need it
    expected = extrapolated(lambda at: roots(interior(at)), away, 5)
    told = found < 1e4
    assert told.sum() > 3
    np.testing.assert_allclose(found[told], expected[told], rtol=1e-6)


def test_the_death_of_some_at_once_is_pareto_nbd_as_s_and_beta_run_to_0() -> None:
    """beta^s is held at the share that stays, so beta falls as a power of it."""
    limit = LIMITS["paretonbd: first, rates"]
    far = 1e-3
    near = ParetoNBD(R, ALPHA, far, math.exp(math.log1p(-SHARE) / far))
    x, t_x, T = np.array([0.0, 2.0]), np.array([0.0, 30.0]), np.array([60.0, 70.0])
    assert near.p_alive(x, t_x, T) == pytest.approx(limit.p_alive(x, t_x, T), rel=0.02)


@pytest.mark.parametrize("name", LIMITS)
def test_what_is_still_to_come_is_the_integral_of_what_comes(name: str) -> None:
    model, rate = LIMITS[name], 0.004

    def coming(t: float) -> float:
        near, later = model.purchases_if_alive(2.0, 70.0, [t * (1 - 1e-4), t * (1 + 1e-4)])
        return float((later - near) / (2e-4 * t)) * math.exp(-rate * t)

    expected = integrate.quad(coming, 1e-6, 200.0)[0] + integrate.quad(coming, 200.0, 8000.0)[0]
    found = model.discounted_expected_residual_transactions(2.0, 60.0, 70.0, rate)
    assert found == pytest.approx(float(model.p_alive(2.0, 60.0, 70.0)) * expected, rel=1e-5)


def test_under_the_nbd_everything_is_in_closed_form() -> None:
    nbd, delta = limit_model("bgnbd", {"r": R, "alpha": ALPHA}), 0.0004
    rate = (R + X) / (ALPHA + TENURE)
    assert (nbd.p_alive(X, T_X, TENURE) == 1.0).all()
    quiet = ((ALPHA + TENURE) / (ALPHA + TENURE + 28.0)) ** (R + X)
    assert nbd.p_no_purchase(X, T_X, TENURE, 28.0) == pytest.approx(quiet, rel=1e-13)
    assert nbd.expected_purchases(X, T_X, TENURE, 90.0) == pytest.approx(rate * 90.0, rel=1e-14)
    dert = nbd.discounted_expected_residual_transactions(X, T_X, TENURE, delta)
    assert dert == pytest.approx(rate / delta, rel=1e-14)
    assert np.isinf(nbd.silence_root_p_alive(X, T_X, 0.5)).all()


def test_with_one_rate_and_one_chance_everything_is_in_closed_form() -> None:
    model = limit_model("mbgnbd", {"rate": RATE, "leave_probability": P})
    odds = P / (1.0 - P) * np.exp(RATE * (TENURE - T_X))
    assert model.p_alive(X, T_X, TENURE) == pytest.approx(1.0 / (1.0 + odds), rel=1e-14)
    ahead = (1.0 - math.exp(-RATE * P * 90.0)) / P
    expected = ahead / (1.0 + odds)
    assert model.expected_purchases(X, T_X, TENURE, 90.0) == pytest.approx(expected, rel=1e-13)
    root = T_X + math.log((1.0 / 0.2 - 1.0) * (1.0 - P) / P) / RATE
    assert model.silence_root_p_alive(X, T_X, 0.2) == pytest.approx(root, rel=1e-14)


def test_whoever_bought_again_has_left_where_all_leave_at_once() -> None:
    model = limit_model("bgnbd", {"r": R, "alpha": ALPHA, "leave_share": 1.0})
    assert model.p_alive([0, 1], [0, 5], [9, 9]).tolist() == [1.0, 0.0]
    assert model.p_no_purchase([1], [5], [9], 28.0).tolist() == [1.0]
    some = 1.0 - model.p_no_purchase(0, 0, 9, 28.0)
    assert model.expected_purchases(0, 0, 9, 28.0) == pytest.approx(some, rel=1e-12)
    assert (model.silence_root_p_alive([1.0], [5.0], 0.5) < 5.0).all()


@pytest.mark.parametrize(
    ("kind", "parameters", "name"),
    [
        ("bgnbd", {"r": 1.0, "alpha": 2.0}, "nobody leaves"),
        ("paretonbd", {"rate": 1.0}, "nobody leaves, one rate of buying for all"),
        ("bgnbd", {"rate": 1.0, "a": 1.0, "b": 2.0}, "one rate of buying for all"),
        (
            "mbgnbd",
            {"r": 1.0, "alpha": 2.0, "leave_probability": 0.1},
            "one probability of leaving for all",
        ),
        ("paretonbd", {"r": 1.0, "alpha": 2.0, "leave_rate": 0.1}, "one rate of leaving for all"),
        (
            "paretonbd",
            {"r": 1.0, "alpha": 2.0, "leave_share": 0.1},
            "some leave at once, the others never",
        ),
    ],
)
def test_a_limit_says_what_it_is(kind: str, parameters: dict[str, float], name: str) -> None:
    assert limit_of(limit_model(kind, parameters)) == name


def test_a_model_inside_its_bounds_is_no_limit() -> None:
    assert limit_of(BGNBD(1.0, 2.0, 3.0, 4.0)) is None
    with pytest.raises(ParameterError, match="alike in buying or in leaving"):
        CoinLimit(GammaRates(1.0, 2.0), BetaCoin(1.0, 2.0))
    with pytest.raises(ParameterError, match="alike in buying or in leaving"):
        DeathLimit(GammaRates(1.0, 2.0), GammaRates(1.0, 2.0))


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("bgnbd", {}),
        ("bgnbd", {"r": 1.0}),
        ("bgnbd", {"r": 1.0, "alpha": 1.0, "rate": 1.0}),
        ("bgnbd", {"rate": 1.0, "leave_rate": 1.0}),
        ("bgnbd", {"rate": 1.0, "s": 1.0, "beta": 1.0}),
        ("paretonbd", {"rate": 1.0, "a": 1.0, "b": 1.0}),
        ("paretonbd", {"rate": 1.0, "leave_probability": 0.5}),
        ("bgnbd", {"rate": 1.0, "leave_share": 0.5, "leave_probability": 0.5}),
        ("bgnbd", {"rate": 0.0}),
        ("bgnbd", {"rate": math.inf}),
        ("bgnbd", {"r": -1.0, "alpha": 1.0}),
        ("bgnbd", {"r": 1.0, "alpha": 1.0, "leave_probability": 1.0}),
        ("bgnbd", {"r": 1.0, "alpha": 1.0, "leave_share": 0.0}),
        ("bgnbd", {"r": 1.0, "alpha": 1.0, "leave_share": 1.1}),
        ("bgnbd", {"rate": 1.0, "a": 0.0, "b": 1.0}),
        ("paretonbd", {"r": 1.0, "alpha": 1.0, "leave_rate": math.nan}),
    ],
)
def test_what_makes_no_limit_is_refused(kind: str, parameters: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        limit_model(kind, parameters)


def test_a_coin_of_ones_own_among_rates_of_ones_own_is_the_interior_models() -> None:
    one = np.ones(1)
    with pytest.raises(TypeError, match="expected one rate of buying"):
        BetaCoin(1.0, 2.0).life(one, Ahead(GammaRates(1.0, 2.0), one, one, one, 0.0))
    assert OneRate(0.5).time == 2.0
