import math

import numpy as np
import pytest
from scipy.special import gammaln

from modelling.fit.likelihood import FitError, fit_spend, mean_spend
from modelling.fit.likelihood.gammagamma import GammaGammaLikelihood
from modelling.fit.likelihood.spend import _relation


def buyers(p, q, v, customers=4_000, seed=1):
    rng = np.random.default_rng(seed)
    x = rng.geometric(0.3, customers).astype(float)
    return x, rng.gamma(p * x) * (v / rng.gamma(q, size=customers)) / x


def test_the_density_is_that_of_the_paper():
    x, spend = np.array([1.0, 3.0, 60.0]), np.array([2.0, 40.0, 0.5])
    p, q, v = 6.25, 3.74, 15.44
    power = p * x + q
    expected = gammaln(power) - gammaln(p * x) - gammaln(q) + q * math.log(v)
    expected += (p * x - 1) * np.log(spend) + p * x * np.log(x) - power * np.log(v + x * spend)
    likelihood = GammaGammaLikelihood(x, spend, np.ones(3))
    assert likelihood(np.log([p, q, v]))[0] * 3 == pytest.approx(expected.sum(), rel=1e-13)


@pytest.mark.parametrize("truth", [(6.0, 4.0, 15.0), (0.8, 3.0, 100.0), (30.0, 0.9, 1e-3)])
def test_what_made_the_data_is_found_again(truth):
    fitted = fit_spend(*buyers(*truth))
    for (name, value), true in zip(fitted.parameters.items(), truth, strict=True):
        assert abs(value - true) < 4.0 * fitted.standard_errors[name]
    assert fitted.gradient_norm < 1e-11


def test_large_data_are_scouted_on_a_sample():
    columns = buyers(6.0, 4.0, 15.0, customers=40_000)
    fitted = fit_spend(*columns)
    assert fitted.evaluations < 40
    assert fitted.cells == fitted.customers == 40_000


def test_weights_are_customers():
    x, spend = buyers(6.0, 4.0, 15.0, customers=500)
    tiled, weighted = fit_spend(np.tile(x, 3), np.tile(spend, 3)), fit_spend(x, spend, [3] * 500)
    assert weighted.customers == 1500
    assert weighted.parameters == pytest.approx(tiled.parameters, rel=1e-9)
    assert weighted.standard_errors == pytest.approx(tiled.standard_errors, rel=1e-6)
    assert weighted.log_likelihood == pytest.approx(tiled.log_likelihood, rel=1e-12)


def test_who_has_no_repeat_purchase_or_spend_is_left_out():
    x, spend = buyers(6.0, 4.0, 15.0, customers=500)
    plain = fit_spend(x, spend)
    padded = fit_spend([*x, 0, 3, 4, 0], [*spend, np.nan, 0, -2, 5])
    assert padded.parameters == pytest.approx(plain.parameters)
    assert "4 customers without a repeat purchase or a spend are left out." in padded.diagnostics
    assert not any("left out" in sentence for sentence in plain.diagnostics)


def test_shapes_of_1_or_less_are_diagnosed():
    flat = fit_spend(*buyers(0.8, 3.0, 100.0)).diagnostics
    heavy = fit_spend(*buyers(30.0, 0.8, 1.0)).diagnostics
    assert any(text.startswith("p is 0.") and "no mode above 0" in text for text in flat)
    assert any(text.startswith("q is 0.") and "does not exist" in text for text in heavy)


@pytest.mark.parametrize(("power", "words"), [(0.5, "below"), (-0.5, "above"), (0.0, "harm")])
def test_a_relation_of_frequency_and_spend_is_diagnosed(power, words):
    x, spend = buyers(10.0, 12.0, 15.0)
    sentence = _relation(x, spend * x**power, np.ones(len(x)))
    assert sentence.startswith("Frequency and mean spend correlate by")
    assert words in sentence


def test_the_same_frequency_throughout_correlates_with_nothing():
    _, spend = buyers(6.0, 4.0, 15.0)
    diagnostics = fit_spend(np.ones(len(spend)), spend).diagnostics
    assert diagnostics[-1].startswith("Frequency and mean spend correlate by +0.000;")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([1, 2, 3], [5, 5, 5]), "mean spends that differ"),
        (([1], [5]), "2 customers or more"),
        (([0, 0, 2], [5, 5, 5]), "2 customers or more"),
        (([1, 2], [5]), "one length"),
        (([[1, 2]], [[5, 5]]), "one length"),
        (([1, np.inf], [5, 5]), "x[1]"),
        (([1, 2], [5, np.nan]), "monetary_value[1]"),
        (([1, np.nan], [5, 5]), "x[1]"),
        (([1, 2], [5, 1e300]), "monetary_value[1]"),
        (([1, 2], [5, 1e-300]), "monetary_value[1]"),
        (([1, 2], [5, 5], [1, np.nan]), "weight[1]"),
        (([1, 2], [5, 5], [1, -1]), "weight[1]"),
    ],
)
def test_what_cannot_be_fitted_is_refused(columns, words):
    with pytest.raises(FitError) as caught:
        fit_spend(*columns)
    assert words in str(caught.value)


def test_customers_who_do_not_differ_are_said_so():
    rng = np.random.default_rng(4)
    x = rng.geometric(0.3, 2_000).astype(float)
    with pytest.raises(FitError) as caught:
        fit_spend(x, rng.gamma(3.0 * x) / x)
    assert caught.value.runaway == {"q": "infinity", "v": "infinity"}
    assert "mean over all customers" in caught.value.advice


def test_the_population_mean_is_that_of_who_came_back_else_of_first_purchases():
    x, spend, first = [0, 1, 5, 3], [0.0, 4.0, 8.0, 0.0], [3.0, 9.0, 9.0, 9.0]
    found = mean_spend(x, spend, first, "All alike.")
    assert found.parameters == {"mean": 6.0}
    assert found.standard_errors == {"mean": pytest.approx(2.0 / math.sqrt(2.0))}
    assert found.diagnostics[0].endswith("2 customers who came back, 6.00. All alike.")
    once = mean_spend([0, 0, 0], [0.0] * 3, [3.0, 0.0, 5.0], "Nobody.")
    assert once.parameters == {"mean": 4.0}
    assert "nobody came back" in once.diagnostics[0]
    with pytest.raises(FitError, match="expected a purchase of some value, got none"):
        mean_spend([0, 1], [0.0, 0.0], [0.0, 0.0], "Nothing.")
