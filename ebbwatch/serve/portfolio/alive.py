"""P(alive) of a customer day by day, as far back as the record knows the purchase days."""

from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Floats, Ints
from scoring.facts.state import DAYS_KEPT, States
from scoring.feature import Feature
from scoring.features import features
from scoring.model import ScoringModel

POINTS: Final = 240  # of a curve, at most
AHEAD: Final = 28  # days of silence that are foretold


class AliveCurve(NamedTuple):
    """What a record tells of the past and what silence would bring.

    Attributes:
        times: epoch seconds, rising, shape (n,).
        p_alive: at those, shape (n,).
        ahead_times, ahead: likewise from now on, if nothing is bought.
        purchases: beginnings of the purchase days that are known, epoch seconds.
        is_whole: whether those are all there ever were.
    """

    times: Floats
    p_alive: Floats
    ahead_times: Floats
    ahead: Floats
    purchases: Floats
    is_whole: bool


def alive_curve(state: States, now: float, model: ScoringModel) -> AliveCurve | None:
    """Tell P(alive) from the first purchase day that is known to `now`, and in silence on.

    A record keeps which of the 64 days up to the last purchase day were purchase days, so that
    frequency and recency are known at any instant since: the record of that instant is put
    together, and scored as any other. A purchase that came late counts as of its own day.

    Args:
        state: shape (1,).
        now: epoch seconds, not before the last event.
        model: the models.

    Returns:
        The curve; None where nothing was bought.
    """
    days = _known_days(state)
    if not days.size:
        return None
    calendar = model.calendar
    begin, end = float(calendar.midnight(days[:1])[0]), now
    marks = np.append(calendar.midnight(days), calendar.midnight(days) - 1.0)
    steps: Floats = np.linspace(begin, end, POINTS)
    times = np.unique(np.concatenate([steps, marks[(marks >= begin) & (marks <= end)]]))
    ahead_times: Floats = now + DAY * np.arange(AHEAD + 1, dtype=np.float64)
    return AliveCurve(
        times,
        _p_alive(state, days, times, model),
        ahead_times,
        _p_alive(state, days, ahead_times, model),
        calendar.midnight(days),
        int(state["purchase_days"][0]) == days.size,
    )


def _known_days(state: States) -> Ints:
    """Purchase days, rising: bit k of `day_bits` is the day `last_day - k`."""
    back = np.arange(DAYS_KEPT - 1, -1, -1)
    bits = (state["day_bits"][0] >> back.astype(np.uint64)) & np.uint64(1)
    days: Ints = int(state["last_day"][0]) - back[bits.astype(bool)]
    return days if int(state["purchase_days"][0]) else days[:0]


def _p_alive(state: States, days: Ints, times: Floats, model: ScoringModel) -> Floats:
    then = np.repeat(state, len(times))
    known = np.searchsorted(days, model.calendar.day(times), side="right")  # up to each instant
    then["purchase_days"] -= (days.size - known).astype(np.uint32)
    then["last_day"] = days[known - 1]
    p_alive: Floats = features(then, times, model)[Feature.P_ALIVE]
    return p_alive
