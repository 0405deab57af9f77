"""The period that is judged, and warnings with the stretches of lives that they were raised in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from modelling.backtest.measures.raised import Raised, in_order
from modelling.leaving.stretches import Stretches
from scoring.arrays import DAY, Bools, Floats, Ints


class Period(NamedTuple):
    """The part of a history that is judged, both ends included, epoch seconds."""

    start: float
    end: float

    @property
    def days(self) -> float:
        """Its length."""
        return (self.end - self.start) / DAY

    def holds(self, times: Floats) -> Bools:
        """Which instants are in it.

        >>> Period(10.0, 20.0).holds(np.array([9.0, 10.0, 20.0])).tolist()
        [False, True, True]
        """
        inside: Bools = (times >= self.start) & (times <= self.end)
        return inside


@dataclass(frozen=True)
class PlacedWarnings:
    """Warnings, and the stretch each was raised in.

    Attributes:
        raised: as `joined` orders them, n of them.
        at: number of the stretch, rising with customer and time, shape (n,).
        fate: of it, shape (n,).
        instant: of its lapse, inf where it is none, shape (n,).
        is_due: whether it is a lapse of the period, shape (n,).
        lapses: with their instant in the period.
    """

    raised: Raised
    at: Ints
    fate: Ints
    instant: Floats
    is_due: Bools
    lapses: int

    @classmethod
    def of(cls, raised: Raised, lives: Stretches, period: Period) -> "PlacedWarnings":
        """Place them; arguments as `rule_performance`."""
        lapses = lives.lost & period.holds(lives.instant)
        at = lives.at(raised["row"], raised["time"])
        count = int(lapses.sum())
        return cls(raised, at, lives.fate[at], lives.instant[at], lapses[at], count)

    @classmethod
    def together(cls, parts: Sequence["PlacedWarnings"], rows: Sequence[Ints]) -> "PlacedWarnings":
        """Those of several parts of the customers.

        Args:
            parts: one at least.
            rows: number of each part's customers among all.
        """
        whole = np.concatenate([one.raised for one in parts])
        whole["row"] = np.concatenate(
            [own[one.raised["row"]] for own, one in zip(rows, parts, strict=True)]
        )
        order = in_order(whole)
        columns = ([one.at, one.fate, one.instant, one.is_due] for one in parts)
        at, fate, instant, is_due = (
            np.concatenate(each)[order] for each in zip(*columns, strict=True)
        )
        raised = whole[order]
        number = _numbered(raised["row"], at)
        return cls(raised, number, fate, instant, is_due, sum(one.lapses for one in parts))

    def where(self, kept: Bools) -> "PlacedWarnings":
        """The chosen ones only."""
        return PlacedWarnings(
            self.raised[kept],
            self.at[kept],
            self.fate[kept],
            self.instant[kept],
            self.is_due[kept],
            self.lapses,
        )


def _numbered(rows: Ints, at: Ints) -> Ints:
    """Numbers that rise with customer and stretch, one for each of them."""
    order = np.lexsort((at, rows))
    row, place = rows[order], at[order]
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum((np.diff(row, prepend=-1) != 0) | (np.diff(place, prepend=-1) != 0))
    return number
