"""What a rule did in each silence, and in all of them together."""

from typing import NamedTuple

import numpy as np

from modelling.backtest.rivals.silences import Silences
from scoring.arrays import Bools, Floats


class Tally(NamedTuple):
    """What a rule did in each of n silences, shape (n,) each.

    Attributes:
        warnings: new ones; one that stood since before the silence is none.
        right: of those, raised before the lapse's instant.
        lead: days from the first right warning to the lapse's instant; where one stood since
            before the silence, all of the days; 0 where there was neither, or no lapse.
        caught: whether it is a lapse with a right warning, or a standing one.
        stood: whether a warning of before was still up once the silence had begun, lapse or not.
    """

    warnings: Floats
    right: Floats
    lead: Floats
    caught: Bools
    stood: Bools


class Totals(NamedTuple):
    """Sums over silences; of a mixture of rules they need not be whole.

    Attributes:
        warnings: new ones.
        right: of those.
        lead: days, over all lapses.
        caught: lapses warned of.
        stood: silences that began under a warning of before.
        lapses: all of them.
    """

    warnings: float
    right: float
    lead: float
    caught: float
    stood: float
    lapses: float

    @property
    def precision(self) -> float | None:
        """Right warnings by all, None where there was none."""
        return self.right / self.warnings if self.warnings else None

    @property
    def recall(self) -> float | None:
        """Lapses warned of by all, None where there was none."""
        return self.caught / self.lapses if self.lapses else None

    @property
    def mean_lead(self) -> float | None:
        """Days, over all lapses, None where there was none."""
        return self.lead / self.lapses if self.lapses else None

    def mixed(self, other: "Totals", share: float) -> "Totals":
        """What comes of this rule for most customers and another for a share drawn at random.

        >>> Totals(10, 4, 80, 4, 0, 8).mixed(Totals(20, 6, 100, 6, 0, 8), 0.5)
        Totals(warnings=15.0, right=5.0, lead=90.0, caught=5.0, stood=0.0, lapses=8.0)
        """
        return Totals(*(a + share * (b - a) for a, b in zip(self, other, strict=True)))


def of_plain(silences: Silences, since: Floats) -> Tally:
    """What a rule did that warns once a silence, after so many days of it.

    Args:
        silences: n of them.
        since: days into the silence, inf for never, shape (n,).

    >>> lapse, lasted = np.array([30.0, np.inf, np.inf]), np.array([30.0, 20.0, 5.0])
    >>> silences = Silences(np.arange(3), np.zeros(3), lasted * 86_400.0, lapse, lasted, lapse)
    >>> tally = of_plain(silences, np.full(3, 10.0))
    >>> tally.warnings.tolist(), tally.lead.tolist()
    ([1.0, 1.0, 0.0], [20.0, 0.0, 0.0])
    """
    up = since < silences.lasted
    right = up & silences.lost & (since < silences.lapse)
    lead = np.zeros(len(since))
    lead[right] = silences.lapse[right] - since[right]
    stood = np.zeros(len(since), np.bool_)
    return Tally(up.astype(np.float64), right.astype(np.float64), lead, right, stood)


def totals(tally: Tally, silences: Silences) -> Totals:
    """Sum what a rule did over all silences."""
    warnings, right, lead, caught, stood = (float(part.sum()) for part in tally)
    return Totals(warnings, right, lead, caught, stood, lapses=float(silences.lost.sum()))


def by_customer(values: Floats, silences: Silences) -> Floats:
    """Sum a figure of silences, shape (n,), over each customer's, shape (customers,)."""
    at = np.flatnonzero(values)  # few silences are warned of
    return np.bincount(silences.who[at], values[at], silences.customers).astype(np.float64)
