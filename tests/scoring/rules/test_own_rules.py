"""Rules of a bank's own, stepped: timed to the second, held in quiet hours, cut anywhere."""

import numpy as np
import pytest
from cases import MODEL, event, log, purchases, run
from hypothesis import given, settings
from hypothesis import strategies as st
from test_rules_file import own
from trying import few

from scoring.arrays import DAY
from scoring.facts.calendar import BookCalendar
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.feature import FACETS, Feature, InSilence
from scoring.features import measured
from scoring.model import ScoringModel
from scoring.rules import Quiet, read_rules, shipped

HOUR = 3_600.0
WEEKLY = [20_000.4 + 7 * week for week in range(12)]


def of(content):
    return ScoringModel(MODEL.parameters, read_rules(content))


def warned(content, events, until, slot=10):
    warnings = run(events, model=of(content), until=until).warnings
    own_ones = warnings[warnings["rule"] == slot]
    return list(zip(own_ones["after"].tolist(), own_ones["now"].tolist(), strict=True))


def test_a_rising_value_is_warned_about_to_the_second():
    told = warned(own(), purchases(*WEEKLY), WEEKLY[-1] + 200)
    midnight = np.floor(WEEKLY[-1])
    assert [after for after, _ in told] == [1, 2]
    assert [now - midnight * DAY for _, now in told] == pytest.approx([60 * DAY, 120 * DAY], abs=1)


def test_a_value_below_its_threshold_is_warned_about_when_silence_takes_it_there():
    content = own(value='"p_alive"', direction='"below"', middle=0.5, high=0.2)
    told = warned(content, purchases(*WEEKLY), WEEKLY[-1] + 600)
    assert [after for after, _ in told] == [1, 2]
    states = run(purchases(*WEEKLY)).states
    for (_, now), threshold in zip(told, (0.5, 0.2), strict=True):
        at = measured(np.repeat(states, 2), np.array([now - 2.0, now]), MODEL)[Feature.P_ALIVE]
        assert at[0] > threshold >= at[1]


def test_a_falling_value_eases_and_clears_by_itself():
    content = own(value='"complaints"', middle=0.9, high=1.8, hysteresis=0.4)
    events = log(*(event(Kind.COMPLAINT, 20_000 + n / 10) for n in range(2)))
    told = warned(content, events, 20_400)
    assert [after for after, _ in told] == [1, 2, 1, 0]
    half_life = MODEL.parameters.half_lives_days[1]
    value = 1.0 + 0.5 ** (0.1 / half_life)
    fades = [half_life * np.log2(value / kept) for kept in (1.4, 0.5)]
    instants = [(20_000.1 + days) * DAY for days in fades]
    assert [now for _, now in told[2:]] == pytest.approx(instants, abs=1.0)


def test_a_held_value_is_judged_at_events_only():
    content = own(value='"bad_survey"', middle=0.5, high=1.0)
    events = log(event(Kind.SURVEY, 20_000, score=1), event(Kind.SURVEY, 20_300, score=5))
    assert warned(content, events, 20_500) == [(2, 20_000 * DAY), (0, 20_300 * DAY)]


def test_a_class_of_customers_has_thresholds_of_its_own():
    content = own(segment="{ nps.detractor = { middle = 30, high = 40 } }")
    bought = purchases(*WEEKLY)
    angry = log(bought, event(Kind.NPS, WEEKLY[-1], score=0, id=9))
    days = [
        [
            round((now - np.floor(WEEKLY[-1]) * DAY) / DAY)
            for _, now in warned(content, log_of, 20_400)
        ]
        for log_of in (bought, angry)
    ]
    assert days == [[60, 120], [30, 40]]


def test_each_rule_may_have_its_own_cooldown():
    twice = purchases(*WEEKLY, WEEKLY[-1] + 65)
    for days, again in ((1, 1), (300, 0)):
        told = warned(own(cooldown_days=days, high=300), twice, WEEKLY[-1] + 65 + 100)
        assert len([now for after, now in told if after == 1]) == 1 + again


def test_what_would_rise_in_quiet_hours_waits_until_they_end():
    """60 whole days after a purchase it is midnight: quiet until eight."""
    content = own(quiet='{ hours = "21:00-08:00" }')
    told = warned(content, purchases(*WEEKLY), WEEKLY[-1] + 200)
    assert [after for after, _ in told] == [1, 2]
    ends = [(np.floor(WEEKLY[-1]) + days) * DAY + 8 * HOUR for days in (60, 120)]
    assert [now for _, now in told] == pytest.approx(ends, abs=2.0)
    assert all(now >= end for (_, now), end in zip(told, ends, strict=True))


def test_what_is_judged_at_events_only_is_raised_when_quiet_hours_end_and_eases_in_them():
    content = own(value='"bad_survey"', middle=0.5, high=1.0, quiet='{ hours = "21:00-08:00" }')
    night = 20_000 + 23 / 24
    one, five = event(Kind.SURVEY, night, score=1), event(Kind.SURVEY, 20_003 + 23 / 24, score=5)
    told = warned(content, log(one, five), 20_100)
    assert [after for after, _ in told] == [2, 0]
    assert told[0][1] == pytest.approx(20_001 * DAY + 8 * HOUR, abs=2.0)
    assert told[1][1] == (20_003 + 23 / 24) * DAY
    healed = log(one, event(Kind.SURVEY, night + 1 / 24, score=5))
    assert warned(content, healed, 20_100) == []


CUT = b"""name = "all"
quiet = { hours = "21:00-08:00", weekdays = ["sunday"] }
[rule.quiet_days]
slot = 10
value = "days_since_last"
middle = 10
high = 30
actions = { middle = "a", high = "b" }
[rule.quiet_days.segment.nps.detractor]
middle = 5
high = 15
[rule.fading]
slot = 11
value = "p_alive"
direction = "below"
middle = 0.8
high = 0.3
points = 10
hysteresis = 0.05
actions = { middle = "a", high = "b" }
[rule.grumbles]
slot = 12
value = "complaints"
middle = 0.7
high = 1.5
hysteresis = 0.2
points = 5
cooldown_days = 2
quiet = false
actions = { middle = "a", high = "b" }
interventions = { middle = "win_back" }
"""
KINDS = (Kind.PURCHASE, Kind.COMPLAINT, Kind.NPS, Kind.SURVEY, Kind.APP_SESSION)


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(15), deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 4), st.floats(0.0, 9.0), st.integers(1, 5)), max_size=25),
    st.lists(st.integers(1, 24), max_size=4),
)
def test_any_cut_of_the_log_gives_the_same_bytes(life, cuts):
    day, events = 20_000.0, []
    for kind, gap, score in life:
        day += gap
        events.append(event(KINDS[kind], day, score=score))
    if not events:
        return
    events = log(*events)
    inside = sorted({cut for cut in cuts if cut < len(events)})
    model = of(CUT)
    once, cut = (run(events, cuts=at, model=model, until=day + 90) for at in ([], inside))
    assert once.warnings.tobytes() == cut.warnings.tobytes()
    assert once.states.tobytes() == cut.states.tobytes()
    calendar, quiet = BookCalendar("UTC"), model.rules[10].quiet
    up = once.warnings[
        (once.warnings["after"] > once.warnings["before"]) & (once.warnings["rule"] != 12)
    ]
    assert not quiet.holds(up["now"], calendar).any()


@settings(max_examples=few(25), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0.0, 60.0)), min_size=1, max_size=12))
def test_every_feature_moves_in_silence_as_its_facet_says(life):
    day, events = 20_000.0, []
    for kind, gap in life:
        day += gap
        events.append(event(KINDS[kind], day, score=2))
    states = np.repeat(run(log(*events)).states, 40)
    now = states["last_event"] + np.linspace(0.0, 500.0, 40) * DAY
    matrix = measured(states, now, MODEL)
    for feature, facet in FACETS.items():
        change = np.diff(matrix[feature])
        slack = 1e-12 * (1.0 + np.abs(matrix[feature]).max())
        if facet.in_silence in {InSilence.RISES, InSilence.HELD}:
            assert (change >= -slack).all(), feature
        if facet.in_silence in {InSilence.FALLS, InSilence.HELD}:
            assert (change <= slack).all(), feature


@settings(max_examples=few(25), deadline=None)
@given(
    st.integers(0, 24 * 366 * 60),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"]),
    st.sampled_from([(1290, 480), (540, 1020), (0, 1), (120, 180)]),
    st.sets(st.integers(0, 6), max_size=3),
)
def test_quiet_ends_at_the_first_minute_that_is_not_quiet(minute, zone, hours, weekdays):
    calendar, quiet = BookCalendar(zone), Quiet(hours, tuple(sorted(weekdays)))
    now = np.array([19_700 * DAY + minute * 60.0 + 17.0])
    ends = quiet.ends(now, calendar)
    for _ in range(4):  # told too early where clocks change, which the next look mends
        ends = quiet.ends(ends, calendar)
    assert not quiet.holds(ends, calendar).any()
    if not quiet.holds(now, calendar).any():
        assert ends == now
        return
    between = np.arange(now[0], ends[0], 60.0)
    assert quiet.holds(between, calendar).all()


def test_rules_that_nothing_states_otherwise_leave_every_byte_as_it_was():
    events = log(purchases(*WEEKLY), event(Kind.COMPLAINT, 20_090))
    as_shipped = run(events, model=ScoringModel(MODEL.parameters, read_rules(b"")), until=20_300)
    plain = run(events, until=20_300)
    assert as_shipped.warnings.tobytes() == plain.warnings.tobytes()
    assert as_shipped.states.tobytes() == plain.states.tobytes()
    assert shipped().quiet == () == shipped().segmented
    assert len(new_states(1)) == 1
