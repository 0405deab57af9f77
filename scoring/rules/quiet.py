"""Hours and weekdays in which nothing is raised: it waits until they end."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from scoring.arrays import Bools, Floats, Ints
from scoring.facts.calendar import BookCalendar

WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
MINUTE: Final = 60.0  # seconds
MINUTES: Final = 1_440  # of a day
WEEK: Final = 7 * MINUTES
EPOCH: Final = 3  # 1970-01-01 was a Thursday
HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


def span(text: str) -> tuple[int, int]:
    """Minutes of the day at which daily quiet hours begin and end.

    Raises:
        ValueError: it is no such span.

    >>> span("21:30-08:00")
    (1290, 480)
    """
    found = HOURS.fullmatch(text)
    if found is None:
        raise ValueError("expected hours such as 21:00-08:00")
    hour, minute, until_hour, until_minute = map(int, found.groups())
    begin, end = 60 * hour + minute, 60 * until_hour + until_minute
    if begin == end:
        raise ValueError("expected hours that end at another minute than they begin")
    return begin, end


@dataclass(frozen=True)
class Quiet:
    """Stretches of every week, by the clock of the book's time zone.

    Attributes:
        hours: minutes of the day from which and up to which it is quiet, which may pass midnight;
            None for no such hours.
        weekdays: days that are quiet as a whole, 0 for Monday.
    """

    hours: tuple[int, int] | None = None
    weekdays: tuple[int, ...] = ()

    @classmethod
    def of(cls, hours: str | None, weekdays: Iterable[str]) -> "Quiet":
        """As a rules file states them."""
        days = tuple(sorted({WEEKDAYS.index(day) for day in weekdays}))
        return cls(None if hours is None else span(hours), days)

    def holds(self, instants: Floats, calendar: BookCalendar) -> Bools:
        """Whether it is quiet at instants, epoch seconds, shape as given.

        >>> night, noon = 22.0 * 3_600, 12.0 * 3_600
        >>> Quiet((1260, 480)).holds(np.array([night, noon]), BookCalendar("UTC")).tolist()
        [True, False]
        """
        holds: Bools = self._quiet[self._minute(instants + calendar.offset(instants))]
        return holds

    def ends(self, instants: Floats, calendar: BookCalendar) -> Floats:
        """When the quiet at instants ends, epoch seconds; the instants where it is not quiet.

        Where clocks change meanwhile it may be told too early, at an instant that is quiet itself,
        and never too late.
        """
        offset = calendar.offset(instants)
        local = instants + offset
        minute = self._minute(local)
        end = np.floor(local / MINUTE) * MINUTE + self._until_loud[minute] * MINUTE
        ends = np.minimum(end - offset, end - calendar.offset(end - offset))
        return np.where(self._quiet[minute], np.maximum(ends, instants), instants)

    @staticmethod
    def _minute(local: Floats) -> Ints:
        """Minutes since Monday's midnight."""
        minutes = np.floor(local / MINUTE).astype(np.int64) + EPOCH * MINUTES
        whole: Ints = minutes % WEEK
        return whole

    @cached_property
    def _quiet(self) -> Bools:
        """Whether each minute of the week is quiet."""
        minutes = np.arange(WEEK)
        quiet: Bools = np.isin(minutes // MINUTES, self.weekdays)
        if self.hours is not None:
            begin, end = self.hours
            of_day = minutes % MINUTES
            after, before = of_day >= begin, of_day < end
            quiet |= (after & before) if begin < end else (after | before)
        return quiet

    @cached_property
    def _until_loud(self) -> Ints:
        """Minutes from each minute of the week to the next that is not quiet."""
        loud = np.flatnonzero(~self._quiet)
        twice = np.concatenate([loud, loud + WEEK])
        minutes = np.arange(WEEK)
        return twice[np.searchsorted(twice, minutes)] - minutes
