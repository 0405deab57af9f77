"""The first instant at which a gap that only closes has closed."""

from collections.abc import Callable
from typing import Final

import numpy as np

from scoring.state import NEVER, Bools, Floats

CLOSE: Final = 0.5  # seconds within which it is found, on its late side
SCALE: Final = 3_600.0  # seconds; beyond it time is searched in its logarithm
STEPS: Final = 100


def first_crossing(gap: Callable[[Floats], Floats], low: Floats, reach: float) -> Floats:
    """Find where a rising function of time becomes 0 or more.

    Regula falsi in the logarithm of the time ahead, the weight of an end that stays being halved
    (Illinois), and a bisection wherever that has not halved the bracket; an element that is found
    rests, so that its result does not depend on its neighbours.

    Args:
        gap: of instants, epoch seconds, shape (n,); rises.
        low: where to begin, epoch seconds, shape (n,); returned where the gap is closed there.
        reach: seconds ahead beyond which it is never.

    Returns:
        Epoch seconds, late by `CLOSE` at most; inf for never.
    """
    at_low = gap(low)
    u_low, u_high = np.zeros(len(low)), np.full(len(low), np.log1p(reach / SCALE))
    at_high = gap(low + _ahead(u_high))
    never, at_once = at_high < 0.0, at_low >= 0.0
    found, below, above = never | at_once, at_low, at_high
    steps = 0
    while not found.all() and steps < STEPS:
        halved = steps % 3 == 2  # noqa: PLR2004 - every third step
        middle = _middle(u_low, u_high, below, above, halved=halved)
        value = gap(low + _ahead(middle))
        closed = value >= 0.0
        u_low, u_high = _moved(found, closed, middle, u_low, u_high)
        below = np.where(closed, 0.5 * below, value)
        above = np.where(closed, value, 0.5 * above)
        found |= _ahead(u_high) - _ahead(u_low) <= CLOSE
        steps += 1
    return np.where(at_once, low, np.where(never, NEVER, low + _ahead(u_high)))


def _ahead(u: Floats) -> Floats:
    """Seconds ahead."""
    return SCALE * np.expm1(u)


def _middle(low: Floats, high: Floats, below: Floats, above: Floats, *, halved: bool) -> Floats:
    if halved:
        return 0.5 * (low + high)
    share = np.clip(-below / np.maximum(above - below, 1e-300), 0.001, 0.999)
    return low + share * (high - low)


def _moved(
    found: Bools, closed: Bools, middle: Floats, low: Floats, high: Floats
) -> tuple[Floats, Floats]:
    lower = np.where(found | closed, low, middle)
    upper = np.where(found | ~closed, high, middle)
    return lower, upper
