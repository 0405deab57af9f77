"""Fitting the calibration: from log odds out of fold to probabilities that mean what they say."""

from typing import Final, Literal

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import logit

from modelling.churn.regression.logistic import fit_logistic
from scoring.arrays import Bools, Floats, Ints
from scoring.churn import UNCALIBRATED, Calibration, Isotonic, Platt

CalibrationChoice = Literal["best", "platt", "isotonic", "none"]
KINDS: Final = ("platt", "isotonic")
NEGLIGIBLE: Final = 1e-4  # share of the log loss below which the plainer choice is taken


def calibrated(
    kind: str, score: Floats, churned: Floats, weights: Floats | None = None
) -> Calibration:
    """Fit a calibration by its name; arguments as `fit_platt`."""
    if kind == "none":
        return UNCALIBRATED
    fit = fit_isotonic if kind == "isotonic" else fit_platt
    return fit(score, churned, weights)


def best_calibration(
    score: Floats, churned: Floats, weights: Floats, folds: Ints
) -> CalibrationChoice:
    """The plainest one, unless a curve has a clearly smaller log loss out of its fold.

    Args:
        score: raw log odds, of rows their regression was not fitted to, shape (n,).
        churned: outcomes, or how likely they are, shape (n,).
        weights: of the rows, shape (n,).
        folds: whole numbers, shape (n,); rows of one customer are in one fold.
    """
    losses = {kind: _loss_out_of_fold(kind, score, churned, weights, folds) for kind in KINDS}
    return "isotonic" if losses["isotonic"] < losses["platt"] * (1.0 - NEGLIGIBLE) else "platt"


def _loss_out_of_fold(
    kind: str, score: Floats, churned: Floats, weights: Floats, folds: Ints
) -> float:
    odds = np.empty(len(score))
    for fold in np.unique(folds):
        seen = folds != fold
        line = calibrated(kind, score[seen], churned[seen], weights[seen])
        odds[~seen] = line.log_odds(score[~seen])
    return weighted_loss(UNCALIBRATED, odds, churned, weights)


def weighted_loss(
    calibration: Calibration, score: Floats, churned: Floats, weights: Floats
) -> float:
    """Mean log loss of calibrated log odds; arguments as `fit_platt`."""
    risk = calibration.risk(score)
    losses = -(churned * np.log(risk) + (1.0 - churned) * np.log1p(-risk))
    return float(np.average(losses, weights=weights))


def fit_platt(score: Floats, churned: Floats | Bools, weights: Floats | None = None) -> Platt:
    """Fit the line by maximum likelihood, one part in a thousand pulled to a flat one.

    Args:
        score: raw log odds, best of rows the scorecard was not fitted to, shape (n,).
        churned: outcomes of both kinds, or how likely they are, shape (n,).
        weights: of the rows, shape (n,); 1 by default.

    Raises:
        ChurnFitError: none churned, or none stayed.
    """
    line = fit_logistic(score[:, None], churned, strength=1e-3, signs=np.ones(1), weights=weights)
    slope = float(line.weights[0])
    return Platt(slope, line.intercept - slope * float(line.centres[0]))


def fit_isotonic(
    score: Floats, churned: Floats | Bools, weights: Floats | None = None
) -> Calibration:
    """Fit by isotonic regression, each level block put at its mean score.

    Pooled blocks as in Zadrozny and Elkan 2002; knots at the blocks' centres, so that the risk
    rises between them too, as in Oron and Flournoy 2017, "Centered isotonic regression". Each
    block's share is pulled to the overall one by one row, so that none is 0 or 1.

    Args:
        score: raw log odds, best of rows the scorecard was not fitted to, shape (n,).
        churned: outcomes of both kinds, or how likely they are, shape (n,).
        weights: of the rows, shape (n,); 1 by default.

    Returns:
        The knots, or, where nothing rises, a flat line at the overall share.

    >>> score = np.array([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    >>> curve = fit_isotonic(score, np.array([False, False, True, False, True, True]))
    >>> curve.risk(np.array([-1.5, 0.5, 2.5])).round(2).tolist()
    [0.17, 0.5, 0.83]
    """
    given = np.ones(len(score)) if weights is None else weights
    at, place = np.unique(score, return_inverse=True)
    rows, lost = np.bincount(place, given), np.bincount(place, given * churned)
    starts = isotonic_regression(lost / rows, weights=rows).blocks[:-1]
    count, overall = np.add.reduceat(rows, starts), float(np.average(churned, weights=given))
    if len(starts) < 2:  # noqa: PLR2004 - a line needs two points
        return Platt(0.0, float(logit(overall)))
    centres = np.add.reduceat(at * rows, starts) / count
    shares = (np.add.reduceat(lost, starts) + overall) / (count + 1.0)
    return Isotonic(tuple(centres.tolist()), tuple(np.maximum.accumulate(shares).tolist()))
