from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.arrays import Floats

STEPS: Final = 100
PATIENT: Final = 8  # steps, by when Newton's are as good as there
TOLERANCE: Final = 1e-12
Rows = npt.NDArray[np.intp]
Falling = Callable[[Floats, Rows], tuple[Floats, Floats]]


def falling_root(falling: Falling, low: Floats, high: Floats) -> Floats:
    """Return where each of many falling functions reaches 0, late by about 1e-12.

    Newton's steps from above, and a halving of the bracket where one would leave it, or later on is
    more than half as long as the one before: from far out on an exponential all are alike. An
    element that converged rests, whatever its neighbours still do.

    Args:
        falling: Takes arguments and the functions' numbers; returns values and slopes there.
        low: Lower ends, shape (n,); returned where the root lies before them.
        high: Upper ends, not below them; returned where the root lies beyond.
    """
    u, low, high = high.copy(), low.copy(), high.copy()
    rows, steps, moved = np.arange(len(u)), 0, np.full(len(u), np.inf)
    while len(rows) and steps < STEPS:
        at, steps = u[rows], steps + 1
        value, slope = falling(at, rows)
        low[rows] = np.where(value > 0.0, at, low[rows])
        high[rows] = np.where(value > 0.0, high[rows], at)
        newton = at - value / slope
        inside = (newton >= low[rows]) & (newton <= high[rows])
        quick = inside & ((steps < PATIENT) | (np.abs(newton - at) <= 0.5 * moved[rows]))
        u[rows] = np.where(quick, newton, 0.5 * (low[rows] + high[rows]))
        moved[rows] = np.abs(u[rows] - at)
        rows = rows[moved[rows] > TOLERANCE]
    return u + TOLERANCE
