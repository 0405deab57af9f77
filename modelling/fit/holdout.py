"""How a purchase model's expectations did on days it had not seen."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from modelling.fit.ranges import FrequencyRanges, Span
from modelling.history import Summary
from scoring.arrays import Bools, Floats, Ints
from scoring.evaluation import mean_absolute_error
from scoring.models import PurchaseModel


@dataclass(frozen=True)
class HoldoutResult:
    """Expected against actual purchases of the days after the fit's window.

    Attributes:
        until: The last day of the holdout.
        days: Its length.
        x: Frequency within the window, shape (customers,).
        expected: Purchases expected of each customer, shape (customers,).
        actual: Distinct purchase days of each customer, shape (customers,).

    >>> frequency, actual = np.array([0.0, 0.0, 2.0]), np.array([0, 1, 3])
    >>> held = HoldoutResult(date(1998, 6, 30), 30, frequency, np.array([0.2, 0.4, 2.5]), actual)
    >>> [(one["frequency"], round(one["expected"], 3), one["actual"]) for one in held.bins()]
    [(0, 0.3, 0.5), (2, 2.5, 3.0)]
    """

    until: date
    days: int
    x: Floats
    expected: Floats
    actual: Ints

    @property
    def correlation(self) -> float | None:
        """Pearson's, over customers; None where one of both does not vary."""
        if min(np.ptp(self.expected), np.ptp(self.actual)) == 0.0:
            return None
        return float(np.clip(np.corrcoef(self.expected, self.actual)[0, 1], -1.0, 1.0))

    @property
    def mean_absolute_error(self) -> float:
        """Of the purchases of a customer."""
        return mean_absolute_error(self.expected, self.actual)

    def bins(self) -> list[dict[str, Any]]:
        """Mean expected and actual purchases by ranges of frequency, of those that occur."""
        ranges = FrequencyRanges.of(self.x)
        places = ranges.places(self.x)
        return [self._bin(ranges.spans[at], places == at) for at in np.unique(places).tolist()]

    def section(self) -> dict[str, Any]:
        """The section `holdout` of a parameter file."""
        return {
            "until": self.until.isoformat(),
            "days": self.days,
            "expected": float(self.expected.sum()),
            "actual": int(self.actual.sum()),
            "correlation": self.correlation,
            "mean_absolute_error": self.mean_absolute_error,
            "bins": self.bins(),
        }

    def _bin(self, span: Span, inside: Bools) -> dict[str, Any]:
        return {
            "frequency": span[0],
            "most": span[1],
            "customers": int(inside.sum()),
            "expected": float(self.expected[inside].mean()),
            "actual": float(self.actual[inside].mean()),
        }


def validate_on_holdout(
    model: PurchaseModel, summary: Summary, later: Ints, until: date
) -> HoldoutResult:
    """Hold a model against the days after its window.

    Args:
        model: In days.
        summary: The window it was fitted to.
        later: Distinct purchase days in (summary.until, until], shape (customers of the log,).
        until: The last day of the holdout.
    """
    days = (until - summary.until).days
    expected = model.expected_purchases(summary.x, summary.t_x, summary.T, float(days))
    return HoldoutResult(until, days, summary.x, expected, later[summary.rows])
