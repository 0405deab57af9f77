"""How a scorecard is fitted, and what comes of it."""

from typing import Final, NamedTuple

from modelling.churn.regression import basis
from modelling.churn.regression.calibration import CalibrationChoice
from modelling.churn.regression.logistic import Logistic
from scoring.arrays import Floats
from scoring.churn.calibration import Calibration
from scoring.churn.input import Input
from scoring.churn.inputs import INPUTS
from scoring.churn.scorecard import Term

STRENGTHS: Final = (0.1, 1.0, 10.0, 100.0)
FOLDS: Final = 5


class ScorecardPlan(NamedTuple):
    """How to fit.

    Attributes:
        inputs: columns of `Labelled.inputs`.
        monotone: hold what moves in silence to its sign, so that silence never speaks for a
            customer and a threshold is reached at one instant; and all else too where that costs
            nothing. An input whose data contradict its meaning is then left out. Without it every
            weight is free, but for inputs that bend.
        calibration: which one, or whichever has the least cross-validated log loss.
        strengths: of the penalty, of which the one of least log loss is taken: on the days after an
            earlier fit, or cross-validated where these are too few.
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
    def holds(self) -> tuple[basis.Hold, ...]:
        """Which weights may be held to their meaning, the plainest first."""
        return ("all", "silence") if self.monotone else ("none",)


class FittedScorecard(NamedTuple):
    """A fitted scorecard, apart from its scale and thresholds.

    Attributes:
        terms: inputs that carry weight.
        intercept: log odds of a customer of whom every input is at its centre.
        calibration: of the log odds, fitted to rows their regression had not seen.
        strength: of the penalty, as the plan chose it.
        held: which weights were held to their meaning, chosen by cross-validation.
        left_out: inputs without weight and why: "constant", or "sign" where, beside the others,
            the data would weigh it against its meaning.
        errors: standard errors of weights by input, clustered by customer.
        regression: with a weight for every column of the inputs.
        inputs: those weighed.
    """

    terms: tuple[Term, ...]
    intercept: float
    calibration: Calibration
    strength: float
    held: basis.Hold
    left_out: dict[str, str]
    errors: dict[str, float]
    regression: Logistic
    inputs: tuple[Input, ...]

    def risks(self, table: Floats, inputs: tuple[Input, ...] | None = None) -> Floats:
        """Calibrated probability, shape (n,).

        Args:
            table: values of inputs, shape (n, inputs).
            inputs: which they are; those that were weighed by default.
        """
        own = self.picked(table, inputs)
        odds = self.regression.log_odds(basis.columns(own, self.inputs))
        return self.calibration.risk(odds)

    def picked(self, table: Floats, inputs: tuple[Input, ...] | None) -> Floats:
        """Columns of the inputs that were weighed, of a table of others too."""
        if inputs is None or inputs == self.inputs:
            return table
        own: Floats = table[:, [inputs.index(one) for one in self.inputs]]
        return own
