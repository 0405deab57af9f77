"""Every zone and every change of its clocks from 1970 to 2035."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import _zoneinfo, available_timezones

import numpy as np
import polars as pl
import pytest

from modelling.history.table.times import microseconds
from scoring.arrays import DAY
from scoring.facts.calendar import BookCalendar

FIRST, LAST = 0, 2_082_758_400  # 1970 and 2036
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})


@cache
def changes(zone: str) -> tuple[float, ...]:
    """When the clocks change, as the zone's own file tells: its table, then its rule."""
    info = _zoneinfo.ZoneInfo(zone)
    listed = list(info._trans_utc)
    after = info._tz_after
    begin = max(listed[-1] if listed else FIRST, FIRST)
    ruled = []
    if hasattr(after, "transitions"):
        for year in range(1969, 2037):
            start, end = after.transitions(year)
            standard, summer = (
                each.total_seconds() for each in (after.std.utcoff, after.dst.utcoff)
            )
            ruled += [start - standard, end - summer]
    times = {*listed, *(each for each in ruled if each > begin)}
    return tuple(sorted(float(each) for each in times if FIRST < each < LAST))


def local(zone: str, instant: float) -> datetime:
    return (EPOCH + timedelta(seconds=instant)).astimezone(_zoneinfo.ZoneInfo(zone))


def day(zone: str, instant: float) -> int:
    return local(zone, instant).date().toordinal() - EPOCH.date().toordinal()


@pytest.mark.slow
@pytest.mark.by_lot(40)
@pytest.mark.parametrize("zone", ZONES)
def test_days_and_midnights_are_those_of_the_zones_own_clocks(zone: str) -> None:
    calendar, own = BookCalendar(zone), changes(zone)
    around = [c + d for c in own for d in (-1, 0, 1, 3599, 7200, -3600)]
    if around:
        expected = [day(zone, each) for each in around]
        assert calendar.day(np.array(around)).tolist() == expected
    days = sorted({day(zone, c) + near for c in own for near in (-1, 0, 1, 2)})
    begins = calendar.midnight(np.array(days or [0])).tolist()
    for number, begin in zip(days, begins, strict=False):
        # The first instant of the day: before it there was none, neither just now nor at a change.
        before = [begin - 1.0]
        near = [c for c in own if begin - 3 * DAY < c < begin]
        before += near + [c - 1.0 for c in near]
        assert all(day(zone, each) < number for each in before), (number, begin)
        assert day(zone, begin) >= number
    assert all(later >= earlier for earlier, later in pairwise(begins))


@pytest.mark.slow
@pytest.mark.by_lot(40)
@pytest.mark.parametrize("zone", ZONES)
def test_a_time_without_an_offset_is_what_the_zones_clocks_showed_first(zone: str) -> None:
    own = changes(zone)
    shown = [
        local(zone, c + d).replace(tzinfo=None, fold=0) + timedelta(minutes=m)
        for c in own
        for d in (-1800, 0, 1800)
        for m in (-61, 0, 61)
    ]
    # Where a clock skipped a time, PEP 495 counts on as if it had not.
    expected = [each.replace(tzinfo=_zoneinfo.ZoneInfo(zone)).timestamp() for each in shown]
    found = microseconds(pl.Series(shown, dtype=pl.Datetime("us")), zone, "")
    kept = [t for t, e in zip(found.to_list(), expected, strict=True) if e >= 0]
    assert kept == [round(e * 1e6) for e in expected if e >= 0]


def test_a_day_begins_at_the_skip_of_a_midnight_and_a_skipped_day_where_the_next_one_does() -> None:
    santiago = BookCalendar("America/Santiago")
    skip = datetime(2025, 9, 7, 4, tzinfo=UTC).timestamp()
    number = day("America/Santiago", skip)
    assert santiago.midnight(np.array([number])).tolist() == [skip]
    assert santiago.day(np.array([skip - 1.0, skip])).tolist() == [number - 1, number]
    apia, gone = BookCalendar("Pacific/Apia"), datetime(2011, 12, 30, 10, tzinfo=UTC).timestamp()
    number = day("Pacific/Apia", gone)
    assert apia.midnight(np.array([number - 1, number])).tolist() == [gone, gone]
