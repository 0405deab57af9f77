from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.facts.calendar import BookCalendar

ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]
EPOCH = date(1970, 1, 1)


@given(st.sampled_from(ZONES), st.integers(0, 4_102_000_000))
def test_days_are_those_of_the_standard_library(zone, instant):
    local = datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo(zone)).date()
    assert BookCalendar(zone).day(np.array([float(instant)]))[0] == (local - EPOCH).days


@given(st.sampled_from(ZONES), st.integers(1, 47_000))
def test_a_day_begins_at_its_midnight(zone, day):
    calendar = BookCalendar(zone)
    start = calendar.midnight(np.array([day]))
    assert calendar.day(start)[0] == day
    assert calendar.day(start - 1)[0] == day - 1


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_offset_is_known_to_the_second(zone):
    calendar = BookCalendar(zone)
    info = ZoneInfo(zone)
    for change in calendar._changes[1:]:
        before, after = (
            (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=change + s)).astimezone(info)
            for s in (-1, 0)
        )
        assert before.utcoffset() != after.utcoffset()
