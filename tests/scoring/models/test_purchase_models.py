# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""What holds for every purchase model."""

import copy
import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from purchase_models import CDNOW, DAYS_30_YEARS, MODELS, History, days, histories, horizons, models

from scoring.models import BGNBD, MBGNBD, ParameterError, ParetoNBD, PurchaseModel

ROUNDING = 1e-13
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
of_cdnow = pytest.mark.parametrize("model", CDNOW.values(), ids=CDNOW)


@given(models, histories, days, horizons)
def test_probabilities_are_probabilities_and_move_one_way_in_silence(
    model: PurchaseModel, customer: History, more: float, horizon: float
) -> None:
    x, t_x, T = customer
    tenures = np.array([T, T + more])
    alive = model.p_alive(x, t_x, tenures)
    quiet = model.p_no_purchase(x, t_x, tenures, horizon)

    assert ((alive >= 0) & (alive <= 1) & (quiet >= 0) & (quiet <= 1)).all()
    assert alive[1] <= alive[0] + ROUNDING
    assert quiet[1] >= quiet[0] - ROUNDING


@given(models, histories, horizons, horizons)
def test_a_longer_horizon_makes_no_purchase_less_likely(
    model: PurchaseModel, customer: History, one: float, other: float
) -> None:
    shorter, longer = sorted((one, other))
    quiet = model.p_no_purchase(*customer, [shorter, longer])

    assert quiet[1] <= quiet[0] + ROUNDING


@given(models, histories, horizons)
def test_no_purchase_at_all_is_at_least_as_likely_as_being_gone(
    model: PurchaseModel, customer: History, horizon: float
) -> None:
    gone = 1.0 - model.p_alive(*customer)
    assert model.p_no_purchase(*customer, horizon) >= gone - ROUNDING


@given(models, histories, horizons)
def test_expected_purchases_are_no_fewer_than_the_chance_of_one(
    model: PurchaseModel, customer: History, horizon: float
) -> None:
    """Markov's inequality."""
    some = 1.0 - model.p_no_purchase(*customer, horizon)
    assert model.expected_purchases(*customer, horizon) >= some - ROUNDING


@given(models, histories, horizons)
def test_purchases_are_discounted_by_no_more_than_the_horizon_allows(
    model: PurchaseModel, customer: History, horizon: float
) -> None:
    counted = model.expected_purchases(*customer, horizon)
    discounted = model.discounted_purchases(*customer, horizon, 0.0004)

    assert counted * math.exp(-0.0004 * horizon) <= discounted * (1 + 1e-10)
    assert discounted <= counted * (1 + 1e-10)


@given(models, histories, horizons, st.floats(0.1, 30.0))
def test_the_unit_of_time_does_not_matter(
    model: PurchaseModel, customer: History, horizon: float, factor: float
) -> None:
    x, t_x, T = customer
    other = model.rescaled(factor)
    scaled = x, t_x * factor, T * factor

    assert other.p_alive(*scaled) == pytest.approx(model.p_alive(*customer), rel=1e-9)
    quiet = model.p_no_purchase(*customer, horizon)
    assert other.p_no_purchase(*scaled, horizon * factor) == pytest.approx(quiet, rel=1e-9)
    bought = model.purchases_if_alive(x, T, horizon)
    again = other.purchases_if_alive(x, T * factor, horizon * factor)
    assert again == pytest.approx(bought, rel=1e-11)


@given(models, histories, st.floats(1e-4, 1e-2))
def test_all_that_is_still_to_come_is_what_a_very_long_horizon_holds(
    model: PurchaseModel, customer: History, rate: float
) -> None:
    for_ever = model.discounted_expected_residual_transactions(*customer, rate)

    assert for_ever == pytest.approx(
        model.discounted_purchases(*customer, 45.0 / rate, rate), rel=1e-9, abs=1e-300
    )
    assert for_ever >= model.discounted_purchases(*customer, 365.0, rate) * (1 - 1e-9)


@every_model
def test_the_table_answers_as_the_model_does(model: PurchaseModel) -> None:
    table = model.table(365.0, 0.0004)
    x, T = np.array([0.0, 1.0, 40.0, 3000.0])[:, None], np.array([0.0, 3.0, 400.0, 9000.0])

    counted, discounted = table.expected(x, T), table.discounted(x, T)
    np.testing.assert_allclose(counted, model.purchases_if_alive(x, T, 365.0), rtol=1e-12)
    expected = model.purchases_if_alive(x, T, 365.0, 0.0004)
    np.testing.assert_allclose(discounted, expected, rtol=1e-12)


@of_cdnow
def test_a_customer_drawn_at_random_buys_ever_more_and_ever_more_slowly(
    model: PurchaseModel,
) -> None:
    t = np.linspace(0.0, 546.0, 79)
    bought = model.expected_repeat_purchases(t)

    assert bought[0] == 0.0
    assert (np.diff(bought) > 0).all()
    assert (np.diff(bought, 2) < 0).all()
    assert model.expected_repeat_purchases(39.0 * 7) == pytest.approx(bought[39], rel=1e-14)


@every_model
def test_extremes_stay_finite(model: PurchaseModel) -> None:
    x = np.array([0.0, 1.0, 365.0, 10_000.0])[:, None, None]
    T = np.array([0.0, 1.0, DAYS_30_YEARS])[:, None]
    t_x = np.array([0.0, 0.5, 1.0]) * T

    for values in (
        model.p_alive(x, t_x, T),
        model.p_no_purchase(x, t_x, T, 28.0),
        model.expected_purchases(x, t_x, T, 365.0),
        model.discounted_purchases(x, t_x, T, 3650.0, 0.001),
        model.discounted_expected_residual_transactions(x, t_x, T, 0.0004),
    ):
        assert values.shape == (4, 3, 3)
        assert np.isfinite(values).all()
        assert (values >= 0).all()


@given(
    st.one_of(
        st.builds(cls, *[st.sampled_from([1e-3, 0.5, 1.0, 2.0, 300.0, 1e5])] * 4)
        for cls in (BGNBD, MBGNBD, ParetoNBD)
    ),
    histories,
    st.sampled_from([1e-3, 1.0, 28.0, 36_500.0]),
)
def test_no_parameters_overflow_or_make_a_nan_of_a_probability(
    model: PurchaseModel, customer: History, horizon: float
) -> None:
    alive, quiet = model.p_alive(*customer), model.p_no_purchase(*customer, horizon)

    assert 0.0 <= alive <= 1.0
    assert 0.0 <= quiet <= 1.0


@every_model
def test_no_discount_leaves_no_finite_residual(model: PurchaseModel) -> None:
    with pytest.raises(ParameterError, match=r"dert\.discount_rate"):
        model.discounted_expected_residual_transactions(1.0, 3.0, 9.0, 0.0)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
@pytest.mark.parametrize(
    ("cls", "name"),
    [
        *((BGNBD, name) for name in ("r", "alpha", "a", "b")),
        *((MBGNBD, name) for name in ("r", "alpha", "a", "b")),
        *((ParetoNBD, name) for name in ("r", "alpha", "s", "beta")),
    ],
)
def test_parameters_out_of_range_are_refused_by_name(
    cls: type[PurchaseModel], name: str, value: float
) -> None:
    good = dict.fromkeys((field.name for field in dataclasses.fields(cls)), 1.0)
    with pytest.raises(ParameterError) as caught:
        cls(**{**good, name: value})

    assert caught.value.where == f"{cls.__name__.lower()}.{name}"
    assert caught.value.expected == "a finite number above 0"


@every_model
def test_models_are_values(model: PurchaseModel) -> None:
    assert pickle.loads(pickle.dumps(model)) == copy.copy(model) == model  # noqa: S301
    assert hash(model) == hash(copy.copy(model))
    with pytest.raises(AttributeError):
        setattr(model, dataclasses.fields(model)[0].name, 2.0)  # type: ignore[arg-type]
