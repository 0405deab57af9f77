"""Fitting a scorecard to labels, and to all of them but some customers' to be judged by these."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from modelling.churn.fit import FittedScorecard, ScorecardPlan
from modelling.churn.regression import basis
from modelling.churn.regression.calibration import (
    NEGLIGIBLE,
    CalibrationChoice,
    best_calibration,
    calibrated,
    weighted_loss,
)
from modelling.churn.regression.errors import clustered_covariance
from modelling.churn.regression.folds import folds_of, grouped_folds
from modelling.churn.regression.labelled import Labelled, LearningRows
from modelling.churn.regression.logistic import ChurnFitError, Logistic, require_kinds
from scoring.arrays import Bools, Floats, Ints
from scoring.churn.calibration import UNCALIBRATED, Calibration

LEAST_OF_A_KIND: Final = 20  # customers, below which there is nothing to learn from
CHOOSING: Final = 12_000  # rows by which strength and signs are chosen


@dataclass(frozen=True)
class Validated:
    """A fit, and what others without some of the customers say of these.

    Attributes:
        fitted: to all rows.
    """

    fitted: FittedScorecard
    _rows: LearningRows
    _folds: Ints
    _by_fold: tuple[Logistic, ...]
    _choice: CalibrationChoice
    _later: Calibration | None

    def risks(self, inputs: Floats, customers: Ints) -> Floats:
        """Risk of customers, each by a regression that never saw that customer.

        Nor did the calibration, but for one that was learnt from the days after an earlier fit.

        Strength and signs were chosen by all. Customers in no row are judged by the first fold's.

        Args:
            inputs: of the plan, shape (n, inputs).
            customers: whose they are, shape (n,).

        Returns:
            Shape (n,).
        """
        folds = folds_of(customers, self._rows.customers, self._folds)
        columns = basis.columns(inputs, self.fitted.inputs)
        odds, risks = self._odds(), np.empty(len(inputs))
        for fold, regression in enumerate(self._by_fold):
            own, others = folds == fold, self._folds != fold
            calibration = self._calibration(odds, others)
            risks[own] = calibration.risk(regression.log_odds(columns[own]))
        return risks

    def _odds(self) -> Floats:
        return _out_of_fold(self._rows, self._folds, self._by_fold)

    def _calibration(self, odds: Floats, of: Bools) -> Calibration:
        if self._later is not None:
            return self._later
        rows = self._rows.where(of)
        return calibrated(self._choice, odds[of], rows.churned, rows.weights)


def fit_scorecard(labelled: Labelled, plan: ScorecardPlan) -> FittedScorecard:
    """Fit weights, strength of the penalty and calibration.

    Raises:
        ChurnFitError: fewer than `LEAST_OF_A_KIND` customers churned or stayed, or no input tells
            them apart.
    """
    return telling(validate(labelled, plan).fitted)


def telling(fitted: FittedScorecard) -> FittedScorecard:
    """Return a scorecard that tells customers apart.

    Raises:
        ChurnFitError: no input does.
    """
    if not fitted.terms:
        raise ChurnFitError(where="fit", expected="an input that foretells churn", got="none")
    return fitted


def validate(labelled: Labelled, plan: ScorecardPlan) -> Validated:
    """Fit to all rows, and to all but each fold of the customers.

    Signs are chosen by log odds that each fold got from the other folds' fit, of some rows where
    there are many; strength and calibration by the days after an earlier fit, or where these are
    too few by such log odds as well.

    Raises:
        ChurnFitError: fewer than `LEAST_OF_A_KIND` customers churned or stayed.
    """
    _require_enough(labelled)
    rows = LearningRows.of(labelled, plan.inputs)
    middle = sorted(plan.strengths)[len(plan.strengths) // 2]
    first = basis.signs(plan.inputs, plan.holds[0])
    start, rows = rows.settled(middle, first)
    folds = grouped_folds(rows.customers, rows.churned > 0.5, plan.folds, plan.seed)  # noqa: PLR2004 - more likely than not
    strength, held = _chosen(rows, folds, plan)
    later = None
    walked = _walked(labelled, rows, plan, held)
    if walked is not None:
        strength, later = walked
    signs = basis.signs(plan.inputs, held)
    regression, rows = rows.settled(strength, signs, start)
    by_fold = _fits(rows, folds, strength, signs, regression)
    odds = _out_of_fold(rows, folds, by_fold)
    choice = plan.calibration
    if choice == "best":
        choice = best_calibration(odds, rows.churned, rows.weights, folds)
    terms, left_out = basis.terms(regression, plan.inputs)
    covariance = clustered_covariance(rows, regression, strength)
    fitted = FittedScorecard(
        terms=terms,
        intercept=regression.intercept,
        calibration=later or calibrated(choice, odds, rows.churned, rows.weights),
        strength=strength,
        held=held,
        left_out=left_out,
        errors=basis.by_input(regression, covariance, plan.inputs),
        regression=regression,
        inputs=plan.inputs,
    )
    return Validated(fitted, rows, folds, by_fold, choice, later)


def _walked(
    labelled: Labelled, rows: LearningRows, plan: ScorecardPlan, held: basis.Hold
) -> tuple[float, Calibration] | None:
    """Choose strength and calibrate by the days after an earlier fit; None without enough of them.

    What moves with time, as a history grows longer, drifts from its fit: by how much in the past
    is the best guess of how much to come. Folds part customers, not days: they tell nothing of it.
    """
    earlier = labelled.earlier
    if earlier is None or plan.calibration == "none":
        return None
    later, known = rows.where(earlier.later), LearningRows.of(earlier.labelled, plan.inputs)
    if not (_has_both(later) and _has_both(known)):
        return None
    found = {}
    for strength in plan.strengths:
        regression, _ = known.settled(strength, basis.signs(plan.inputs, held))
        odds = regression.log_odds(later.columns)
        calibration = calibrated("platt", odds, later.churned, later.weights)
        loss = weighted_loss(calibration, odds, later.churned, later.weights)
        found[loss, -strength] = strength, calibration, odds
    strength, calibration, odds = found[min(found)]
    if plan.calibration == "isotonic":  # a curve is the closer the more it bends: no judge of fits
        calibration = calibrated("isotonic", odds, later.churned, later.weights)
    return strength, calibration


def _has_both(rows: LearningRows) -> bool:
    """Whether enough customers are in rows of either kind."""
    lost = rows.churned > 0.5  # noqa: PLR2004 - fair rows are 0 or 1
    return min(np.unique(rows.customers[kind]).size for kind in (lost, ~lost)) >= LEAST_OF_A_KIND


def cross_validated_risks(labelled: Labelled, plan: ScorecardPlan) -> Floats:
    """Risk of each row by a regression and calibration that never saw its customer, shape (n,).

    Raises:
        ChurnFitError: fewer than `LEAST_OF_A_KIND` customers churned or stayed.
    """
    return validate(labelled, plan).risks(labelled.inputs, labelled.customers)


def _require_enough(labelled: Labelled) -> None:
    left = labelled.churned.astype(bool)
    decided = np.ones(len(left), np.bool_)
    if labelled.undecided is not None:
        decided = labelled.undecided.silence < 0
    lost, stayed = (np.unique(labelled.customers[decided & kind]).size for kind in (left, ~left))
    require_kinds(lost, stayed, LEAST_OF_A_KIND)


def _chosen(rows: LearningRows, folds: Ints, plan: ScorecardPlan) -> tuple[float, basis.Hold]:
    """Return strength of the penalty, and whose signs are held: the plainest of the good ones."""
    some = np.arange(len(folds))
    if len(folds) > CHOOSING:
        some = np.random.default_rng(plan.seed).choice(len(folds), CHOOSING, replace=False)
    part, own = rows.where(some), folds[some]
    losses = {}
    for strength in plan.strengths:
        losses[strength, plan.holds[0]] = _loss(part, own, strength, plan, plan.holds[0])
    best = min(losses, key=lambda one: losses[one])[0]
    for hold in plan.holds[1:]:
        losses[best, hold] = _loss(part, own, best, plan, hold)
    good = min(losses.values()) * (1.0 + NEGLIGIBLE)
    return max(
        (one for one, loss in losses.items() if loss <= good),
        key=lambda one: (-plan.holds.index(one[1]), one[0]),
    )


def _loss(
    rows: LearningRows, folds: Ints, strength: float, plan: ScorecardPlan, hold: basis.Hold
) -> float:
    """Log loss of rows by fits without their fold."""
    signs = basis.signs(plan.inputs, hold)
    by_fold = _fits(rows, folds, strength, signs, rows.fit(strength, signs))
    return weighted_loss(
        UNCALIBRATED, _out_of_fold(rows, folds, by_fold), rows.churned, rows.weights
    )


def _fits(
    rows: LearningRows, folds: Ints, strength: float, signs: Floats, start: Logistic
) -> tuple[Logistic, ...]:
    """Fit without each fold."""
    numbers = range(int(folds.max()) + 1)
    return tuple(rows.where(folds != fold).fit(strength, signs, start) for fold in numbers)


def _out_of_fold(rows: LearningRows, folds: Ints, by_fold: tuple[Logistic, ...]) -> Floats:
    odds = np.empty(len(folds))
    for fold, regression in enumerate(by_fold):
        odds[folds == fold] = regression.log_odds(rows.columns[folds == fold])
    return odds
