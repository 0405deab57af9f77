"""Who left, on hand-made lives and against plain loops over lives at random."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from cases import event, log
from hypothesis import given, settings
from hypothesis import strategies as st

from modelling.leaving import outcomes
from scoring.arrays import DAY
from scoring.facts.calendar import BookCalendar
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.parameters import Closure, FirstOf, Partial, Silence
from scoring.step.replay import EventLog

START, UNTIL = 10_000.0, 400.0
BUY, CLOSE, COMPLAIN = Kind.PURCHASE, Kind.ACCOUNT_CLOSED, Kind.COMPLAINT
UTC_BOOK = BookCalendar("UTC")
SILENT = Silence(days=30.0)
GONE = Closure(type="closure", within_days=40.0)
HALF = Partial(type="partial", within_days=20.0, share=0.5, level_days=40.0)
SPENT = HALF.model_copy(update={"measure": "spend"})
NOTHING = Partial(type="partial", within_days=20.0, share=0.0)
EITHER = FirstOf(type="first_of", of=[SILENT, GONE])
ANY = FirstOf(type="first_of", of=[SILENT, GONE, HALF])
LEFT, STAYED, UNKNOWN = 1.0, 0.0, None


def history(*lives):
    """Customers given as (kind, day) or (kind, day, amount), days counted from `START`."""
    parts = [(one[1], row, one) for row, own in enumerate(lives) for one in own]
    parts.sort(key=lambda part: part[0])
    made = [event(one[0], START + one[1], *one[2:]) for _, _, one in parts]
    events = log(*made) if made else np.empty(0, EVENT)
    names = [b"c%d" % row for row in range(len(lives))]
    return EventLog(names, np.array([row for _, row, _ in parts], np.int64), events)


def asked(log_, leaving, looks, until=UNTIL, gone=None, zone=UTC_BOOK):
    """Answers for (customer, day) looks, None for nan."""
    rows = np.array([row for row, _ in looks], np.int64)
    instants = (START + np.array([day for _, day in looks], np.float64)) * DAY
    gone_at = None if gone is None else (START + np.array(gone, np.float64)) * DAY
    end = (START + until) * DAY
    found = outcomes(log_, leaving, rows, instants, end, zone, gone_at)
    return [None if math.isnan(one) else one for one in found.tolist()]


WEEKLY = [(BUY, day) for day in range(0, 92, 7)]  # until day 91


@pytest.mark.parametrize(
    ("leaving", "life", "day", "expected"),
    [
        (SILENT, [(BUY, 0), (BUY, 30)], 10, STAYED),  # at the very instant is in time
        (SILENT, [(BUY, 0), (BUY, 30.001)], 10, LEFT),
        (SILENT, [(BUY, 0), (BUY, 10)], 10, STAYED),  # what is at the instant is to come
        (SILENT, [(BUY, 0)], 30, UNKNOWN),  # has left already
        (SILENT, [(BUY, 0)], 29.999, LEFT),
        (SILENT, [(BUY, 0), (CLOSE, 12)], 10, LEFT),
        (SILENT, [(BUY, 0), (CLOSE, 12)], 12, UNKNOWN),
        (SILENT, [(BUY, 0), (BUY, 11), (CLOSE, 12)], 10, STAYED),  # not this silence
        (SILENT, [(BUY, 0), (CLOSE, 12), (BUY, 14)], 10, LEFT),
        (SILENT, [(BUY, 370)], 375, LEFT),
        (SILENT, [(BUY, 371)], 375, UNKNOWN),  # the history ends too soon
        (SILENT, [(BUY, 371), (CLOSE, 380)], 375, LEFT),
        (SILENT, [(COMPLAIN, 5)], 10, UNKNOWN),  # no silence of who never bought
        (GONE, [(BUY, 0), (CLOSE, 49.9)], 10, LEFT),
        (GONE, [(BUY, 0), (CLOSE, 50)], 10, STAYED),
        (GONE, [(CLOSE, 10)], 10, LEFT),
        (GONE, [(CLOSE, 9)], 10, UNKNOWN),
        (GONE, [(CLOSE, 60), (CLOSE, 20)], 10, LEFT),
        (GONE, [(BUY, 0)], 360, STAYED),
        (GONE, [(BUY, 0), (CLOSE, 361)], 360.1, UNKNOWN),
        (NOTHING, [(BUY, 0)], 10, LEFT),
        (NOTHING, [(BUY, 30)], 10, LEFT),  # the last instant is out
        (NOTHING, [(BUY, 29.9)], 10, STAYED),
        (NOTHING, [(BUY, 10)], 10, STAYED),
        (NOTHING, [(BUY, 0)], 381, UNKNOWN),
        (NOTHING, [(CLOSE, 5)], 10, UNKNOWN),
        (HALF, WEEKLY, 60, STAYED),
        (HALF, [*WEEKLY[:9], (BUY, 77)], 60, LEFT),
        (HALF, [*WEEKLY[:9], (BUY, 77), (BUY, 77.5)], 60, LEFT),  # one day
        (HALF, [*WEEKLY[:9], (BUY, 77), (BUY, 78)], 60, STAYED),
        (HALF, WEEKLY, 39, UNKNOWN),  # not known for long enough
        (HALF, [(COMPLAIN, 0), (BUY, 70)], 60, UNKNOWN),  # no level to fall from
        (HALF, [*WEEKLY, (CLOSE, 59)], 60, UNKNOWN),
        (EITHER, [(BUY, 0), (BUY, 20), (CLOSE, 45)], 10, LEFT),
        (EITHER, [(BUY, 0), (BUY, 20), (BUY, 45), (CLOSE, 60)], 10, STAYED),
        (EITHER, [(BUY, 0), (BUY, 375)], 365, UNKNOWN),
        (ANY, [(BUY, 0), (BUY, 20)], 10, UNKNOWN),  # one part of it is
    ],
)
def test_a_life_is_answered_as_the_definition_says(leaving, life, day, expected):
    assert asked(history(life), leaving, [(0, day)]) == [expected]


def test_spend_is_counted_as_it_is_and_days_once():
    many = [*WEEKLY[:9], (BUY, 70, 900), (BUY, 70.1, 900)]
    few = [*WEEKLY[:9], (BUY, 70, 700), (BUY, 71, 600)]  # of 2 850 the days before had on average
    assert asked(history(many, few), SPENT, [(0, 60), (1, 60)]) == [STAYED, LEFT]
    assert asked(history(many, few), HALF, [(0, 60), (1, 60)]) == [LEFT, STAYED]


def test_the_banks_own_labels_take_the_place_of_the_accounts_end():
    log_ = history([(BUY, 0), (CLOSE, 20)], [(BUY, 0)])
    looks = [(0, 10), (1, 10), (1, 31)]
    assert asked(log_, GONE, looks) == [LEFT, STAYED, STAYED]
    assert asked(log_, GONE, looks, gone=[np.inf, 30.0]) == [STAYED, LEFT, UNKNOWN]


def test_days_are_those_of_the_book():
    late = [(BUY, day) for day in range(0, 57, 7)] + [(BUY, 70.7), (BUY, 71.1)]
    shanghai = BookCalendar("Asia/Shanghai")
    assert asked(history(late), HALF, [(0, 60)]) == [STAYED]
    assert asked(history(late), HALF, [(0, 60)], zone=shanghai) == [LEFT]


def test_what_comes_after_the_end_is_not_known():
    early, late = history([(BUY, 0)]), history([(BUY, 0), (BUY, 31), (CLOSE, 35)])
    for leaving in (SILENT, GONE, NOTHING, EITHER):
        for until in (25.0, 30.0, 30.5):
            told = asked(late, leaving, [(0, 5)], until)
            assert told == asked(early, leaving, [(0, 5)], until)


def test_nobody_is_asked_about():
    assert asked(history([(BUY, 0)]), ANY, []) == []
    assert asked(history(), SILENT, []) == []


class Plain:
    """The definitions once more, a customer and an instant at a time."""

    def __init__(self, life, until, zone):
        self.until, self.zone = until, ZoneInfo(zone)
        self.closed = min([day for kind, day, *_ in life if kind == CLOSE], default=math.inf)
        self.known = min([one[1] for one in life], default=math.inf)
        self.bought = sorted(one[1:] for one in life if one[0] == BUY)

    def left(self, leaving, day):
        named = {Silence: self.silence, Closure: self.closure, Partial: self.partial}
        if isinstance(leaving, FirstOf):
            parts = [self.left(one, day) for one in leaving.of]
            return None if None in parts else max(parts)
        return named[type(leaving)](leaving, day)

    def silence(self, leaving, day):
        days = [at for at, _ in self.bought if at <= self.closed]
        before = [at for at in days if at < day]
        if not before:
            return None
        following = min([at for at in days if at >= day], default=math.inf)
        reached = max(before) + leaving.days
        ends = self.closed if following == math.inf and self.closed < reached else reached
        if ends <= day:
            return None
        if following <= reached:
            return STAYED
        return LEFT if ends <= self.until else STAYED if following < math.inf else None

    def closure(self, leaving, day):
        if self.closed < day or day + leaving.within_days > self.until:
            return None
        return float(self.closed < day + leaving.within_days)

    def partial(self, leaving, day):
        if self.closed < day or day + leaving.within_days > self.until:
            return None
        ahead = self.activity(leaving.measure, day, day + leaving.within_days)
        if not leaving.share:
            return float(ahead == 0)
        level = self.activity(leaving.measure, day - leaving.level_days, day)
        if not level or day - self.known < leaving.level_days:
            return None
        return float(ahead < leaving.share * (level * leaving.within_days / leaving.level_days))

    def activity(self, measure, first, last):
        total, seen = 0, set()
        for at, amount in self.bought:
            here = datetime.fromtimestamp((START + at) * DAY, UTC).astimezone(self.zone).date()
            if first <= at < last:
                total += amount if measure == "spend" else here not in seen
            seen.add(here)
        return total


KINDS = st.sampled_from([BUY, BUY, BUY, BUY, CLOSE, COMPLAIN])
LIFE = st.lists(
    st.tuples(KINDS, st.integers(0, 480).map(lambda n: n / 4), st.integers(0, 5)), max_size=25
)
LIVES = st.lists(LIFE, min_size=1, max_size=3)
PARTS = [SILENT, GONE, HALF, SPENT, NOTHING, EITHER, ANY]


@settings(max_examples=150)
@given(LIVES, st.sampled_from(PARTS), st.sampled_from(["UTC", "America/New_York"]))
def test_outcomes_equal_plain_loops_over_lives(lives, leaving, zone):
    looks = [(row, day) for row in range(len(lives)) for day in (0, 25.25, 41, 60.5, 77, 85, 110)]
    found = asked(history(*lives), leaving, looks, 120.0, zone=BookCalendar(zone))
    plain = [Plain(life, 120.0, zone) for life in lives]
    assert found == [plain[row].left(leaving, day) for row, day in looks]
