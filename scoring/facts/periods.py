"""The periods that charges recur by, and when the next is late."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scoring.arrays import Bools, Ints


class ChargePeriod(NamedTuple):
    """How a charge recurs.

    Attributes:
        days, months: from one charge to the next; of months the day is kept, or the month's last.
        gaps: how many must keep to it: the shorter the period, the sooner chance does.
        shift: days by which a gap may differ: weekends, holidays, months' ends.
        drift: days by which all of the gaps together may.
        grace: days after which the next is late.
    """

    days: int
    months: int
    gaps: int
    shift: int
    drift: int
    grace: int


PERIODS: Final = (
    ChargePeriod(7, 0, gaps=5, shift=1, drift=1, grace=4),
    ChargePeriod(14, 0, gaps=4, shift=2, drift=2, grace=6),
    ChargePeriod(28, 0, gaps=3, shift=2, drift=2, grace=7),
    ChargePeriod(0, 1, gaps=3, shift=4, drift=4, grace=9),
    ChargePeriod(0, 3, gaps=2, shift=5, drift=5, grace=14),
    ChargePeriod(0, 12, gaps=2, shift=7, drift=7, grace=21),
)

GRACE: Final = np.array([period.grace for period in PERIODS])
SHIFT: Final = np.array([period.shift for period in PERIODS])


def late_from(days: NDArray[np.integer[Any]]) -> Ints:
    """The day from which on the next charge is late.

    Args:
        days: of the last charges, since 1970, latest first, 0 for none, shape
            (n, CHARGE_DAYS).

    Returns:
        Shape (n,); 0 where they keep to no period, or the day is past what the memory holds.

    >>> ends = ["2024-04-30", "2024-03-31", "2024-02-29", "2024-01-31"]
    >>> days = np.zeros((1, 6), np.int64)
    >>> days[0, :4] = np.array(ends, "M8[D]").astype(np.int64)
    >>> late_from(days).astype("M8[D]").astype(str).tolist()
    ['2024-06-08']
    """
    period = period_of(days)
    found = a_period_after(days[:, 0].astype(np.int64), period) + GRACE[period]
    return np.where((period >= 0) & (found <= np.iinfo(np.uint16).max), found, 0)


def period_of(days: NDArray[np.integer[Any]]) -> Ints:
    """Place in `PERIODS` of what the last days keep to, shape (n,); -1 where they keep to none."""
    found = np.full(len(days), -1)
    for place, period in enumerate(PERIODS):
        rows = np.flatnonzero((found < 0) & (days[:, period.gaps] > 0))
        if rows.size:
            found[rows[_keeps(days[rows].astype(np.int64), period)]] = place
    return found


def a_period_after(days: Ints, period: Ints) -> Ints:
    """Days a period later, each its own, shape as given; of no period the day itself."""
    after = days.copy()
    for place, each in enumerate(PERIODS):
        own = period == place
        if own.any():
            after[own] = _after(days[own], each, 1)
    return after


def _keeps(days: Ints, period: ChargePeriod) -> Bools:
    """Whether the last charges keep to a period, shape (n,)."""
    kept = np.ones(len(days), np.bool_)
    for gap in range(period.gaps):
        due = _after(days[:, gap + 1], period, 1)
        kept &= np.abs(days[:, gap] - due) <= period.shift
    overall = days[:, 0] - _after(days[:, period.gaps], period, period.gaps)
    keeps: Bools = kept & (np.abs(overall) <= period.drift)
    return keeps


def _after(days: Ints, period: ChargePeriod, times: int) -> Ints:
    """Days a period later, or several."""
    if not period.months:
        return days + times * period.days
    dates = days.astype("M8[D]")
    month = dates.astype("M8[M]")
    later = month + times * period.months
    last = ((later + 1).astype("M8[D]") - later.astype("M8[D]")).astype(np.int64) - 1
    of_month = (dates - month.astype("M8[D]")).astype(np.int64)
    after: Ints = later.astype("M8[D]").astype(np.int64) + np.minimum(of_month, last)
    return after
