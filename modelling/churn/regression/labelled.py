"""Labels to learn from, some of them not known yet."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from modelling.churn.regression import basis
from modelling.churn.regression.logistic import Logistic, fit_logistic
from scoring.arrays import Bools, Floats, Ints
from scoring.churn.calibration import UNCALIBRATED
from scoring.churn.input import Input

ROUNDS: Final = 6  # in which what is not known yet is expected anew
SETTLED: Final = 1e-3  # largest change of an expectation, at which they end


class Undecided(NamedTuple):
    """Rows of silences that the end of a history cuts off.

    Attributes:
        silence: for each row its silence's place in `inputs`, -1 for one that is decided, shape
            (n,).
        inputs: of the customers as known at that end, shape (silences, inputs).
        is_whole: which rows' days all lie before that end, whatever came, so that they are a fair
            sample on their own, shape (n,).
    """

    silence: Ints
    inputs: Floats
    is_whole: Bools


class Earlier(NamedTuple):
    """What was known some time ago, to learn how far a fit drifts off in the time after it.

    Attributes:
        labelled: rows as they were known then.
        later: which rows of today lie after it, and are a fair sample, shape (n,).
    """

    labelled: "Labelled"
    later: Bools


class Labelled(NamedTuple):
    """Customers at instants, and what became of them.

    Attributes:
        inputs: values of the scorecard's inputs, shape (n, inputs).
        churned: 1 who left and 0 who stayed, shape (n,).
        customers: whole number that says whose each row is, shape (n,).
        weights: what each row stands for, > 0, shape (n,); the same for all by default.
        undecided: rows whose answer is not known yet; none by default.
        earlier: what the calibration is to be learnt from; by default rows out of their fold.
    """

    inputs: Floats
    churned: Floats | Bools
    customers: Ints
    weights: Floats | None = None
    undecided: Undecided | None = None
    earlier: Earlier | None = None


@dataclass(frozen=True)
class LearningRows:
    """Labelled rows as a regression takes them; n rows.

    Attributes:
        columns: shape (n, columns).
        churned: whether left, or how likely that is, shape (n,).
        customers: shape (n,).
        weights: 1 in the mean, shape (n,).
        undecided: rows not known yet.
        at_end: columns of their silences, shape (silences, columns).
    """

    columns: Floats
    churned: Floats
    customers: Ints
    weights: Floats
    undecided: Undecided | None = None
    at_end: Floats | None = None

    @classmethod
    def of(cls, labelled: Labelled, inputs: tuple[Input, ...]) -> "LearningRows":
        """Spread inputs over columns."""
        rows, undecided = len(labelled.inputs), labelled.undecided
        given = np.ones(rows) if labelled.weights is None else labelled.weights
        return cls(
            columns=basis.columns(labelled.inputs, inputs),
            churned=labelled.churned.astype(np.float64),
            customers=labelled.customers,
            weights=given / given.mean(),
            undecided=undecided,
            at_end=None if undecided is None else basis.columns(undecided.inputs, inputs),
        )

    def where(self, chosen: Bools | Ints) -> "LearningRows":
        """Some of the rows, with their labels as they are expected."""
        return LearningRows(
            self.columns[chosen],
            self.churned[chosen],
            self.customers[chosen],
            self.weights[chosen],
        )

    def fit(self, strength: float, signs: Floats, start: Logistic | None = None) -> Logistic:
        """Fit the rows with their labels as they are."""
        return fit_logistic(
            self.columns,
            self.churned,
            strength=strength,
            signs=signs,
            weights=self.weights,
            start=start,
        )

    def settled(
        self, strength: float, signs: Floats, start: Logistic | None = None
    ) -> tuple[Logistic, "LearningRows"]:
        """Fit, with what is not known yet as likely as the fit itself says.

        A silence that the history's end cuts off at day c goes on to N with P(N | c), on all its
        days: expected and fitted in turn until nothing moves, which is Efron's self-consistency
        (1967, "The two sample problem with censored data") and an EM algorithm. The latest silences
        so count for what they tell: that nobody bought in them so far, and who did.
        """
        if self.undecided is None or self.at_end is None:
            return self.fit(strength, signs, start), self
        fitted, rows = start or self._first(strength, signs), self
        for _ in range(ROUNDS):
            expected = self._expected(fitted)
            moved = float(np.abs(expected - rows.churned).max())
            rows = replace(self, churned=expected)
            fitted = rows.fit(strength, signs, fitted)
            if moved < SETTLED:
                break
        return fitted, rows

    def _first(self, strength: float, signs: Floats) -> Logistic:
        """Fit to what is fair on its own, or, where that is of one kind, to all that is decided."""
        assert self.undecided is not None  # noqa: S101 - by settled
        whole = self.where(self.undecided.is_whole)
        both = len(whole.churned) > 0 and 0.0 < whole.churned.mean() < 1.0
        decided = whole if both else self.where(self.undecided.silence < 0)
        return decided.fit(strength, signs)

    def _expected(self, fitted: Logistic) -> Floats:
        assert self.undecided is not None and self.at_end is not None  # noqa: S101, PT018 - by settled
        likely = UNCALIBRATED.risk(fitted.log_odds(self.at_end))
        is_open = self.undecided.silence >= 0
        expected: Floats = self.churned.copy()
        expected[is_open] = likely[self.undecided.silence[is_open]]
        return expected
