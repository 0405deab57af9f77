"""Whether customers left, asked at instants: one answer a definition of leaving."""

from functools import cached_property, singledispatchmethod
from typing import Final

import numpy as np

from modelling.leaving.stretches import Fate, Stretches, closings, stretches
from scoring.arrays import DAY, NEVER, Bools, Floats, Ints
from scoring.facts.calendar import BookCalendar
from scoring.facts.kinds import Kind
from scoring.parameters import Closure, FirstOf, Leaving, Partial, Silence
from scoring.step.replay import EventLog

LEAST_LEVEL: Final = 1e-9  # of earlier activity, below which there is no level to fall from


def outcomes(
    log: EventLog,
    leaving: Leaving,
    rows: Ints,
    instants: Floats,
    until: float,
    calendar: BookCalendar,
    gone_at: Floats | None = None,
) -> Floats:
    """Tell who of customers known at instants left, as the bank defines it.

    Args:
        log: the history; what is in it after `until` is left out.
        leaving: what counts.
        rows: the customers, shape (n,).
        instants: epoch seconds at which each is asked about, shape (n,).
        until: up to when the history runs, epoch seconds.
        calendar: of the book, whose days are counted.
        gone_at: epoch seconds when each customer of the log left by the bank's own labels, inf who
            did not; by default when the account was closed.

    Returns:
        1 who left, 0 who stayed, nan where the history ends too soon to tell or the question does
        not arise: gone already, or without an earlier level to fall from. Shape (n,).
    """
    # A purchase after the end would say that a silence ended which had lapsed before.
    known = log.before(float(np.nextafter(until, NEVER)))
    return _Asked(known, rows, instants, until, calendar, gone_at).left(leaving)


class _Asked:
    """Customers at instants, and the history that answers."""

    def __init__(
        self,
        log: EventLog,
        rows: Ints,
        instants: Floats,
        until: float,
        calendar: BookCalendar,
        gone_at: Floats | None,
    ) -> None:
        self.log, self.rows, self.instants, self.until = log, rows, instants, until
        self.calendar, self._gone_at = calendar, gone_at

    @singledispatchmethod
    def left(self, leaving: Leaving) -> Floats:
        """What became of each, by one definition."""
        raise TypeError(type(leaving))

    @left.register
    def _(self, leaving: Silence) -> Floats:
        lives = stretches(self.log, leaving.days, self.until)
        at = self._stretch(lives)
        lost, late = lives.fate[at] == Fate.LOST, lives.instant[at] <= self.instants
        answer = np.where(lost, 1.0, np.where(lives.fate[at] == Fate.UNKNOWN, np.nan, 0.0))
        asked = np.isfinite(lives.start[at]) & ~late
        return np.where(asked, answer, np.nan)

    @left.register
    def _(self, leaving: Closure) -> Floats:
        since = self.gone_at[self.rows] - self.instants
        left = (since >= 0.0) & (since < leaving.within_days * DAY)
        return self._answered(left, leaving.within_days, since >= 0.0)

    @left.register
    def _(self, leaving: Partial) -> Floats:
        activity = _Activity.of(self.log, leaving.measure, self.calendar)
        ends = self.instants + leaving.within_days * DAY
        ahead = activity.between(self.rows, self.instants, ends)
        if not leaving.share:
            return self._answered(ahead <= 0.0, leaving.within_days, self._is_open)
        since = self.instants - leaving.level_days * DAY
        level = activity.between(self.rows, since, self.instants)
        usual = level * leaving.within_days / leaving.level_days
        known = self._is_open & (level > LEAST_LEVEL) & (self._known_for >= leaving.level_days)
        return self._answered(ahead < leaving.share * usual, leaving.within_days, known)

    @left.register
    def _(self, leaving: FirstOf) -> Floats:
        answers = np.stack([self.left(one) for one in leaving.of])
        known, left = ~np.isnan(answers), (answers == 1.0).any(axis=0)
        return np.where(known.all(axis=0), left.astype(np.float64), np.nan)

    @cached_property
    def gone_at(self) -> Floats:
        """When each customer of the log left, or closed the account, inf who did not."""
        return closings(self.log) if self._gone_at is None else self._gone_at

    @property
    def _is_open(self) -> Bools:
        still: Bools = self.gone_at[self.rows] >= self.instants
        return still

    @property
    def _known_for(self) -> Floats:
        """Days since each customer's first event."""
        first = np.full(len(self.log.customers), np.inf)
        np.minimum.at(first, self.log.rows, self.log.times)
        days: Floats = (self.instants - first[self.rows]) / DAY
        return days

    def _stretch(self, lives: Stretches) -> Ints:
        """The stretch each is in; a purchase at the instant itself is not known yet."""
        return lives.at(self.rows, np.nextafter(self.instants, -np.inf))

    def _answered(self, left: Bools, days: float, asked: Bools) -> Floats:
        known = asked & (self.instants + days * DAY <= self.until)
        return np.where(known, left.astype(np.float64), np.nan)


class _Activity:
    """Running totals by customer, in the order of time: of spend, or of days with purchases."""

    def __init__(self, rows: Ints, times: Floats, amounts: Floats) -> None:
        order = np.lexsort((times, rows))
        # Complex numbers are ordered by their real part, then by the imaginary one.
        self._keys = rows[order] + 1j * times[order]
        self._totals = np.concatenate(([0.0], np.cumsum(amounts[order])))

    @classmethod
    def of(cls, log: EventLog, measure: str, calendar: BookCalendar) -> "_Activity":
        at = np.flatnonzero(log.events["kind"] == Kind.PURCHASE)
        rows, times = log.rows[at], log.times[at]
        if measure == "spend":
            return cls(rows, times, log.events["amount"][at].astype(np.float64))
        order = np.lexsort((times, rows))
        rows, times = rows[order], times[order]
        day = calendar.day(times)
        new = (np.diff(rows, prepend=-1) != 0) | (np.diff(day, prepend=day[:1] - 1) != 0)
        return cls(rows[new], times[new], np.ones(int(new.sum())))

    def between(self, rows: Ints, first: Floats, last: Floats) -> Floats:
        """Activity from `first` on and before `last`, shape (n,)."""
        ends = (
            np.searchsorted(self._keys, rows + 1j * when, side="left") for when in (first, last)
        )
        begun, ended = (self._totals[end] for end in ends)
        activity: Floats = ended - begun
        return activity
