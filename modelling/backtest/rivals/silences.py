"""The silences whose end, a lapse or a purchase, lies in a period."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from modelling.backtest.measures.placed import Period
from modelling.leaving.stretches import Fate, Stretches
from scoring.arrays import DAY, NEVER, Bools, Floats, Ints


@dataclass(frozen=True)
class Silences:
    """Silences decided in a period: the lapse's instant, or the purchase before it, is in it.

    Ordered by customer, then time. Before the first purchase nobody is silent, so that an account
    closed without one is no silence.

    Attributes:
        row: the customer's, shape (n,).
        start: instant of the purchase it begins with, epoch seconds, shape (n,).
        next: of the one that ends it, inf where none does, shape (n,).
        instant: of the lapse, inf where it is none, shape (n,).
        lasted: days from its purchase to the next, the closure or the history's end, shape (n,).
        lapse: days from its purchase to the lapse's instant, inf where it is none, shape (n,).
    """

    row: Ints
    start: Floats
    next: Floats
    instant: Floats
    lasted: Floats
    lapse: Floats

    @cached_property
    def lost(self) -> Bools:
        """Which of them are lapses, shape (n,)."""
        lost: Bools = np.isfinite(self.lapse)
        return lost

    @cached_property
    def who(self) -> Ints:
        """Number of the customer among those who have one, ascending from 0, shape (n,)."""
        who: Ints = np.cumsum(np.diff(self.row, prepend=self.row[:1]) != 0)
        return who

    @property
    def customers(self) -> int:
        """Those who have one."""
        return int(self.who[-1]) + 1 if len(self.who) else 0

    @classmethod
    def together(cls, parts: Sequence["Silences"]) -> tuple["Silences", Ints]:
        """Those of several parts of the customers, by customer, and the place that each had."""
        order = np.argsort(np.concatenate([one.row for one in parts]), kind="stable")
        columns = {
            each.name: np.concatenate([getattr(one, each.name) for one in parts])[order]
            for each in fields(cls)
        }
        return cls(**columns), order


def decided_at(lives: Stretches, period: Period) -> Ints:
    """Places of the stretches that are silences a period decides.

    Args:
        lives: what became of the customers, by a history that ends with the period.
        period: what is judged.
    """
    bought = (lives.fate == Fate.BOUGHT) & period.holds(lives.next)
    return np.flatnonzero(np.isfinite(lives.start) & (_lapses(lives, period) | bought))


def decided(lives: Stretches, period: Period) -> Silences:
    """The silences that a period decides; arguments as `decided_at`."""
    at = decided_at(lives, period)
    start, end = lives.start[at], np.minimum(lives.next[at], lives.closing[at])
    instant = np.where(_lapses(lives, period)[at], lives.instant[at], NEVER)
    lasted = np.minimum(end, period.end) - start
    return Silences(
        row=lives.row[at],
        start=start,
        next=lives.next[at],
        instant=instant,
        lasted=lasted / DAY,
        lapse=(instant - start) / DAY,
    )


def _lapses(lives: Stretches, period: Period) -> Bools:
    lapses: Bools = lives.lost & period.holds(lives.instant)
    return lapses
