"""Calendar days of the book's time zone, for arrays of instants.

A table of the zone's offset changes from 1970 to 2100 is built once; look-ups are searches in it.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from scoring.arrays import DAY, Floats, Ints

FIRST: Final = 0
LAST: Final = 4_102_444_800  # 2100-01-01
STEP: Final = 7 * 86_400  # no zone changes its offset twice within a week without a trace after it


@dataclass(frozen=True)
class BookCalendar:
    """Maps instants to days of one time zone and back.

    Attributes:
        zone: IANA name, such as "Asia/Shanghai".

    >>> BookCalendar("Asia/Shanghai").day(np.array([0.0, 57600.0])).tolist()
    [0, 1]
    """

    zone: str
    _changes: Floats = field(init=False, repr=False, compare=False)
    _offsets: Floats = field(init=False, repr=False, compare=False)
    _ends: Floats = field(init=False, repr=False, compare=False)  # of stretches, on their clock

    def __post_init__(self) -> None:
        changes, offsets = _offset_changes(self.zone)
        object.__setattr__(self, "_changes", np.array(changes))
        object.__setattr__(self, "_offsets", np.array(offsets))
        ends = np.array([*changes[1:], np.inf]) + np.array(offsets)
        object.__setattr__(self, "_ends", np.maximum.accumulate(ends))

    def day(self, instants: Floats) -> Ints:
        """Calendar day (days since 1970-01-01) in which each instant (epoch seconds) lies."""
        local = instants + self.offset(instants)
        days: Ints = np.floor(local / DAY).astype(np.int64)
        return days

    def midnight(self, days: Ints) -> Floats:
        """Instant (epoch seconds) at which each calendar day begins.

        Where clocks strike midnight twice that is the first; where they skip it, the moment of the
        skip. A day that a zone skipped whole begins where the next one does.
        """
        local = (days * DAY).astype(np.float64)
        stretch = np.searchsorted(self._ends, local, side="right")
        begins: Floats = np.maximum(local - self._offsets[stretch], self._changes[stretch])
        return begins

    def local_offset(self, local: Floats) -> Floats:
        """Offset from UTC, seconds, of times without one, each the seconds its clock shows.

        Of a time that a clock struck twice it is that of the first; of one that it skipped, that
        before the skip, so that the time counts on as if there had been none (PEP 495).
        """
        stretch = np.searchsorted(self._ends, local, side="right")
        skipped = local - self._offsets[stretch] < self._changes[stretch]
        return self._offsets[stretch - skipped]

    def offset(self, instants: Floats) -> Floats:
        """Offset from UTC, seconds, at each instant (epoch seconds)."""
        if self._offsets.size == 1:
            return np.full(np.shape(instants), self._offsets[0])
        return self._offsets[np.searchsorted(self._changes, instants, side="right") - 1]


@cache
def _offset_changes(zone: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    info = ZoneInfo(zone)
    changes, offsets = [-np.inf], [_offset_at(info, FIRST)]
    for start in range(FIRST, LAST, STEP):
        end = start + STEP
        if _offset_at(info, end) != offsets[-1]:
            changes.append(float(_bisect(info, start, end)))
            offsets.append(_offset_at(info, end))
    return tuple(changes), tuple(offsets)


def _bisect(info: ZoneInfo, low: int, high: int) -> int:
    before = _offset_at(info, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset_at(info, middle) == before else (low, middle)
    return high


def _offset_at(info: ZoneInfo, instant: int) -> float:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant)
    offset = moment.astimezone(info).utcoffset() or timedelta()
    return offset.total_seconds()
