# ruff: noqa: N803 - T is the field's own name.
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from purchase_models import MODELS, bgnbds, limits, mbgnbds, models, paretonbds

from scoring.models import BGNBD, MBGNBD, ParameterError, ParetoNBD, PurchaseModel, limit_model

SECOND = 1.0 / 86_400.0
MILLISECOND = SECOND / 1_000.0
recencies = st.floats(0.0, 10_957.0)
thresholds = st.floats(0.05, 0.999)
every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def risk_by_hand(model: PurchaseModel, x: int, t_x: float, T: float, horizon: float) -> float:
    if not isinstance(model, BGNBD | MBGNBD):  # whose P(no purchase) has tests of its own
        return float(model.p_no_purchase(x, t_x, T, horizon))
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    quiet = math.exp(-(r + x) * math.log1p(horizon / (alpha + T)))
    n = x + isinstance(model, MBGNBD)
    if n == 0:
        return quiet
    log_odds = math.log(a / (b + n - 1)) + (r + x) * math.log1p((T - t_x) / (alpha + t_x))
    alive = 1.0 / (1.0 + math.exp(min(log_odds, 700.0)))
    return 1.0 - alive * (1.0 - quiet)


def bisected(
    model: PurchaseModel,
    x: int,
    t_x: float,
    threshold: float,
    horizon: float,
    bounds: tuple[float, float],
) -> float:
    low, high = bounds
    if risk_by_hand(model, x, t_x, low, horizon) >= threshold:
        return low
    if risk_by_hand(model, x, t_x, high, horizon) < threshold:
        return math.inf
    while high - low > 1e-10 * (1.0 + low):
        middle = 0.5 * (low + high)
        crossed = risk_by_hand(model, x, t_x, middle, horizon) >= threshold
        low, high = (low, middle) if crossed else (middle, high)
    return high


def root_of(
    model: PurchaseModel,
    x: int,
    t_x: float,
    threshold: float,
    horizon: float,
    bounds: tuple[float, float],
) -> float:
    return float(
        model.silence_root_p_no_purchase(
            x, t_x, threshold=threshold, horizon=horizon, T_low=bounds[0], T_max=bounds[1]
        )
    )


@given(models, st.integers(0, 10_000), recencies, thresholds, st.floats(1.0, 365.0))
def test_the_root_is_the_bisected_one_within_a_second(
    model: PurchaseModel, x: int, t_x: float, threshold: float, horizon: float
) -> None:
    t_x = t_x if x else 0.0
    bounds = (t_x, t_x + 20_000.0)
    expected = bisected(model, x, t_x, threshold, horizon, bounds)
    root = root_of(model, x, t_x, threshold, horizon, bounds)

    if math.isinf(expected) or math.isinf(root):
        assert max(risk_by_hand(model, x, t_x, bounds[1], horizon), threshold) < threshold + 1e-9
    else:
        assert root == pytest.approx(expected, abs=SECOND)


@given(models, st.integers(0, 10_000), recencies, thresholds, st.floats(1.0, 365.0))
def test_the_risk_at_the_root_has_just_crossed_the_threshold(
    model: PurchaseModel, x: int, t_x: float, threshold: float, horizon: float
) -> None:
    t_x = t_x if x else 0.0
    root = root_of(model, x, t_x, threshold, horizon, (t_x, math.inf))
    if math.isinf(root):  # where silence tells nothing
        assert model.p_no_purchase(x, t_x, t_x + 1e9, horizon) < threshold
        return

    assert model.p_no_purchase(x, t_x, root, horizon) >= threshold
    before = model.p_no_purchase(x, t_x, max(root - MILLISECOND, t_x), horizon)
    assert root == t_x or before <= threshold + 1e-8


@every_model
def test_a_threshold_crossed_already_is_due_at_once(model: PurchaseModel) -> None:
    crossed = model.p_no_purchase(5, 100.0, 2000.0, 28.0) >= 0.9
    due = 2000.0 if crossed else math.inf  # never where silence tells nothing
    assert root_of(model, 5, 100.0, 0.9, 28.0, (2000.0, 5000.0)) == due


@every_model
def test_a_threshold_not_crossed_in_time_is_never_due(model: PurchaseModel) -> None:
    assert root_of(model, 5, 100.0, 0.9, 28.0, (100.0, 101.0)) == math.inf


def test_a_crossing_long_before_the_first_purchase_is_due_at_once() -> None:
    for rare in (cls(1e-3, 1.0, 1.0, 1.0) for cls in (BGNBD, MBGNBD, ParetoNBD)):
        assert root_of(rare, 0, 0.0, 0.01, 28.0, (0.0, 100.0)) == 0.0


@every_model
def test_every_customer_may_have_a_threshold_and_bounds_of_their_own(model: PurchaseModel) -> None:
    x, t_x = np.array([0.0, 3.0, 3.0]), np.array([0.0, 90.0, 90.0])
    threshold, low, high = np.array([0.9, 0.5, 0.9]), t_x + 1.0, np.array([1e9, 1e9, 92.0])
    together = model.silence_root_p_no_purchase(
        x, t_x, threshold=threshold, horizon=28.0, T_low=low, T_max=high
    )

    rows = zip(x, t_x, threshold, low, high, strict=True)
    alone = [root_of(model, int(n), t, p, 28.0, (lo, hi)) for n, t, p, lo, hi in rows]
    assert together.tolist() == alone


@given(
    st.one_of(
        st.tuples(bgnbds, st.integers(1, 10_000)),
        st.tuples(st.one_of(mbgnbds, paretonbds, limits), st.integers(0, 10_000)),
    ),
    recencies,
    st.floats(0.001, 0.999),
)
def test_p_alive_at_its_root_is_theta(
    bought: tuple[PurchaseModel, int], t_x: float, theta: float
) -> None:
    model, x = bought
    t_x = t_x if x else 0.0
    root = model.silence_root_p_alive(x, t_x, theta)

    if root == math.inf:
        assert model.p_alive(x, t_x, t_x + 1e6) > theta
    elif root >= t_x:
        assert model.p_alive(x, t_x, root) == pytest.approx(theta, abs=3e-8)
    else:
        assert model.p_alive(x, t_x, t_x) <= theta * (1 + 1e-9)


def test_the_closed_form_is_the_published_one() -> None:
    model, x, t_x, theta = BGNBD(0.243, 4.414, 0.793, 2.426), 4, 26.0, 0.2
    base = (1 / theta - 1) * (model.b + x - 1) / model.a
    expected = (model.alpha + t_x) * base ** (1 / (model.r + x)) - model.alpha

    assert model.silence_root_p_alive(x, t_x, theta) == pytest.approx(expected, rel=1e-14)


def test_who_bought_once_stays_alive_under_this_model(cdnow: BGNBD) -> None:
    assert cdnow.silence_root_p_alive([0.0], [0.0], 0.5).tolist() == [math.inf]


@every_model
@pytest.mark.parametrize("bad", [0.0, 1.0, -0.1, math.nan])
def test_thresholds_that_are_no_fractions_are_refused(model: PurchaseModel, bad: float) -> None:
    with pytest.raises(ParameterError, match="theta: expected above 0 and below 1"):
        model.silence_root_p_alive([1.0], [1.0], bad)
    with pytest.raises(ParameterError, match="threshold: expected above 0 and below 1"):
        root_of(model, 1, 1.0, bad, 28.0, (1.0, 2.0))


@every_model
def test_shapes_broadcast(model: PurchaseModel) -> None:
    x, t_x = np.array([[1.0], [9.0]]), np.array([0.0, 5.0, 50.0])
    roots = model.silence_root_p_no_purchase(
        x, t_x, threshold=0.9, horizon=28.0, T_low=t_x, T_max=math.inf
    )

    assert roots.shape == model.silence_root_p_alive(x, t_x, 0.3).shape == (2, 3)
    assert roots[1, 2] == root_of(model, 9, 50.0, 0.9, 28.0, (50.0, math.inf))


def test_a_life_that_hardly_ends_is_never_due() -> None:
    immortal = ParetoNBD(0.5, 30.0, 1e-3, 1e6)
    assert immortal.silence_root_p_alive(0.0, 0.0, 0.2) == math.inf
    assert MBGNBD(1e-3, 30.0, 0.01, 50.0).silence_root_p_alive(0.0, 0.0, 0.2) == math.inf


def test_a_crossing_is_found_from_far_beyond() -> None:
    lost = ParetoNBD(1e-3, 1e-3, 0.0546875, 1.0)  # rates unlike: rarely, or by the hour
    alike = limit_model("paretonbd", {"rate": 1.0, "s": 0.0546875, "beta": 1.0})
    for model in (lost, alike):
        expected = bisected(model, 0, 0.0, 0.99609375, 1.0, (0.0, 1e4))
        assert root_of(model, 0, 0.0, 0.99609375, 1.0, (0.0, math.inf)) == pytest.approx(expected)
        assert math.isfinite(root_of(model, 1, 4381.0, 0.999, 1.0, (4381.0, math.inf)))
