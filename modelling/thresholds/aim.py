"""What thresholds are to achieve."""

import math
from dataclasses import dataclass
from typing import Final

from modelling.churn.regression.logistic import ChurnFitError
from modelling.thresholds.economics import Economics

LEAST_PRECISION: Final = 0.5  # every second warning is right


@dataclass(frozen=True)
class Aim:
    """What thresholds are to achieve; by default the most recall at a stated precision.

    Attributes:
        budget: warnings a day that can be acted on; None for any number.
        economics: what they bring and cost; None where that is not known.
        least_precision: of the default.

    Raises:
        ChurnFitError: a budget that is none, or a precision that is none.
    """

    budget: float | None = None
    economics: Economics | None = None
    least_precision: float = LEAST_PRECISION

    def __post_init__(self) -> None:
        if self.budget is not None and not (self.budget > 0.0 and math.isfinite(self.budget)):
            raise ChurnFitError(
                where="budget", expected="above 0 a day, and finite", got=self.budget
            )
        if not 0.0 < self.least_precision <= 1.0:
            expected = "above 0 and at most 1"
            raise ChurnFitError(where="precision", expected=expected, got=self.least_precision)
