"""Fitting the scorecard to labels, and judging it on customers it was not fitted to."""

from typing import Final, Literal, NamedTuple

import numpy as np

from modelling.churn.calibration import fit_isotonic, fit_platt
from modelling.churn.folds import grouped_folds
from modelling.churn.logistic import ChurnFitError, Logistic, fit_logistic, require_kinds
from scoring.arrays import Bools, Floats, Ints
from scoring.churn.calibration import UNCALIBRATED, Calibration
from scoring.churn.input import Input
from scoring.churn.inputs import INPUTS
from scoring.churn.scorecard import Term
from scoring.evaluation import log_loss

CalibrationChoice = Literal["best", "platt", "isotonic", "none"]

STRENGTHS: Final = (0.1, 1.0, 10.0, 100.0)
FOLDS: Final = 5
LEAST_OF_A_KIND: Final = 20  # customers, below which there is nothing to learn from
NEGLIGIBLE: Final = 1e-4  # share of the log loss below which the plainer choice is taken


class Labelled(NamedTuple):
    """Customers at dates, and what became of them.

    Attributes:
        inputs: values of the scorecard's inputs, shape (n, inputs).
        churned: whether the customer was lost within the horizon, shape (n,).
        customers: whole number that says whose each row is, shape (n,).
    """

    inputs: Floats
    churned: Bools
    customers: Ints

    def rows(self, chosen: Bools) -> "Labelled":
        """The chosen rows only."""
        return Labelled(self.inputs[chosen], self.churned[chosen], self.customers[chosen])


class ScorecardPlan(NamedTuple):
    """How to fit.

    Attributes:
        inputs: columns of `Labelled.inputs`.
        monotone: hold each weight to its input's sign, so that an input whose data contradict its
            meaning is left out, and silence never speaks for a customer. Without it every weight is
            free.
        calibration: which one, or whichever has the least cross-validated log loss.
        strengths: of the penalty, of which the one of least cross-validated log loss is taken.
        folds: how many, >= 2.
        seed: of the folds.
    """

    inputs: tuple[Input, ...] = INPUTS
    monotone: bool = True
    calibration: CalibrationChoice = "best"
    strengths: tuple[float, ...] = STRENGTHS
    folds: int = FOLDS
    seed: int = 0

    @property
    def signs(self) -> Floats:
        """Sign of each weight, 0 where either may be."""
        return np.array([one.churn_sign * self.monotone for one in self.inputs], np.float64)


class FittedScorecard(NamedTuple):
    """A fitted scorecard, apart from its scale and thresholds.

    Attributes:
        terms: inputs that carry weight.
        intercept: log odds of a customer of whom every input is at its centre.
        calibration: of the log odds, fitted to rows their regression had not seen.
        strength: of the penalty, chosen by cross-validation.
        left_out: inputs without weight and why: "constant", or "sign" where, beside the others,
            the data would weigh it against its meaning.
        regression: with a weight for every input of the plan.
    """

    terms: tuple[Term, ...]
    intercept: float
    calibration: Calibration
    strength: float
    left_out: dict[str, str]
    regression: Logistic

    def risks(self, inputs: Floats) -> Floats:
        """Calibrated probability of rows of the plan's inputs (n, inputs), shape (n,)."""
        return self.calibration.risk(self.regression.log_odds(inputs))


def fit_scorecard(labelled: Labelled, plan: ScorecardPlan) -> FittedScorecard:
    """Fit weights, strength of the penalty and calibration.

    Strength and calibration are chosen, and the calibration is fitted, on log odds that each fold
    got from the other folds' fit.

    Raises:
        ChurnFitError: fewer than `LEAST_OF_A_KIND` customers churned or stayed, or no input tells
            them apart.
    """
    _require_enough(labelled)
    fitted = _fit(labelled, plan)
    if not fitted.terms:
        raise ChurnFitError(where="fit", expected="an input that foretells churn", got="none")
    return fitted


def _require_enough(labelled: Labelled) -> None:
    lost, stayed = (
        np.unique(labelled.customers[kind]).size for kind in (labelled.churned, ~labelled.churned)
    )
    require_kinds(lost, stayed, LEAST_OF_A_KIND)


def _fit(labelled: Labelled, plan: ScorecardPlan) -> FittedScorecard:
    folds = grouped_folds(labelled.customers, labelled.churned, plan.folds, plan.seed)
    strength, odds = _strongest(labelled, folds, plan)
    calibration = _calibration(odds, labelled, folds, plan.calibration)
    regression = _regression(labelled, strength, plan)
    by_input = dict(zip(plan.inputs, _columns(regression), strict=True))
    terms = tuple(Term(one, weight, at) for one, (weight, at, _) in by_input.items() if weight)
    left_out = {
        one.name: "constant" if constant else "sign"
        for one, (weight, _, constant) in by_input.items()
        if not weight
    }
    return FittedScorecard(terms, regression.intercept, calibration, strength, left_out, regression)


def _columns(regression: Logistic) -> list[tuple[float, float, bool]]:
    """Weight, centre and whether it is constant of each input."""
    parts = (regression.weights, regression.centres, regression.constant)
    return list(zip(*(part.tolist() for part in parts), strict=True))


def cross_validated_risks(labelled: Labelled, plan: ScorecardPlan) -> Floats:
    """Risk of each row by a scorecard fitted, chosen and calibrated without its customer.

    Where nothing foretells churn among the others, that is their churn rate.

    Returns:
        Shape (n,).

    Raises:
        ChurnFitError: fewer than `LEAST_OF_A_KIND` customers churned or stayed.
    """
    _require_enough(labelled)
    # Other folds than those the fit makes within each of these.
    folds = grouped_folds(labelled.customers, labelled.churned, plan.folds, plan.seed + 1)
    risks = np.empty(len(folds))
    for fold in range(plan.folds):
        seen = folds != fold
        risks[~seen] = _fit(labelled.rows(seen), plan).risks(labelled.inputs[~seen])
    return risks


def _regression(labelled: Labelled, strength: float, plan: ScorecardPlan) -> Logistic:
    signs = plan.signs
    return fit_logistic(labelled.inputs, labelled.churned, strength=strength, signs=signs)


def _strongest(labelled: Labelled, folds: Ints, plan: ScorecardPlan) -> tuple[float, Floats]:
    """Return the best strength and the log odds it gave rows out of their fold."""
    tried = {s: _out_of_fold(labelled, folds, s, plan) for s in plan.strengths}
    losses = {s: log_loss(UNCALIBRATED.risk(tried[s]), labelled.churned) for s in tried}
    good = min(losses.values()) * (1.0 + NEGLIGIBLE)
    best = max(s for s, loss in losses.items() if loss <= good)
    return best, tried[best]


def _out_of_fold(labelled: Labelled, folds: Ints, strength: float, plan: ScorecardPlan) -> Floats:
    odds = np.empty(len(folds))
    for fold in range(plan.folds):
        seen = folds != fold
        regression = _regression(labelled.rows(seen), strength, plan)
        odds[~seen] = regression.log_odds(labelled.inputs[~seen])
    return odds


def _calibration(
    odds: Floats, labelled: Labelled, folds: Ints, choice: CalibrationChoice
) -> Calibration:
    if choice == "none":
        return UNCALIBRATED
    if choice == "best":
        platt, isotonic = (_calibrated_loss(kind, odds, labelled, folds) for kind in _KINDS)
        choice = "isotonic" if isotonic < platt * (1.0 - NEGLIGIBLE) else "platt"
    return _fitted(choice, odds, labelled.churned)


_KINDS: Final = ("platt", "isotonic")


def _calibrated_loss(kind: str, odds: Floats, labelled: Labelled, folds: Ints) -> float:
    """Log loss of rows calibrated without their fold."""
    risks = np.empty(len(folds))
    for fold in np.unique(folds):
        seen = folds != fold
        risks[~seen] = _fitted(kind, odds[seen], labelled.churned[seen]).risk(odds[~seen])
    return log_loss(risks, labelled.churned)


def _fitted(kind: str, odds: Floats, churned: Bools) -> Calibration:
    return fit_isotonic(odds, churned) if kind == "isotonic" else fit_platt(odds, churned)
