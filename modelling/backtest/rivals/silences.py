"""The silences whose end, a lapse or a purchase, lies in a period."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modelling.backtest.performance import Period
from modelling.leaving.stretches import Fate, Stretches
from scoring.arrays import DAY, NEVER, Bools, Floats, Ints


@dataclass(frozen=True)
class Silences:
    """Silences decided in a period: the lapse's instant, or the purchase before it, is in it.

    Ordered by customer, then time. Before the first purchase nobody is silent, so that an account
    closed without one is no silence.

    Attributes:
        at: place among the stretches, shape (n,).
        who: number of the customer among those who have one, ascending from 0, shape (n,).
        lasted: days from its purchase to the next, the closure or the history's end, shape (n,).
        lapse: days from its purchase to the lapse's instant, inf where it is none, shape (n,).
    """

    at: Ints
    who: Ints
    lasted: Floats
    lapse: Floats

    @cached_property
    def lost(self) -> Bools:
        """Which of them are lapses, shape (n,)."""
        lost: Bools = np.isfinite(self.lapse)
        return lost

    @property
    def customers(self) -> int:
        """Those who have one."""
        return int(self.who[-1]) + 1 if len(self.who) else 0


def decided(lives: Stretches, period: Period) -> Silences:
    """The silences that a period decides.

    Args:
        lives: what became of the customers, by a history that ends with the period.
        period: what is judged.
    """
    lapses = lives.lost & period.holds(lives.instant)
    bought = (lives.fate == Fate.BOUGHT) & period.holds(lives.next)
    at = np.flatnonzero(np.isfinite(lives.start) & (lapses | bought))
    start, end = lives.start[at], np.minimum(lives.next[at], lives.closing[at])
    lapse = np.where(lapses[at], lives.instant[at] - start, NEVER)
    who = np.unique(lives.row[at], return_inverse=True)[1]
    lasted = np.minimum(end, period.end) - start
    return Silences(at, who.astype(np.int64), lasted / DAY, lapse / DAY)
