"""How sure a regression's weights are, where a customer's rows speak for one another."""

import numpy as np
from scipy.special import expit

from modelling.churn.regression.labelled import LearningRows
from modelling.churn.regression.logistic import Logistic
from scoring.arrays import Floats


def clustered_covariance(rows: LearningRows, fitted: Logistic, strength: float) -> Floats:
    """Covariance of the weights, robust to whatever rows of one customer have in common.

    The sandwich of Liang and Zeger 1986, "Longitudinal data analysis using generalized linear
    models", over customers, of the penalised likelihood; weights held at 0 are taken as known.

    Args:
        rows: to which was fitted.
        fitted: the regression.
        strength: of its penalty.

    Returns:
        Shape (columns, columns), 0 for weights that are 0.
    """
    free = np.flatnonzero(fitted.weights)
    columns = rows.columns[:, free] - fitted.centres[free]
    spread = np.sqrt(np.average(np.square(columns), axis=0, weights=rows.weights))
    table = np.column_stack((np.ones(len(columns)), columns / np.where(spread > 0, spread, 1.0)))
    risk = expit(fitted.log_odds(rows.columns))
    _, place = np.unique(rows.customers, return_inverse=True)
    pull = table * (rows.weights * (rows.churned - risk))[:, None]
    by_customer = np.zeros((int(place.max()) + 1, table.shape[1]))
    np.add.at(by_customer, place, pull)
    curved = table * (rows.weights * risk * (1.0 - risk))[:, None]
    penalty = np.full(table.shape[1], strength)
    penalty[0] = 1e-12 * len(table)
    bread = np.linalg.inv(table.T @ curved + np.diag(penalty))
    robust = bread @ (by_customer.T @ by_customer) @ bread
    covariance = np.zeros((len(fitted.weights), len(fitted.weights)))
    covariance[np.ix_(free, free)] = robust[1:, 1:] / np.outer(spread, spread)
    return covariance
