"""Leaving that shows over days to come, as episodes: since when it could be foretold, till when."""

from typing import Final, NamedTuple

import numpy as np

from modelling.leaving.outcomes import outcomes
from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts.calendar import BookCalendar
from scoring.parameters import Leaving
from scoring.step.replay import EventLog

EVERY: Final = 7.0  # days between looks, more where there are many customers
MOST_LOOKS: Final = 2_000_000


class Episodes(NamedTuple):
    """Runs of looks after each of which customers left, ordered by customer, then time.

    Attributes:
        row: the customer's, shape (n,).
        first: the first look of the run, epoch seconds, shape (n,).
        end: of the days in which leaving shows after the last look, epoch seconds, shape (n,).
        instant: when it has shown: the end of those days after the first look, shape (n,).
    """

    row: Ints
    first: Floats
    end: Floats
    instant: Floats

    def warned(self, rows: Ints, times: Floats) -> tuple[Bools, Floats]:
        """Which have a warning between their beginning and end, and when the first one came.

        Args:
            rows: customers warned of, in any order.
            times: epoch seconds of the warnings.

        Returns:
            Both of shape (n,); the time where there is none means nothing.
        """
        # Complex numbers are ordered by their real part, then by the imaginary one.
        keys = np.sort(rows + 1j * times)
        begun = np.searchsorted(keys, self.row + 1j * self.first)
        ended = np.searchsorted(keys, self.row + 1j * self.end)
        when = np.append(keys.imag, np.nan)[begun]
        return ended > begun, when


def episodes(
    log: EventLog,
    leaving: Leaving,
    start: float,
    end: float,
    calendar: BookCalendar,
    gone_at: Floats | None = None,
    of: int | None = None,
) -> Episodes:
    """Look at all customers weekly, and join what comes to the same.

    Args:
        log: the history, nothing in it after `end`.
        leaving: what counts.
        start: of the first look, epoch seconds.
        end: of the history.
        calendar: of the book.
        gone_at: as `outcomes` takes it.
        of: how many customers there are, where the log is a part's; else those of the log.
    """
    customers, span = len(log.customers), (end - start) / DAY - leaving.within
    every = max(EVERY, span * (of or customers) / MOST_LOOKS)
    looks = start + np.arange(0.0, max(span, 0.0), every) * DAY
    rows = np.repeat(np.arange(customers), len(looks))
    answers = outcomes(log, leaving, rows, np.tile(looks, customers), end, calendar, gone_at)
    left = (answers == 1.0).reshape(customers, len(looks))
    padded = np.pad(left, ((0, 0), (1, 1)))
    row, first = np.nonzero(padded[:, 1:-1] & ~padded[:, :-2])
    _, last = np.nonzero(padded[:, 1:-1] & ~padded[:, 2:])
    within = leaving.within * DAY
    return Episodes(row, looks[first], looks[last] + within, looks[first] + within)
