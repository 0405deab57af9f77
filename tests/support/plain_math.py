"""BG/NBD in plain arithmetic, for checking the package against: it imports nothing from it."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

DAYS = {"day": 1.0, "week": 7.0}


class Silence(NamedTuple):
    """P(no purchase in H) as it rises while a customer is silent.

    Attributes:
        parameters: a parameter file's content.
        x: number of repeat purchase days.
        t_x: first to last purchase day, days.
    """

    parameters: Mapping[str, Any]
    x: int
    t_x: float

    def probability(self, tenure: float) -> float:
        """P(no purchase in the next H days) at a tenure, days; for x >= 1.

        Fader, Hardie and Lee (2005): P(alive) after their equation 10 and, while alive, a purchase
        rate that is gamma distributed with r + x and alpha + T.
        """
        unit, model = DAYS[self.parameters["time_unit"]], self.parameters["purchase_model"]
        r, alpha, a, b = (model[name] for name in ("r", "alpha", "a", "b"))
        now, last = alpha + tenure / unit, alpha + self.t_x / unit
        horizon = self.parameters["horizon_days"] / unit
        odds_gone = a / (b + self.x - 1) * (now / last) ** (r + self.x)
        silent_though_alive = math.exp((r + self.x) * math.log(now / (now + horizon)))
        return 1.0 - (1.0 - silent_though_alive) / float(1.0 + odds_gone)

    def tenure_at(self, threshold: float) -> float:
        """Tenure, days, at which the probability reaches a threshold."""
        return bisect(lambda tenure: self.probability(tenure) - threshold, self.t_x, 36_500.0)


def bisect(rising: Callable[[float], float], low: float, high: float) -> float:
    """Find where a rising function passes zero."""
    assert rising(low) < 0.0 < rising(high)
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (low, middle) if rising(middle) > 0.0 else (middle, high)
    return high
