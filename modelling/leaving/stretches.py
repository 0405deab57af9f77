"""What became of customers: their lives cut at purchases, and which stretches end in a lapse."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from scoring.arrays import DAY, NEVER, Bools, Floats, Ints
from scoring.facts.kinds import Kind
from scoring.step.replay import EventLog


class Fate(IntEnum):
    """How a stretch without a purchase ends."""

    BOUGHT = 0
    LOST = 1
    UNKNOWN = 2  # the history ends first


@dataclass(frozen=True)
class Stretches:
    """From a purchase to the next, ordered by customer, then time.

    A customer is lost at the instant N days after a purchase if none followed by then, a purchase
    at that very instant included; or when the account is closed, if that is earlier. One stretch
    is one lapse at most, and who buys after a lapse may lapse again. Purchases after the account
    was closed do not count. Each customer's first stretch begins before all events, has no
    purchase, and can end in a lapse only by closure. A stretch is of unknown fate where the history
    ends sooner than N days after its purchase.

    Attributes:
        row: the customer's, shape (n,).
        start: instant of the purchase it begins with, -inf in each customer's first stretch.
        next: instant of the purchase that ends it, inf where none does.
        fate: `Fate` codes.
        instant: of the lapse, inf where it is none.
        closing: when the customer's account is closed, inf for never.
    """

    row: Ints
    start: Floats
    next: Floats
    fate: Ints
    instant: Floats
    closing: Floats

    @property
    def lost(self) -> Bools:
        """Which stretches are lapses."""
        lost: Bools = self.fate == Fate.LOST
        return lost

    def at(self, rows: Ints, times: Floats) -> Ints:
        """The stretch each of some instants is in; a purchase's own instant is in the next one.

        Args:
            rows: customers.
            times: epoch seconds.

        Returns:
            Indices of stretches.
        """
        low = np.searchsorted(self.row, rows, side="left")
        high = np.searchsorted(self.row, rows, side="right")
        while (high - low > 1).any():  # the first stretch of each customer has begun in any case
            middle = (low + high) // 2
            begun = self.start[middle] <= times
            low, high = np.where(begun, middle, low), np.where(begun, high, middle)
        return low


def stretches(log: EventLog, days: float, until: float) -> Stretches:
    """Cut a history's customers' lives at their purchases.

    Args:
        log: the history, nothing in it after `until`.
        days: N.
        until: up to when the history runs, epoch seconds.

    >>> from scoring.facts.events import EVENT
    >>> events = np.zeros(2, EVENT)  # purchases, days 0 and 10
    >>> events["time"] = 0.0, 10.0 * DAY
    >>> log = EventLog([b"ann"], np.zeros(2, np.int64), events)
    >>> [Fate(fate).name for fate in stretches(log, days=30.0, until=50.0 * DAY).fate]
    ['BOUGHT', 'BOUGHT', 'LOST']
    """
    closing = closings(log)
    row, start = _starts(log, closing)
    is_last = np.diff(row, append=-1) != 0
    following = np.where(is_last, NEVER, np.append(start[1:], NEVER))
    silent_at, closed_at = start + days * DAY, closing[row]
    silent = np.isfinite(start) & (silent_at < following)
    silent &= silent_at <= np.minimum(closed_at, until)
    closed = ~silent & is_last & np.isfinite(closed_at)
    instant = np.where(silent, silent_at, np.where(closed, closed_at, NEVER))
    fate = np.where(is_last, int(Fate.UNKNOWN), int(Fate.BOUGHT))
    fate = np.where(silent | closed, int(Fate.LOST), fate)
    return Stretches(row, start, following, fate, instant, closed_at)


def closings(log: EventLog) -> Floats:
    """When each customer's account was closed first, inf for never, shape (customers,)."""
    closing = np.full(len(log.customers), NEVER)
    at = np.flatnonzero(log.events["kind"] == Kind.ACCOUNT_CLOSED)
    np.minimum.at(closing, log.rows[at], log.times[at])
    return closing


def _starts(log: EventLog, closing: Floats) -> tuple[Ints, Floats]:
    """Customer and beginning of every stretch, ordered: the log is by time already."""
    bought = log.events["kind"] == Kind.PURCHASE
    at = np.flatnonzero(bought & (log.times <= closing[log.rows]))
    customers = np.arange(len(log.customers))
    row = np.concatenate([customers, log.rows[at]])
    start = np.concatenate([np.full(len(customers), -NEVER), log.times[at]])
    order = np.argsort(row, kind="stable")
    return row[order], start[order]
