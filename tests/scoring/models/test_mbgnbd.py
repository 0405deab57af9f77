# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
import math

import pytest
from hypothesis import given
from purchase_models import History, histories, horizons, mbgnbds

from scoring.models import BGNBD, MBGNBD


@given(mbgnbds, histories)
def test_p_alive_agrees_with_plain_floats(model: MBGNBD, customer: History) -> None:
    x, t_x, T = customer
    ratio = (model.alpha + T) / (model.alpha + t_x)
    log_odds = math.log(model.a / (model.b + x)) + (model.r + x) * math.log(ratio)
    expected = 1.0 / (1.0 + math.exp(log_odds)) if log_odds < 700 else 0.0

    assert model.p_alive(*customer) == pytest.approx(expected, rel=1e-9, abs=1e-290)


@given(mbgnbds, histories, horizons)
def test_given_life_it_is_bgnbd_with_one_more_opportunity(
    model: MBGNBD, customer: History, horizon: float
) -> None:
    x, _, T = customer
    other = BGNBD(model.r, model.alpha, model.a, model.b + 1.0)

    bought = model.purchases_if_alive(x, T, horizon)
    assert bought == pytest.approx(float(other.purchases_if_alive(x, T, horizon)), rel=1e-13)


def test_who_bought_once_may_have_stopped_at_once() -> None:
    model = MBGNBD(0.5, 40.0, 0.9, 1.6)
    assert model.p_alive(0.0, 0.0, 0.0) == pytest.approx(1.6 / 2.5, rel=1e-15)
    assert model.silence_root_p_alive(0.0, 0.0, 0.5) > 0.0
