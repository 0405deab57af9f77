"""Repeat purchases of everybody together, day by day: made, and expected by a purchase model."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from modelling.history import Summary
from modelling.history.summary import MOST_DAYS, day_number
from scoring.arrays import Floats, Ints
from scoring.facts.calendar import BookCalendar
from scoring.facts.kinds import Kind
from scoring.models import PurchaseModel
from scoring.step.replay import EventLog

WEEK: Final = 7


@dataclass(frozen=True)
class Tracked:
    """Cumulative repeat purchases of a fit's customers at the ends of weeks.

    Weeks are counted back and forth from the fit's last day, so the first one may be cut.

    Attributes:
        days: Since the first customer's first purchase day, rising, shape (weeks + 1,).
        expected: By the model, shape (weeks + 1,).
        actual: Made, shape (weeks + 1,).
        fitted: Day of the fit's end.
    """

    days: Floats
    expected: Floats
    actual: Floats
    fitted: float

    @property
    def weekly(self) -> tuple[Floats, Floats, Floats]:
        """End, expected and actual purchases of each whole week."""
        whole = np.flatnonzero(np.diff(self.days) == WEEK)
        expected, actual = np.diff(self.expected), np.diff(self.actual)
        return self.days[whole + 1], expected[whole], actual[whole]


def track(
    log: EventLog, calendar: BookCalendar, model: PurchaseModel, summary: Summary, end: int
) -> Tracked:
    """Add up repeat purchases of the customers of a summary.

    Sum of E[X(t - t0)] over customers, t0 being the first purchase day: the tracking plots of
    Fader, Hardie and Lee 2005 (Marketing Science 24), figures 2 and 3.

    Args:
        log: The history.
        calendar: Days of the book.
        model: In days.
        summary: The fit's customers.
        end: Number of the last day to look at, that of the holdout or of the fit.
    """
    first = (day_number(summary.until) - summary.T).astype(np.int64)
    start = int(first.min())
    repeats = _repeats(log, calendar, summary.rows, first)
    made = np.bincount(repeats[repeats <= end] - start, minlength=end - start + 1)
    came = np.bincount(first - start, minlength=end - start + 1)
    each = model.expected_repeat_purchases(np.arange(end - start + 1.0))
    expected = np.convolve(came, each)[: end - start + 1]
    days = _ends(day_number(summary.until) - start, end - start)
    return Tracked(
        days=days.astype(np.float64),
        expected=expected[days],
        actual=np.cumsum(made)[days].astype(np.float64),
        fitted=float(day_number(summary.until) - start),
    )


def _repeats(log: EventLog, calendar: BookCalendar, rows: Ints, first: Ints) -> Ints:
    """Day of every repeat purchase day of some rows' customers, one entry for each customer."""
    bought = log.events["kind"] == Kind.PURCHASE
    begun = np.full(len(log.customers), np.iinfo(np.int64).max)
    begun[rows] = first
    row, day = log.rows[bought], calendar.day(log.times[bought])
    later = day > begun[row]
    keys = np.unique(row[later] * MOST_DAYS + day[later])
    days: Ints = keys % MOST_DAYS
    return days


def _ends(fitted: int, end: int) -> Ints:
    """Ends of weeks around the fit's end, the first and the last day beside them."""
    weeks = np.arange(fitted % WEEK, end + 1, WEEK)
    days: Ints = np.unique(np.concatenate([[0], weeks, [end]]))
    return days
