# ruff: noqa: N806 - T is the field's own name for the time since the first purchase.
import math

import numpy as np
import pytest

from modelling.fit.likelihood import cells, fit_purchases, fit_spend
from modelling.fit.likelihood.limits.likelihood import limit_likelihoods
from modelling.fit.likelihood.search.highest import highest

# Fader, Hardie and Lee 2005, table 2; BTYDplus; to more digits from the exact days, in weeks.
NAMES = {"bgnbd": "r alpha a b", "mbgnbd": "r alpha a b", "paretonbd": "r alpha s beta"}
OPTIMA = {
    "bgnbd": ((0.242594521, 4.413602098, 0.79292196, 2.42590677), -9582.429207),
    "mbgnbd": ((0.524843, 6.183084, 0.891359, 1.614002), -9582.135716),
    "paretonbd": ((0.553277, 10.577683, 0.606240, 11.668735), -9594.976179),
}
ERRORS = {
    "bgnbd": (0.0125573, 0.378221, 0.185719, 0.705345),
    "mbgnbd": (0.0832639, 0.695597, 0.154785, 0.537472),
    "paretonbd": (0.0476264, 0.8427222, 0.1872594, 6.2105448),
}
TIMES = ("alpha", "beta")


@pytest.fixture(params=OPTIMA)
def model(request):
    return request.param


@pytest.fixture
def fitted(model, sample):
    return fit_purchases(model, cells(*sample[:3]))


def test_the_cdnow_sample_gives_the_published_optimum(model, fitted):
    parameters, log_likelihood = OPTIMA[model]
    assert list(fitted.parameters) == NAMES[model].split()
    assert tuple(fitted.parameters.values()) == pytest.approx(parameters, rel=1e-6)
    assert fitted.log_likelihood == pytest.approx(log_likelihood, abs=1e-6)
    assert (fitted.model, fitted.customers, fitted.cells) == (model, 2357, 1016)
    assert fitted.gradient_norm < 1e-12
    assert fitted.smallest_eigenvalue > 0.0
    assert 1.0 < fitted.condition < 1e4
    assert fitted.starts == 4
    assert fitted.diagnostics == ()


def test_the_standard_errors_are_those_of_lifetimes_and_clvtools(model, fitted):
    assert tuple(fitted.standard_errors.values()) == pytest.approx(ERRORS[model], rel=1e-3)


def test_days_and_weeks_have_the_same_optimum(model, fitted, sample):
    x, t_x, T = sample[:3]
    in_days = fit_purchases(model, cells(x, np.rint(t_x * 7), np.rint(T * 7)))
    for name, value in fitted.parameters.items():
        unit = 7.0 if name in TIMES else 1.0
        assert in_days.parameters[name] == pytest.approx(value * unit, rel=1e-8)
        error = fitted.standard_errors[name] * unit
        assert in_days.standard_errors[name] == pytest.approx(error, rel=1e-5)
    shift = x.sum() * math.log(7.0)
    assert in_days.log_likelihood == pytest.approx(fitted.log_likelihood - shift, abs=1e-6)


def test_the_gamma_gamma_model_has_the_published_optimum(sample):
    fitted = fit_spend(sample[0], sample[3])
    optimum = {"p": 6.249572, "q": 3.744225, "v": 15.443524}
    assert fitted.parameters == pytest.approx(optimum, rel=3e-7)
    assert fitted.log_likelihood == pytest.approx(-4055.917695, abs=1e-6)
    errors = {"p": 1.18969, "q": 0.290166, "v": 4.15999}
    assert fitted.standard_errors == pytest.approx(errors, rel=1e-3)
    assert fitted.customers == 946


def test_cents_have_the_optimum_of_dollars(sample):
    dollars, cents = fit_spend(sample[0], sample[3]), fit_spend(sample[0], sample[3] * 100.0)
    assert cents.parameters["p"] == pytest.approx(dollars.parameters["p"], rel=1e-8)
    assert cents.parameters["q"] == pytest.approx(dollars.parameters["q"], rel=1e-8)
    assert cents.parameters["v"] == pytest.approx(dollars.parameters["v"] * 100.0, rel=1e-8)
    shift = 946 * math.log(100.0)
    assert cents.log_likelihood == pytest.approx(dollars.log_likelihood - shift, abs=1e-6)


def test_the_limit_where_nobody_leaves_has_the_published_optimum(sample):
    """The NBD in table 2 of Fader, Hardie and Lee 2005."""
    limits = limit_likelihoods("bgnbd", cells(*sample[:3]))
    (nbd,) = (each for each in limits if each.names == ("r", "alpha") and not each.fixed)
    found = highest(nbd, nbd.starts())
    assert np.exp(found.summit.theta) == pytest.approx([0.385, 12.072], abs=6e-3)
    assert found.summit.value * found.customers == pytest.approx(-9763.7, abs=0.05)
