"""Each customer's buying as the models know it: frequency, recency, tenure and mean value.

Days are days of the book, money is minor units of its currency; the definitions are those of the
live state, so that a model is fitted to the very numbers it will score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import numpy as np

from scoring.arrays import DAY, Bools, Floats, Ints
from scoring.facts.calendar import BookCalendar
from scoring.facts.events import Events, Hashes
from scoring.facts.kinds import VALUE, Kind
from scoring.step.replay import EventLog

EPOCH: Final = date(1970, 1, 1)
NO_DAY: Final = np.iinfo(np.int64).min  # the day of no purchase
MOST_DAYS: Final = 1 << 17  # beyond the last day an event may have; the first is -1


@dataclass(frozen=True)
class Summary:
    """Customers who had bought by a day, and how; arrays of shape (customers,).

    Attributes:
        ids: Customer ids.
        rows: Index of each in the log's customers.
        x: Frequency: distinct purchase days less one.
        t_x: Recency: first to last purchase day, days.
        T: First purchase day to the last day looked at, days.
        monetary_value: Mean value of a repeat purchase day, minor units, net of refunds and never
            below 0; 0 where x is 0.
        total_value: Value of all purchases, minor units, net of refunds.
        until: The last day looked at.
    """

    ids: Sequence[bytes]
    rows: Ints
    x: Floats
    t_x: Floats
    T: Floats
    monetary_value: Floats
    total_value: Floats
    until: date


def day_number(day: date) -> int:
    """Days since 1970-01-01.

    >>> day_number(date(1970, 1, 2))
    1
    """
    return (day - EPOCH).days


def date_of(instant: float, calendar: BookCalendar) -> date:
    """The day of the book in which an instant, epoch seconds, lies.

    >>> date_of(86_400.0, BookCalendar("UTC"))
    datetime.date(1970, 1, 2)
    """
    number = int(calendar.day(np.array([instant]))[0])
    return date.fromordinal(EPOCH.toordinal() + number)


def midnight(number: int, calendar: BookCalendar) -> float:
    """The instant, epoch seconds, at which a day of the book begins, numbered by `day_number`.

    >>> midnight(1, BookCalendar("Europe/Zurich"))
    82800.0
    """
    return float(calendar.midnight(np.array([number]))[0])


def first_day(log: EventLog, calendar: BookCalendar) -> date:
    """The day of the log's first event."""
    return date_of(float(log.events["time"][0]), calendar)


def last_day(log: EventLog, calendar: BookCalendar) -> date:
    """The day of the log's last event."""
    return date_of(float(log.events["time"][-1]), calendar)


def summarise(log: EventLog, calendar: BookCalendar, until: date) -> Summary:
    """Sum up the purchases up to and including a day.

    Args:
        log: The history.
        calendar: Days of the book.
        until: The last day that counts. T runs to it, so that a customer who first bought on it
            has T = 0.

    Returns:
        The customers who bought by then, as the log has them.

    >>> from scoring.facts.events import EVENT
    >>> events = np.zeros(3, EVENT)  # purchases of 5.00 on days 0, 2 and 9
    >>> events["id"], events["amount"] = [1, 2, 3], 500
    >>> events["time"] = np.array([0.0, 2.0, 9.0]) * 86_400.0
    >>> log = EventLog([b"ann"], np.zeros(3, np.int64), events)
    >>> ann = summarise(log, BookCalendar("UTC"), date(1970, 1, 10))
    >>> ann.x.tolist(), ann.t_x.tolist(), ann.T.tolist(), ann.monetary_value.tolist()
    ([2.0], [9.0], [9.0], [500.0])
    """
    known = _until(log, calendar, day_number(until))
    firsts = _firsts(known)
    rows = np.flatnonzero(firsts.day != NO_DAY)
    first, last = firsts.day[rows], _lasts(known)[rows]
    x = _distinct_days(known)[rows].astype(np.float64) - 1.0
    total = _sums(known, known.value)[rows]
    repeat = total - _sums(known, np.where(_is_first(known, firsts), known.value, 0))[rows]
    return Summary(
        ids=[log.customers[row] for row in rows.tolist()],
        rows=rows,
        x=x,
        t_x=(last - first).astype(np.float64),
        T=(day_number(until) - first).astype(np.float64),
        monetary_value=np.where(x > 0, np.maximum(repeat / np.maximum(x, 1.0), 0.0), 0.0),
        total_value=total,
        until=until,
    )


def joined(parts: Sequence[Summary], until: date) -> Summary:
    """Summaries of different customers as one, T running to one day.

    Args:
        parts: One at least, each up to a day of its own, none after `until`.
        until: The last day.

    Returns:
        The customers by id; `rows` are their places in the parts, one part after the other.
    """
    ids = np.array([one for part in parts for one in part.ids])
    order = np.argsort(ids)
    later = np.repeat([(until - one.until).days for one in parts], [len(one.ids) for one in parts])

    def column(name: str) -> Floats:
        together: Floats = np.concatenate([getattr(one, name) for one in parts])
        return together[order]

    names = ("x", "t_x", "T", "monetary_value", "total_value")
    columns = {name: column(name) for name in names}
    columns["T"] += later[order]
    return Summary(ids=ids[order].tolist(), rows=order, until=until, **columns)


def purchase_days(log: EventLog, calendar: BookCalendar, after: date, until: date) -> Ints:
    """Distinct purchase days in (after, until] of each of the log's customers, shape (customers,).

    The actual purchases a model's expectation for that stretch is held against.

    >>> from scoring.facts.events import EVENT
    >>> events = np.zeros(3, EVENT)  # purchases, two of them on the second day
    >>> events["time"] = np.array([0.5, 1.2, 1.7]) * 86_400.0
    >>> log = EventLog([b"ann"], np.zeros(3, np.int64), events)
    >>> purchase_days(log, BookCalendar("UTC"), date(1970, 1, 1), date(1970, 1, 2)).tolist()
    [1]
    """
    known = _until(log, calendar, day_number(until))
    later = known.bought & (known.day > day_number(after))
    return _distinct_days(known._replace(bought=later))


class _Known(NamedTuple):
    """The events that move a customer's value, by time."""

    customers: int
    rows: Ints
    bought: Bools
    day: Ints
    value: Ints
    value_day: Ints
    events: Events


class _Firsts(NamedTuple):
    """First purchase of each customer: day, and id (of two at one instant the lower)."""

    day: Ints
    id: Hashes


def _until(log: EventLog, calendar: BookCalendar, last: int) -> _Known:
    end = float(calendar.midnight(np.array([last + 1]))[0])
    known = log.before(end + DAY)  # of a midnight struck twice `end` is the first
    in_time = calendar.day(known.events["time"]) <= last
    at = np.flatnonzero((VALUE[known.events["kind"]] != 0) & in_time)
    events = known.events[["kind", "time", "amount", "id", "reverses", "reversed_time"]][at]
    bought, day = events["kind"] == Kind.PURCHASE, calendar.day(events["time"])
    value_day = np.where(bought, day, calendar.day(events["reversed_time"]))
    value = VALUE[events["kind"]] * events["amount"]
    return _Known(len(log.customers), known.rows[at], bought, day, value, value_day, events)


def _firsts(known: _Known) -> _Firsts:
    rows, day = known.rows[known.bought], known.day[known.bought]
    events = known.events[known.bought]
    # Of several assignments to one place the last one stays.
    first_day = np.full(known.customers, NO_DAY)
    first_day[rows[::-1]] = day[::-1]
    first_time = np.zeros(known.customers)
    first_time[rows[::-1]] = events["time"][::-1]
    first_id = np.full(known.customers, np.iinfo(np.uint64).max)
    earliest = events["time"] == first_time[rows]
    np.minimum.at(first_id, rows[earliest], events["id"][earliest])
    return _Firsts(first_day, first_id)


def _lasts(known: _Known) -> Ints:
    last = np.full(known.customers, NO_DAY)
    last[known.rows[known.bought]] = known.day[known.bought]
    return last


def _distinct_days(known: _Known) -> Ints:
    """Distinct purchase days of each customer, shape (customers,)."""
    keys = known.rows[known.bought] * MOST_DAYS + known.day[known.bought] + 1
    keys.sort()
    fresh = keys[np.flatnonzero(np.diff(keys, prepend=-1))]
    counts: Ints = np.bincount(fresh // MOST_DAYS, minlength=known.customers)
    return counts


def _sums(known: _Known, values: Ints) -> Floats:
    """Sums by customer, exact up to 2^53."""
    sums = np.bincount(known.rows, weights=values, minlength=known.customers)
    return sums.astype(np.float64)


def _is_first(known: _Known, firsts: _Firsts) -> Bools:
    """What counts for the first purchase day, which is no repeat purchase's.

    As in the live state: by the day of the purchase, or by the id of the very first one.
    """
    named = known.events["reverses"] == firsts.id[known.rows]
    is_first: Bools = (known.value_day == firsts.day[known.rows]) | named
    return is_first
