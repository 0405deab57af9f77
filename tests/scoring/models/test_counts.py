import numpy as np
import pytest
from purchase_models import LIMITS
from scipy.special import betaln
from scipy.stats import nbinom

from scoring.models import BGNBD, MBGNBD, ParetoNBD
from scoring.models.counts import chances_of_fewer

TIMES = np.array([0.0, 1e-6, 1.0, 39.0, 400.0])
MODELS = (
    BGNBD(0.243, 4.414, 0.793, 2.426),
    MBGNBD(0.525, 6.183, 0.891, 1.614),
    ParetoNBD(0.553, 10.578, 0.606, 11.669),
    *(limit.rescaled(1.0 / 7.0) for limit in LIMITS.values()),
)

MANY = (
    BGNBD(2.0, 4.0, 0.8, 300.0),
    MBGNBD(2.0, 4.0, 0.8, 300.0),
    ParetoNBD(2.0, 4.0, 0.606, 300.0),
)


def count_probabilities(model, most, times):
    """P(X(T) = x) for x from 0 to `most`."""
    return np.diff(chances_of_fewer(model, np.arange(most + 2), times), axis=0)


@pytest.mark.parametrize("model", MODELS)
def test_counts_are_a_distribution_with_the_models_own_mean(model):
    chances = count_probabilities(model, 3000, TIMES)
    x = np.arange(len(chances))[:, None]
    assert (chances >= -1e-15).all()  # differences, of chances that are exact to so much
    assert chances.sum(axis=0) == pytest.approx(1.0, abs=1e-6)
    expected = model.expected_repeat_purchases(TIMES)
    assert (chances * x).sum(axis=0) == pytest.approx(expected, rel=1e-4, abs=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_counts_do_not_depend_on_the_unit_of_time(model):
    weeks = count_probabilities(model, 20, TIMES)
    days = count_probabilities(model.rescaled(7.0), 20, TIMES * 7.0)
    assert days == pytest.approx(weeks, rel=1e-9, abs=1e-15)


def test_nobody_has_come_back_in_no_time():
    for model in MODELS:
        none, *some = count_probabilities(model, 2, [0.0])[:, 0].tolist()
        assert (none, some) == (pytest.approx(1.0, rel=1e-15), [0.0, 0.0])


def simulated(first_opportunity, r, alpha, a, b, until, customers=200_000):
    """Repeat purchases of customers who may stop after each purchase, as the models tell it."""
    random = np.random.default_rng(3)
    rate, stopping = random.gamma(r, 1.0 / alpha, customers), random.beta(a, b, customers)
    bought, time = np.zeros(customers, np.int64), np.zeros(customers)
    alive = random.random(customers) >= stopping * first_opportunity
    while alive.any():
        time += random.exponential(1.0, customers) / np.maximum(rate, 1e-300)
        alive &= time <= until
        bought += alive
        alive &= random.random(customers) >= stopping
    return bought


@pytest.mark.parametrize(("model", "first"), [(MODELS[0], 0), (MODELS[1], 1)])
def test_counts_agree_with_simulated_customers(model, first):
    bought = simulated(first, model.r, model.alpha, model.a, model.b, 39.0)
    seen = np.bincount(np.minimum(bought, 8), minlength=9)[:8] / len(bought)
    assert count_probabilities(model, 7, [39.0])[:, 0] == pytest.approx(seen, abs=4e-3)


def test_counts_agree_with_simulated_lives():
    model, random = MODELS[2], np.random.default_rng(5)
    rate = random.gamma(model.r, 1.0 / model.alpha, 200_000)
    life = random.exponential(1.0, 200_000) / random.gamma(model.s, 1.0 / model.beta, 200_000)
    bought = random.poisson(rate * np.minimum(life, 39.0))
    seen = np.bincount(np.minimum(bought, 8), minlength=9)[:8] / len(bought)
    assert count_probabilities(model, 7, [39.0])[:, 0] == pytest.approx(seen, abs=4e-3)


def test_many_purchases_are_as_likely_as_term_by_term():
    """Equation (8) of Fader, Hardie and Lee 2005, and a sum over steps of the time of death."""
    x, until, (bg, mbg, pareto) = np.arange(900), 400.0, MANY
    made = nbinom.pmf(x, bg.r, bg.alpha / (bg.alpha + until))
    rest = 1.0 - np.cumsum(np.append(0.0, made[:-1]))
    for model, first in ((bg, 0), (mbg, 1)):
        n = np.arange(902)
        stays = np.exp(betaln(model.a, model.b + n) - betaln(model.a, model.b))
        stops = np.append(0.0, -np.diff(stays))
        expected = stays[x + first] * made + stops[x + first] * rest
        assert count_probabilities(model, 899, [until])[:, 0] == pytest.approx(expected, abs=1e-12)
    edges = np.linspace(0.0, until, 1_001)
    lived = (pareto.beta / (pareto.beta + edges)) ** pareto.s
    middle = (edges[1:] + edges[:-1]) / 2.0
    died = nbinom.pmf(x[:, None], pareto.r, pareto.alpha / (pareto.alpha + middle)) @ -np.diff(
        lived
    )
    expected = died + lived[-1] * nbinom.pmf(x, pareto.r, pareto.alpha / (pareto.alpha + until))
    assert count_probabilities(pareto, 899, [until])[:, 0] == pytest.approx(expected, abs=1e-5)


def test_another_model_is_refused():
    with pytest.raises(TypeError, match="expected BG/NBD, MBG/NBD or Pareto/NBD, got object"):
        chances_of_fewer(object(), np.arange(2), [1.0])
