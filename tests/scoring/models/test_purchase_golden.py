# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
"""MBG/NBD and Pareto/NBD against published values; BG/NBD has test_bgnbd_golden."""

from typing import Any

import numpy as np
import pytest
from scipy.special import hyp2f1

from scoring.models import BGNBD, MBGNBD, GammaGamma, ParetoNBD, predictive_clv

SETS = ("published_params", "lifetimes_fitted_params")
WEEKS_PER_MONTH = 4.345
CLASSES = {"mbgnbd": MBGNBD, "paretonbd": ParetoNBD}
PREFIXES = {"mbgnbd": "mbgnbd", "paretonbd": "pnbd"}

every_set = pytest.mark.parametrize("name", SETS)
every_model = pytest.mark.parametrize("kind", CLASSES)


def parameters(golden: dict[str, Any], name: str, kind: str) -> list[float]:
    if name == "published_params":
        return golden["published"][kind]["params"]
    return golden["fits"][kind]["lifetimes_default_fit"]


def columns(rows: list[dict[str, float]], *names: str) -> list[np.ndarray]:
    return [np.array([row[name] for row in rows]) for name in names]


@every_set
@every_model
def test_ten_customers_are_as_alive_as_published(
    golden: dict[str, Any], name: str, kind: str
) -> None:
    model = CLASSES[kind](*parameters(golden, name, kind))
    rows = golden["ten_customers"][name]
    x, t_x, T, expected = columns(rows, "x", "t_x", "T", f"{PREFIXES[kind]}_palive")

    np.testing.assert_allclose(model.p_alive(x, t_x, T), expected, rtol=1e-12)


@every_set
@every_model
def test_ten_customers_buy_as_often_as_published(
    golden: dict[str, Any], name: str, kind: str
) -> None:
    model = CLASSES[kind](*parameters(golden, name, kind))
    rows = golden["ten_customers"][name]
    x, t_x, T, expected = columns(rows, "x", "t_x", "T", f"{PREFIXES[kind]}_E_39w")

    np.testing.assert_allclose(model.expected_purchases(x, t_x, T, 39.0), expected, rtol=1e-11)


@every_set
def test_ten_customers_are_worth_as_much_as_published(golden: dict[str, Any], name: str) -> None:
    """lifetimes adds up months of 4.345 weeks, each discounted by 1.01 a month at its end."""
    model = ParetoNBD(*parameters(golden, name, "paretonbd"))
    spend = GammaGamma(*parameters(golden, name, "gg"))
    x, t_x, T, mean, expected = columns(
        golden["ten_customers"][name],
        "x", "t_x", "T", "mean_spend", "clv_12m_pnbd_gg_disc0.01_freqW",
    )  # fmt: skip
    ends = model.purchases_if_alive(x, T, WEEKS_PER_MONTH * np.arange(13)[1:, None])
    monthly = np.diff(ends, axis=0, prepend=0.0)
    purchases = sum(bought / 1.01**n for n, bought in enumerate(monthly, start=1))

    clv = predictive_clv(model.p_alive(x, t_x, T), purchases, spend.expected_spend(x, mean), 1.0)
    np.testing.assert_allclose(clv, expected, rtol=1e-10)


def test_forty_digit_arithmetic_agrees(golden: dict[str, Any]) -> None:
    ten, published = golden["ten_customers"], golden["published"]
    x, t_x, T = columns(ten["published_params"], "x", "t_x", "T")
    alive, bought, residual, mbg_alive, bg_residual = columns(
        ten["mpmath_check_published_params"]["rows"],
        "pnbd_palive", "pnbd_E_39w", "pnbd_DERT_d0_0027", "mbgnbd_palive",
        "bgnbd_DERT_d0_0027_numeric",
    )  # fmt: skip
    pareto, mbg, bg = (
        cls(*published[kind]["params"])
        for cls, kind in ((ParetoNBD, "paretonbd"), (MBGNBD, "mbgnbd"), (BGNBD, "bgnbd"))
    )

    np.testing.assert_allclose(pareto.p_alive(x, t_x, T), alive, rtol=1e-13)
    np.testing.assert_allclose(pareto.expected_purchases(x, t_x, T, 39), bought, rtol=1e-13)
    dert = pareto.discounted_expected_residual_transactions(x, t_x, T, 0.0027)
    np.testing.assert_allclose(dert, residual, rtol=1e-13)
    np.testing.assert_allclose(mbg.p_alive(x, t_x, T), mbg_alive, rtol=1e-14)
    dert = bg.discounted_expected_residual_transactions(x, t_x, T, 0.0027)
    np.testing.assert_allclose(dert, bg_residual, rtol=1e-13)


@pytest.mark.parametrize("kind", ["pnbd", "bgnbd"])
def test_residual_value_is_spend_times_residual_transactions(
    golden: dict[str, Any], kind: str
) -> None:
    ten, published = golden["ten_customers"], golden["published"]
    cls, key = (ParetoNBD, "paretonbd") if kind == "pnbd" else (BGNBD, "bgnbd")
    model, spend = cls(*published[key]["params"]), GammaGamma(*published["gg"]["params"])
    x, t_x, T, mean = columns(ten["published_params"], "x", "t_x", "T", "mean_spend")
    rows = ten["mpmath_check_published_params"]["rows"]
    (expected,) = columns(rows, f"{kind}_residual_LV_d0_0027")

    dert = model.discounted_expected_residual_transactions(x, t_x, T, 0.0027)
    np.testing.assert_allclose(spend.expected_spend(x, mean) * dert, expected, rtol=1e-12)


def test_customers_for_whom_others_give_no_number_have_one(golden: dict[str, Any]) -> None:
    case = golden["published"]["clvtools_tests"]["palive_no_nan"]
    alive = ParetoNBD(*case["params"]).p_alive(case["x"], case["t_x"], case["T"])

    np.testing.assert_allclose(alive, case["palive_mpmath"], rtol=1e-13)


def test_the_apparel_retailers_customers(golden: dict[str, Any]) -> None:
    case = golden["clvtools_apparel_old_250"]
    model = ParetoNBD(*case["mle_r_alpha_s_beta"])
    x, t_x, T, alive, bought, residual = columns(
        case["rows"], "x", "tx", "T", "palive", "CET_39_857142857w", "DERT_delta_0_1"
    )

    np.testing.assert_allclose(model.p_alive(x, t_x, T), alive, rtol=1e-12)
    expected = model.expected_purchases(x, t_x, T, 279.0 / 7.0)
    np.testing.assert_allclose(expected, bought, rtol=1e-9)
    dert = model.discounted_expected_residual_transactions(x, t_x, T, 0.1)
    np.testing.assert_allclose(dert, residual, rtol=1e-12)


def test_the_papers_worked_examples(golden: dict[str, Any]) -> None:
    worked = golden["exact_cbs_and_worked_examples"]["worked_examples"]
    examples = {row["name"]: float(row["computed_mpmath40"]) for row in worked}
    model = ParetoNBD(*golden["exact_cbs_and_worked_examples"]["exact_cbs"]["paretonbd"]["mle"])
    computed = {
        "CDNOW cust 1516 P(alive)": model.p_alive(26, 30.85714286, 31),
        "CDNOW cust 1516 E[X(52)]": model.expected_purchases(26, 30.85714286, 31, 52),
        "E[X(52)|x=10,t_x=20,T=39]": model.expected_purchases(10, 20, 39, 52),
        "E[X(52)|x=25,t_x=20,T=39]": model.expected_purchases(25, 20, 39, 52),
        "unconditional E[X(52)]": model.expected_repeat_purchases(52),
        "P(alive) x=0,t_x=0,T=39": model.p_alive(0, 0, 39),
    }

    for name, value in computed.items():
        (expected,) = (v for k, v in examples.items() if k.startswith(f"Pareto/NBD {name}"))
        assert value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("x", range(1, 11))
def test_residual_transactions_of_the_packages_example(golden: dict[str, Any], x: int) -> None:
    worked = golden["exact_cbs_and_worked_examples"]["worked_examples"]
    model = ParetoNBD(0.5629966, 12.5590370, 0.4081095, 10.5148048)
    (expected,) = (
        float(row["computed_mpmath40"])
        for row in worked
        if row["name"].startswith(f"Pareto/NBD DERT x={x},t_x=30,")
    )

    dert = model.discounted_expected_residual_transactions(x, 30.0, 77.86, 0.0027)
    assert dert == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("weeks", [1.0, 39.0, 78.0])
def test_a_random_customer_of_bgnbd_agrees_with_equation_9(weeks: float) -> None:
    r, alpha, a, b = 0.243, 4.414, 0.793, 2.426
    series = hyp2f1(r, b, a + b - 1, weeks / (alpha + weeks))
    expected = (a + b - 1) / (a - 1) * (1.0 - (alpha / (alpha + weeks)) ** r * series)

    bought = BGNBD(r, alpha, a, b).expected_repeat_purchases(weeks)
    assert bought == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weeks", [1.0, 39.0, 78.0])
def test_a_random_customer_of_mbgnbd_is_alive_to_begin_with_or_not(weeks: float) -> None:
    r, alpha, a, b = 0.525, 6.183, 0.891, 1.614
    alive = BGNBD(r, alpha, a, b + 1.0).expected_repeat_purchases(weeks)

    bought = MBGNBD(r, alpha, a, b).expected_repeat_purchases(weeks)
    assert bought == pytest.approx(b / (a + b) * float(alive), rel=1e-12)
