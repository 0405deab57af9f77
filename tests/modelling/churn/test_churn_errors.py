"""Standard errors of weights where a customer's rows speak for one another."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from modelling.churn.regression.errors import clustered_covariance
from modelling.churn.regression.labelled import LearningRows

STRENGTH = 2.0


def made(customers=300, rows_each=4, seed=0):
    """Rows of which a customer's have much in common, in what they are and in what comes."""
    random = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), rows_each)
    own, luck = random.normal(size=(customers, 3)), random.normal(size=customers)
    columns = own[who] + 0.3 * random.normal(size=(len(who), 3))
    columns *= [1.0, 20.0, 0.05]
    odds = columns[:, 0] - 0.05 * columns[:, 1] + 1.5 * luck[who] - 0.5
    churned = (random.random(len(who)) < expit(odds)).astype(np.float64)
    weights = random.uniform(0.5, 1.5, len(who))
    return LearningRows(columns, churned, who, weights)


def errors(rows, strength=STRENGTH, signs=None):
    fitted = rows.fit(strength, np.zeros(3) if signs is None else signs)
    return np.sqrt(np.diag(clustered_covariance(rows, fitted, strength)))


def repeated(rows, times, *, as_others):
    """Every row some times over, as the same customer's or as other customers'."""
    again = rows.where(np.tile(np.arange(len(rows.churned)), times))
    copy = np.repeat(np.arange(times), len(rows.churned))
    shift = copy * (int(rows.customers.max()) + 1) if as_others else 0
    return replace(again, customers=again.customers + shift)


@pytest.mark.parametrize("times", [2, 9])
def test_rows_said_again_by_the_same_customers_tell_nothing_new(times):
    rows = made()
    more = repeated(rows, times, as_others=False)
    assert errors(more, times * STRENGTH) == pytest.approx(errors(rows), rel=1e-6)


@pytest.mark.parametrize("times", [2, 9])
def test_the_same_rows_of_as_many_more_customers_are_that_much_surer(times):
    rows = made()
    more = repeated(rows, times, as_others=True)
    expected = errors(rows) / np.sqrt(times)
    assert errors(more, times * STRENGTH) == pytest.approx(expected, rel=1e-6)


def test_they_are_those_of_a_jackknife_over_customers():
    rows = made()
    without = [rows.where(rows.customers != customer) for customer in range(300)]
    left = np.array([some.fit(STRENGTH, np.zeros(3)).weights for some in without])
    spread = np.square(left - left.mean(axis=0)).sum(axis=0)
    jackknife = np.sqrt(spread * 299 / 300)
    assert errors(rows) == pytest.approx(jackknife, rel=0.06)
    apart = replace(rows, customers=np.arange(len(rows.churned)))
    assert (errors(apart) < 0.8 * jackknife).all()


def test_they_are_the_sandwich_written_out():
    rows = made(60)
    fitted = rows.fit(STRENGTH, np.zeros(3))
    centred = rows.columns - fitted.centres
    spread = np.sqrt(np.average(centred**2, axis=0, weights=rows.weights))
    table = np.column_stack((np.ones(240), centred))
    risk = expit(fitted.log_odds(rows.columns))
    bread, meat = np.diag([0.0, *(STRENGTH * spread**2)]), np.zeros((4, 4))
    for row, p, weight in zip(table, risk, rows.weights, strict=True):
        bread += weight * p * (1.0 - p) * np.outer(row, row)
    for customer in range(60):
        own = rows.customers == customer
        pull = ((rows.weights * (rows.churned - risk))[own, None] * table[own]).sum(axis=0)
        meat += np.outer(pull, pull)
    inverse = np.linalg.inv(bread)
    expected = (inverse @ meat @ inverse)[1:, 1:]
    found = clustered_covariance(rows, fitted, STRENGTH)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-12)


def test_a_weight_held_at_nothing_is_taken_as_known():
    rows, held = made(), np.array([1.0, 1.0, 0.0])
    fitted = rows.fit(STRENGTH, held)
    assert fitted.weights[1] == 0.0
    covariance = clustered_covariance(rows, fitted, STRENGTH)
    assert not covariance[1].any()
    assert not covariance[:, 1].any()
    two = replace(rows, columns=rows.columns[:, [0, 2]])
    alone = clustered_covariance(two, two.fit(STRENGTH, np.zeros(2)), STRENGTH)
    np.testing.assert_allclose(covariance[np.ix_([0, 2], [0, 2])], alone, rtol=1e-5)


def test_where_nothing_is_weighed_nothing_is_unsure():
    rows = made()
    fitted = replace(rows, columns=np.ones((1_200, 3))).fit(STRENGTH, np.zeros(3))
    flat = replace(rows, columns=np.ones((1_200, 3)))
    assert not clustered_covariance(flat, fitted, STRENGTH).any()
