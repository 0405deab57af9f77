"""The gate: what it learns against an oracle, when it holds and lets go, and never by the cut."""

import math
from collections import defaultdict
from functools import cache
from itertools import pairwise
from statistics import fmean

import numpy as np
import pytest
from gate_logs import HOUR, START, WEEK, log
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.facts.kinds import Kind
from scoring.warning.gate import (
    GateError,
    Stream,
    advance,
    arrivals,
    merged,
    new_gate,
    pack,
    unpack,
)
from scoring.warning.gate.arrivals import NOTHING
from scoring.warning.gate.holds import OPEN, next_try
from scoring.warning.gate.quiet import ALIVE, BELIEVED, DEAD, is_slow, risen
from scoring.warning.gate.streams import CHANNELS, STREAMS
from scoring.warning.gate.usual import expected

# Of months of a busy feed: to be watched takes them five times as long, and others cover the same.
months = pytest.mark.no_cover

OFF = START + 10 * WEEK + 5 * 86_400.0 + 11.3 * HOUR  # a Tuesday, 11:18
DAY = 86_400.0
ALL = (1 << Stream.TRANSACTIONS) | (1 << Stream.INTERACTIONS)


def bits(mask):
    return {Stream(bit) for bit in range(STREAMS) if mask >> bit & 1}


def bought(events):
    return events["kind"] == Kind.PURCHASE


def by_channel(name):
    return lambda events: events["channel"] == CHANNELS.index(name)


def oracle_mean(times, until, hour):
    """The mean of an hour of the week, from the list of its counts: written for reading only."""
    counts = defaultdict(int)
    for time in times:
        counts[int(time // HOUR)] += 1
    mean, seen = 0.0, []
    for number in range(int(min(times) // HOUR) + 1, int(until // HOUR)):
        if number % 168 != hour:
            continue
        seen.append(counts[number])
        if len(seen) <= 2:
            mean = fmean(seen)
            continue
        told = sorted((mean / 4, seen[-1], 4 * mean + 8))[1]
        share = max(1 / len(seen), 1 / 8)
        mean = float(np.float32((1 - share) * mean + share * told))
    return mean


@pytest.mark.slow
@pytest.mark.parametrize("hour", [0, 3, 12, 95, 167])
def test_what_is_usual_is_what_an_oracle_counts(hour):
    made = log(20, 11, seed=hour)
    gate, _ = made.passed()
    times = made.events["time"][bought(made.events)].tolist()
    found = gate.learnt["mean"][Stream.TRANSACTIONS, hour]
    assert found == pytest.approx(oracle_mean(times, made.clocks[-1], hour), rel=1e-6)


def test_what_is_expected_is_at_most_what_nineteen_in_twenty_true_rates_are():
    rng, rates = np.random.default_rng(1), (0.5, 3.0, 40.0)
    for rate in rates:
        below = 0
        for _ in range(400):
            means = rng.poisson(rate, (168, 8)).mean(axis=1)
            below += expected(means, [8] * 168, 5) <= rate
        assert below >= 0.95 * 400, rate


def test_an_hour_known_from_one_week_expects_nothing():
    assert expected([50.0] * 168, [1] * 168, 5) == 0.0
    assert expected([50.0] * 168, [2] * 4 + [1] + [2] * 163, 5) == 0.0  # its neighbour


def test_evidence_is_the_logarithm_of_how_much_likelier_quiet_is():
    for rate, count in ((12.0, 0), (12.0, 1), (300.0, 6)):

        def loglikely(share, rate=rate, count=count):
            return count * math.log(share * rate) - share * rate

        by = loglikely(DEAD) - loglikely(ALIVE)
        assert risen(50.0, rate, count) == pytest.approx(50.0 + by, rel=1e-12)
        assert is_slow(rate, count) == (by > 0)


def test_a_feed_at_a_quarter_of_the_usual_is_hardly_ever_believed_quiet():
    """Lorden's bound: not oftener than once in e^h looks; h lowered, so that it can be counted."""
    rng, h = np.random.default_rng(7), 4.0
    counts = rng.poisson(ALIVE * 6.0, 200_000).tolist()
    excess, alarms = 0.0, 0
    for count in counts:
        excess = risen(excess, 6.0, count)
        if excess >= h:
            excess, alarms = 0.0, alarms + 1
    assert 0 < alarms < len(counts) / np.exp(h)
    assert np.exp(BELIEVED) / (12 * 24 * 365) > 80.0  # years


@months
def test_a_busy_partition_without_an_outage_holds_nothing():
    for seed in range(3):
        assert log(200, 14, seed).held() == []


@months
@pytest.mark.parametrize("per_hour", [0.05, 0.5, 3.0])
def test_a_partition_of_few_customers_holds_nothing_in_its_quiet_hours(per_hour):
    assert log(per_hour, 40, seed=3, customers=5).held() == []


def test_an_outage_of_a_busy_partition_is_held_within_half_an_hour():
    made = log(400, 12).without(OFF, OFF + DAY)
    (first, mask), *_ = made.held()
    assert 0 < first - OFF <= 1_800.0
    assert Stream.TRANSACTIONS in bits(mask)


def test_a_smaller_one_is_held_once_seventy_events_are_missing():
    made = log(20, 12).without(OFF, OFF + DAY)
    first, mask = made.held()[0]
    assert first - OFF < 7 * HOUR
    assert Stream.TRANSACTIONS in bits(mask)


def test_what_is_lost_is_waited_for_as_long_as_it_was_away():
    made = log(100, 14).without(OFF, OFF + DAY)
    *_, (let_go, mask) = made.held()
    assert mask == 0
    assert 2 * DAY <= let_go - OFF <= 2 * DAY + 3 * HOUR


def test_what_comes_late_is_let_go_once_it_has_come():
    """As live: the clock stands where the wall brought it while a backlog is worked off."""
    made = log(100, 14)
    back = OFF + DAY
    missing = (made.events["time"] >= OFF) & (made.events["time"] < back)
    made.clocks = np.where(missing, back, made.clocks)
    held = made.held()
    assert held[0][0] - OFF < 2 * HOUR
    let_go, mask = held[-1]
    assert mask == 0
    assert back + HOUR <= let_go <= back + 3 * HOUR


def test_a_topic_that_stops_alone_is_held_alone():
    made = log(100, 14).without(OFF, OFF + DAY, of=bought)
    masks = {mask for _, mask in made.held()}
    assert any(Stream.TRANSACTIONS in bits(mask) for mask in masks)
    assert not any(Stream.INTERACTIONS in bits(mask) for mask in masks)


@months
@pytest.mark.parametrize("name", ["pos", "online", "app"])
def test_a_channel_that_stops_alone_is_held_alone(name):
    made = log(300, 14).without(OFF, OFF + DAY, of=by_channel(name))
    masks = {mask for _, mask in made.held()}
    assert set().union(*map(bits, masks)) == {Stream[name.upper()]}


@months
def test_a_holiday_at_a_quarter_of_the_usual_is_not_held():
    rng = np.random.default_rng(5)
    made = log(100, 14)
    inside = (made.events["time"] >= OFF) & (made.events["time"] < OFF + 2 * DAY)
    assert made.only(~inside | (rng.random(len(inside)) < 0.25)).held() == []


@months
def test_a_feed_that_grows_tenfold_and_shrinks_to_a_tenth_within_months_holds_nothing():
    rng = np.random.default_rng(6)
    made = log(200, 40)
    week = (made.events["time"] - START) / WEEK
    share = np.where(week < 15, 10 ** (week / 15 - 1), 10 ** np.maximum((15 - week) / 20, -1))
    assert made.only(rng.random(len(week)) < share).held() == []


def test_a_feed_that_comes_in_bundles_is_held_only_where_more_than_one_fails_to_come():
    made = log(100, 14)
    made.events["time"] = np.ceil(made.events["time"] / HOUR) * HOUR
    made.clocks = made.events["time"].copy()
    assert made.held() == []
    held = made.without(OFF, OFF + DAY).held()
    assert held
    assert held[0][0] - OFF < 4 * HOUR


def test_nothing_is_held_in_the_first_four_weeks():
    made = log(300, 5).without(START + 3 * WEEK, START + 3 * WEEK + 3 * DAY)
    assert [at for at, _ in made.held() if at < START + 4 * WEEK] == []


def test_a_channel_that_ends_is_given_up_after_four_weeks_and_a_whole_feed_never():
    made = log(100, 24).without(OFF, np.inf, of=by_channel("online"))
    *_, (let_go, mask) = made.held()
    assert mask == 0
    assert let_go - OFF == pytest.approx(28 * DAY, abs=2 * HOUR)
    gate, (holds,) = log(100, 12).without(OFF, np.inf).passed(until=OFF + 400 * DAY)
    assert bits(int(holds.masks[-1])) >= {Stream.TRANSACTIONS, Stream.INTERACTIONS}
    assert gate.present["mute"] == 8 * 168


def test_a_clock_that_leaps_a_century_is_passed_at_once_and_by_any_way():
    made = log(30, 6)
    gate, _ = made.passed()
    far = START + 100 * 365 * DAY
    at_once, _ = advance(gate, NOTHING, far)
    by_steps = gate
    for step in np.linspace(made.clocks[-1], far, 50):
        by_steps, _ = advance(by_steps, NOTHING, float(step))
    assert pack(by_steps) == pack(at_once)
    again, _ = made.passed(gate=new_gate())
    assert pack(again) == pack(gate)


@cache
def outage(*, is_late):
    """A log with an outage of three days, until when it is looked at, and what the gate finds."""
    made = log(6, 8, seed=2).without(START + 6 * WEEK, START + 6 * WEEK + 3 * DAY)
    if is_late:
        late = np.random.default_rng(1).random(len(made.clocks)) < 0.05
        made.events["time"][late] -= 5 * HOUR
    until = float(made.clocks[-1]) + 3 * DAY
    whole, (holds,) = made.passed(until)
    return made, until, whole, holds


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(3), deadline=None)
@given(st.lists(st.integers(0, 8_000), max_size=20), st.booleans())
def test_any_cut_of_the_log_gives_the_same_gate_and_the_same_holds(cuts, is_late):
    made, until, whole, holds = outage(is_late=is_late)
    cuts = [cut for cut in cuts if cut <= len(made.events)]
    gate, parts = made.passed(until, cuts=cuts)
    assert pack(gate) == pack(whole)
    assert any(holds.masks)
    edges = [0, *sorted(cuts), len(made.events)]
    for (start, end), part in zip(pairwise(edges), parts, strict=True):
        at = made.clocks[start:end]
        assert part.at(at).tolist() == holds.at(at).tolist()
        assert np.array_equal(part.feed_at(at), holds.feed_at(at), equal_nan=True)


def test_what_customers_bring_apart_is_what_they_bring_together():
    made = log(20, 6)
    groups = made.who % 3
    parts = [made.only(groups == group) for group in range(3)]
    found = merged([arrivals(each.clocks, each.events, each.who) for each in parts])
    whole = arrivals(made.clocks, made.events, made.who)
    for name in whole._fields:
        assert np.array_equal(getattr(found, name), getattr(whole, name)), name
    assert merged([]) is NOTHING


def test_the_feed_of_the_last_day_is_told_as_it_was():
    made = log(50, 8)
    at = START + 6 * WEEK + 40 * HOUR
    _, (holds,) = made.passed()
    spoke, came, usual, customers = holds.feed_at(np.array([at + 700.0]))[0]
    inside = (made.clocks >= at - DAY) & (made.clocks < at)
    assert spoke == made.clocks[inside][-1]
    assert came == inside.sum()
    assert usual == pytest.approx(50 * 24, rel=0.15)
    assert customers == pytest.approx(len(np.unique(made.who[inside])), rel=0.2)


def test_a_gate_of_another_size_or_version_is_refused():
    present, learnt = pack(new_gate())
    with pytest.raises(GateError, match=r"gate: expected .* bytes, got"):
        unpack(present[:-1], learnt)
    with pytest.raises(GateError, match="gate: expected version 1, got version 9"):
        unpack(b"\x09\x00" + present[2:], learnt)


def test_kinds_of_neither_topic_and_channels_that_are_not_known_count_nowhere():
    made = log(5, 1)
    made.events["kind"], made.events["channel"] = 200, 0
    found = arrivals(made.clocks, made.events, made.who)
    assert found.prompt.sum() == 0
    assert len(found.looks)


def test_what_is_held_is_tried_again_at_the_next_whole_hour():
    assert next_try(np.array([0.0, 3_599.0, 3_600.0])).tolist() == [3_600.0, 3_600.0, 7_200.0]


def test_a_feed_that_falls_quiet_again_is_held_on():
    """Back for two hours, and away again: it is not let go after as long as it was away first."""
    made = log(100, 14).without(OFF, OFF + 6 * HOUR).without(OFF + 8 * HOUR, OFF + 2 * DAY)
    *_, (let_go, mask) = made.held()
    assert mask == 0
    assert let_go - OFF >= 4 * DAY
    assert OPEN.any is False


def test_a_packed_gate_is_read_as_it_was():
    gate, _ = log(5, 1).passed()
    assert pack(unpack(*pack(gate))) == pack(gate)
