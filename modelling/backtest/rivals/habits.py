"""What anyone could know of a customer from the purchases alone, as each silence begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from modelling.backtest.measures.placed import Period
from modelling.leaving.stretches import Stretches
from scoring.arrays import DAY, Floats, Ints
from scoring.facts.calendar import BookCalendar
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog

KNOWN_GAPS: Final = 2  # from which on a customer's own mean gap is taken
Small = NDArray[np.int32]  # there may be very many silences


class Begun(NamedTuple):
    """Purchases, and what was known at each; n of them, shape (n,) each.

    Attributes:
        start: instant of the purchase.
        day: calendar day of it, in the books' time zone.
        gaps: purchase days so far, less the first.
        span: days from the first purchase day to this one.
        value: mean value so far of a purchase day after the first, minor units, 0 if none.
    """

    start: Floats
    day: Small
    gaps: Small
    span: Small
    value: Floats

    def own_gaps(self, usual: float) -> Floats:
        """Mean days between the purchase days so far; the usual ones where too few are known."""
        return np.where(self.gaps >= KNOWN_GAPS, self.span / np.maximum(self.gaps, 1), usual)

    @classmethod
    def together(cls, parts: Sequence["Begun"]) -> "Begun":
        """All of several parts, one after the other."""
        return cls(
            np.concatenate([one.start for one in parts]),
            np.concatenate([one.day for one in parts]),
            np.concatenate([one.gaps for one in parts]),
            np.concatenate([one.span for one in parts]),
            np.concatenate([one.value for one in parts]),
        )

    def ordered(self, order: Ints) -> "Begun":
        """Them in an order."""
        return Begun(
            self.start[order],
            self.day[order],
            self.gaps[order],
            self.span[order],
            self.value[order],
        )


@dataclass(frozen=True)
class KnownHabits:
    """What plain rules know.

    Attributes:
        begun: the purchases that silences begin with.
        base: the last purchase before the period of everyone not lost by then.
        gaps: between two purchase days in a row, all before the period; how many.
        days: in them.
    """

    begun: Begun
    base: Begun
    gaps: int
    days: int

    def usual_gap(self, otherwise: float) -> float:
        """Mean days between two purchase days in a row, of all that lie before the period.

        Args:
            otherwise: what to take where there is none.
        """
        return float(self.days) / self.gaps if self.gaps else otherwise

    @classmethod
    def together(cls, parts: Sequence["KnownHabits"], order: Ints) -> "KnownHabits":
        """What is known of several parts of the customers.

        Args:
            parts: one at least.
            order: to bring the silences of one part after the other into.
        """
        return cls(
            Begun.together([one.begun for one in parts]).ordered(order),
            Begun.together([one.base for one in parts]),
            sum(one.gaps for one in parts),
            sum(one.days for one in parts),
        )


@dataclass(frozen=True)
class Habits:
    """The purchases of a history, by customer, then time, and what came before each.

    Attributes:
        row: the customer's, shape (purchases,).
        start, next: instants of the purchase and the next one, inf where there is none.
        lost_at: when the customer counts as lost, if not before the next purchase; else inf.
        closing: when the account is closed, inf for never.
        day: calendar day of the purchase, in the books' time zone.
        gaps: purchase days so far, less the first.
        span: days from the first purchase day to this one.
        value: mean value so far of a purchase day after the first, minor units, 0 if none.
    """

    row: Ints
    start: Floats
    next: Floats
    lost_at: Floats
    closing: Floats
    day: Ints
    gaps: Ints
    span: Ints
    value: Floats

    def at(self, at: Ints, lives: Stretches, period: Period) -> KnownHabits:
        """What is known as silences begin.

        Args:
            at: places of the silences among the stretches.
            lives: that these habits were read off.
            period: what is judged; nothing but the silences is taken from it.
        """
        places = np.cumsum(np.isfinite(lives.start)) - 1
        known = np.flatnonzero(self.start < period.start)
        last = known[np.diff(self.row[known], append=-1) != 0]
        return KnownHabits(
            self._begun(places[at]),
            self._begun(self._customers_at(period.start)),
            int(self.gaps[last].sum()),
            int(self.span[last].sum()),
        )

    def _begun(self, at: Ints) -> Begun:
        columns = (self.day, self.gaps, self.span)
        day, gaps, span = (column[at].astype(np.int32) for column in columns)
        return Begun(self.start[at], day, gaps, span, self.value[at])

    def _customers_at(self, instant: float) -> Ints:
        """The last purchase before an instant of everyone not lost by then."""
        lives = (self.start < instant) & (self.next >= instant)
        return np.flatnonzero(lives & (self.lost_at > instant) & (self.closing > instant))


def habits(log: EventLog, lives: Stretches, calendar: BookCalendar) -> Habits:
    """Read the habits off a history.

    Args:
        log: the history that `lives` was cut from.
        lives: what became of the customers.
        calendar: of the books.
    """
    bought = np.isfinite(lives.start)
    row, start = lives.row[bought], lives.start[bought]
    day = calendar.day(start)
    first = np.searchsorted(row, row)  # each customer's first purchase
    days = np.cumsum((np.diff(day, prepend=-1) != 0) | (np.diff(row, prepend=-1) != 0))
    gaps = days - days[first]
    return Habits(
        row=row,
        start=start,
        next=lives.next[bought],
        lost_at=lives.instant[bought],
        closing=lives.closing[bought],
        day=day,
        gaps=gaps,
        span=day - day[first],
        value=_value(_amounts(log, lives), first, gaps),
    )


def _amounts(log: EventLog, lives: Stretches) -> Floats:
    """Amount of each purchase, in the order of the stretches."""
    closing = np.full(len(log.customers), np.inf)
    closing[lives.row] = lives.closing
    kept = (log.events["kind"] == Kind.PURCHASE) & (log.times <= closing[log.rows])
    at = np.flatnonzero(kept)
    at = at[np.argsort(log.rows[at], kind="stable")]
    return log.events["amount"][at].astype(np.float64)


def _value(amounts: Floats, first: Ints, gaps: Ints) -> Floats:
    """Mean value of a purchase day after the first one."""
    spent = np.cumsum(amounts)
    day_one = np.zeros(len(amounts))
    np.maximum.at(day_one, first, np.where(gaps == 0, spent, 0.0))
    later = spent - day_one[first]
    return np.where(gaps > 0, later / np.maximum(gaps, 1), 0.0)


def days_until(instants: Floats, start: Floats) -> Floats:
    """Days from purchases to instants, shape (n,)."""
    return (instants - start) / DAY


def month_after(day: Ints | Small, months: int, calendar: BookCalendar) -> Floats:
    """The end of so many whole calendar months after that of a day, epoch seconds.

    >>> end_of_january = np.array([30])
    >>> month_after(end_of_january, 1, BookCalendar("UTC")) / DAY
    array([59.])
    """
    month = day.astype("datetime64[D]").astype("datetime64[M]") + months + 1
    return calendar.midnight(month.astype("datetime64[D]").astype(np.int64))


def quintiles(values: Floats, cuts: Floats) -> Ints:
    """Quintiles, 1 for the lowest to 5.

    A value at a cut belongs below it: where most have the lowest value there is, they are in 1.

    >>> quintiles(np.array([0.0, 2.0, 9.0]), np.array([0.0, 1.0, 3.0, 4.0])).tolist()
    [1, 3, 5]
    """
    found: Ints = 1 + np.searchsorted(cuts, values, side="left")
    return found
