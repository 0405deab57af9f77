# ruff: noqa: N803, N806 - T is the field's own name.
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import gammaln

from scoring.models import BGNBD, GammaGamma

DATA = Path(__file__).parents[2] / "data"
SETS = ("published_params", "lifetimes_fitted_params")
PUBLISHED = BGNBD(0.243, 4.414, 0.793, 2.426)
WEEKS_PER_MONTH = 4.345


def models(golden: dict[str, Any], name: str) -> tuple[BGNBD, GammaGamma]:
    if name == "published_params":
        published = golden["published"]
        return BGNBD(*published["bgnbd"]["params"]), GammaGamma(*published["gg"]["params"])
    fits = golden["fits"]
    buying, spending = fits["bgnbd"], fits["gg"]
    return (
        BGNBD(*buying["lifetimes_default_fit"]),
        GammaGamma(*spending["lifetimes_default_fit"]),
    )


def columns(rows: list[dict[str, float]], *names: str) -> list[np.ndarray]:
    return [np.array([row[name] for row in rows]) for name in names]


@pytest.mark.parametrize("name", SETS)
def test_ten_customers_are_as_alive_as_published(golden: dict[str, Any], name: str) -> None:
    model, _ = models(golden, name)
    x, t_x, T, expected = columns(golden["ten_customers"][name], "x", "t_x", "T", "bgnbd_palive")

    np.testing.assert_allclose(model.p_alive(x, t_x, T), expected, rtol=1e-13)


@pytest.mark.parametrize("weeks", [39, 52])
@pytest.mark.parametrize("name", SETS)
def test_ten_customers_buy_as_often_as_published(
    golden: dict[str, Any], name: str, weeks: int
) -> None:
    model, _ = models(golden, name)
    rows = golden["ten_customers"][name]
    x, t_x, T, expected = columns(rows, "x", "t_x", "T", f"bgnbd_E_{weeks}w")

    np.testing.assert_allclose(model.expected_purchases(x, t_x, T, weeks), expected, rtol=1e-12)


@pytest.mark.parametrize("name", SETS)
def test_ten_customers_spend_as_much_as_published(golden: dict[str, Any], name: str) -> None:
    _, spend = models(golden, name)
    x, mean, expected = columns(golden["ten_customers"][name], "x", "mean_spend", "gg_E_spend")

    np.testing.assert_allclose(spend.expected_spend(x, mean), expected, rtol=1e-13)


@pytest.mark.parametrize("name", SETS)
def test_ten_customers_are_worth_as_much_as_published(golden: dict[str, Any], name: str) -> None:
    model, spend = models(golden, name)
    x, t_x, T, mean, expected = columns(
        golden["ten_customers"][name],
        "x", "t_x", "T", "mean_spend", "clv_12m_bgnbd_gg_disc0.01_freqW",
    )  # fmt: skip
    ends = [model.expected_purchases(x, t_x, T, WEEKS_PER_MONTH * n) for n in range(1, 13)]
    monthly = np.diff([np.zeros_like(x), *ends], axis=0)
    purchases = sum(bought / 1.01**n for n, bought in enumerate(monthly, start=1))

    clv = spend.expected_spend(x, mean) * purchases
    np.testing.assert_allclose(clv, expected, rtol=1e-11)


def test_forty_digit_arithmetic_agrees(golden: dict[str, Any]) -> None:
    ten = golden["ten_customers"]
    x, t_x, T = columns(ten["published_params"], "x", "t_x", "T")
    alive, bought, residual = columns(
        ten["mpmath_check_published_params"]["rows"],
        "bgnbd_palive", "bgnbd_E_39w", "bgnbd_DERT_d0_0027_numeric",
    )  # fmt: skip

    np.testing.assert_allclose(PUBLISHED.p_alive(x, t_x, T), alive, rtol=1e-14)
    np.testing.assert_allclose(PUBLISHED.expected_purchases(x, t_x, T, 39), bought, rtol=1e-14)
    endless = PUBLISHED.discounted_purchases(x, t_x, T, 10_000, 0.0027)
    np.testing.assert_allclose(endless, residual, rtol=1e-11)


def test_the_papers_worked_examples(golden: dict[str, Any]) -> None:
    worked = golden["exact_cbs_and_worked_examples"]["worked_examples"]
    examples = [row for row in worked if row["name"].startswith("BG/NBD")]
    optimum = BGNBD(*golden["exact_cbs_and_worked_examples"]["exact_cbs"]["bgnbd"]["mle"])
    computed = [
        PUBLISHED.expected_purchases(2, 30.43, 38.86, 39),
        optimum.p_alive(26, 30.85714286, 31),
        optimum.expected_purchases(26, 30.85714286, 31, 52),
        optimum.expected_purchases(0, 0, 0, 52),
        *optimum.expected_purchases([10, 15, 20, 25], 20, 39, 52),
    ]

    np.testing.assert_allclose(computed, [row["published"] for row in examples], rtol=1e-4)


def log_likelihood(model: BGNBD, x: np.ndarray, t_x: np.ndarray, T: np.ndarray) -> float:
    """Equation (6) of Fader, Hardie and Lee 2005, with P(alive) = living part / both parts."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    living = (
        gammaln(r + x) - gammaln(r) + r * math.log(alpha) - (r + x) * np.log(alpha + T)
        + gammaln(b + x) - gammaln(b) + gammaln(a + b) - gammaln(a + b + x)
    )  # fmt: skip
    return float(np.sum(living - np.log(model.p_alive(x, t_x, T))))


def test_p_alive_of_the_whole_sample_gives_the_published_likelihood(
    golden: dict[str, Any],
) -> None:
    cbs = np.loadtxt(DATA / "cdnow_sample_cbs_exact.csv", delimiter=",", skiprows=1)
    fit = golden["exact_cbs_and_worked_examples"]["exact_cbs"]["bgnbd"]

    computed = log_likelihood(BGNBD(*fit["mle"]), cbs[:, 1], cbs[:, 2], cbs[:, 3])
    assert computed == pytest.approx(fit["LL"], abs=1e-8)
    assert round(computed, 4) == -9582.4292
