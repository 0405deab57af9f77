"""Fitting the calibration: from log odds out of fold to probabilities that mean what they say."""

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import logit

from modelling.churn.logistic import fit_logistic
from scoring.arrays import Bools, Floats
from scoring.churn import Calibration, Isotonic, Platt


def fit_platt(score: Floats, churned: Bools) -> Platt:
    """Fit the line by maximum likelihood, one part in a thousand pulled to a flat one.

    Args:
        score: raw log odds, best of rows the scorecard was not fitted to, shape (n,).
        churned: outcomes of both kinds, shape (n,).

    Raises:
        ChurnFitError: none churned, or none stayed.
    """
    line = fit_logistic(score[:, None], churned, strength=1e-3, signs=np.ones(1))
    slope = float(line.weights[0])
    return Platt(slope, line.intercept - slope * float(line.centres[0]))


def fit_isotonic(score: Floats, churned: Bools) -> Calibration:
    """Fit by isotonic regression, each level block put at its mean score.

    Pooled blocks as in Zadrozny and Elkan 2002; knots at the blocks' centres, so that the risk
    rises between them too, as in Oron and Flournoy 2017, "Centered isotonic regression". Each
    block's share is pulled to the overall one by one row, so that none is 0 or 1.

    Args:
        score: raw log odds, best of rows the scorecard was not fitted to, shape (n,).
        churned: outcomes of both kinds, shape (n,).

    Returns:
        The knots, or, where nothing rises, a flat line at the overall share.

    >>> score = np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    >>> curve = fit_isotonic(score, np.array([False, False, True, False, True, True]))
    >>> curve.risk(np.array([-1.5, 0.5, 2.5])).round(2).tolist()
    [0.17, 0.5, 0.83]
    """
    at, place, rows = np.unique(score, return_inverse=True, return_counts=True)
    lost = np.bincount(place, churned)
    starts = isotonic_regression(lost / rows, weights=rows).blocks[:-1]
    count, overall = np.add.reduceat(rows, starts), float(churned.mean())
    if len(starts) < 2:  # noqa: PLR2004 - a line needs two points
        return Platt(0.0, float(logit(overall)))
    centres = np.add.reduceat(at * rows, starts) / count
    shares = (np.add.reduceat(lost, starts) + overall) / (count + 1.0)
    return Isotonic(tuple(centres.tolist()), tuple(np.maximum.accumulate(shares).tolist()))
