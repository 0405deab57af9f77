"""A stopped feed is not a million silent customers: what is held, and what becomes of it."""

from itertools import pairwise

import numpy as np
import pytest
from cases import FeedGate, changed
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.feature import Feature
from scoring.rules import SILENCE
from scoring.step.outcome import WARNING
from scoring.step.replay import EventLog, final_states, holds_of, replay
from scoring.step.run import step
from scoring.warning.gate import Holding, Holds, Stream
from scoring.warning.held import BRAKE, held_rises

CUSTOMERS = 3_000
EDGE = 1_500  # of whom are often as long away as is warned of
MODEL = changed(rules={"silence": {"middle": 0.5, "high": 0.98}})
WEEK = 7 * DAY
START = np.ceil(20_000 * DAY / WEEK) * WEEK
WEEKS = 13
OFF = START + 9 * WEEK + 4 * DAY + 10 * 3_600.0
BACK = OFF + DAY
END = START + WEEKS * WEEK
SLOTS = MODEL.rules.slots


def bank(seed=0):
    """Customers who buy twice a week or every few weeks, by day; a third of them stop one day."""
    rng = np.random.default_rng(seed)
    stops = np.where(rng.random(CUSTOMERS) < 1 / 3, rng.uniform(5, WEEKS, CUSTOMERS), WEEKS)
    times, rows = [], []
    for row in range(CUSTOMERS):
        gap = 3.5 if row >= EDGE else rng.uniform(8.0, 30.0)
        count = int(WEEKS * 7 / gap)
        days = rng.uniform(0, gap) + np.arange(count) * gap + rng.normal(0, gap / 6, count)
        at = START + np.floor(days) * DAY + rng.uniform(7, 23, len(days)) * 3_600.0
        at = at[(at >= START) & (at < START + stops[row] * WEEK)]
        times.append(at)
        rows.append(np.full(len(at), row))
    times, rows = np.concatenate(times), np.concatenate(rows)
    order = np.argsort(times, kind="stable")
    events = np.zeros(len(times), EVENT)
    events["time"] = events["reversed_time"] = times[order]
    events["kind"], events["amount"] = Kind.PURCHASE, 1_000
    events["id"] = np.arange(1, len(times) + 1)
    return EventLog([b"c%d" % row for row in range(CUSTOMERS)], rows[order], events)


def lived(log, clocks, cuts=(), walls=()):
    """What a worker makes of a log whose clock stood so at each event; all it told, and states.

    `walls` are instants that the clock is brought to between events, as a live worker's is.
    """
    states, gate, told = new_states(CUSTOMERS), FeedGate(CUSTOMERS), [np.empty(0, WARNING)]
    nothing = np.empty(0, EVENT), np.empty(0, np.int64), np.empty(0)
    at = np.searchsorted(clocks, walls)
    edges = sorted({0, len(clocks), *cuts, *at.tolist()})
    for start, end in pairwise(edges):
        for wall in np.asarray(walls)[at == start].tolist():
            held = gate.held(*nothing, wall)
            outcome = step(states, *nothing, wall, MODEL, held=held)
            states = outcome.states
            told.append(outcome.warnings)
        part = slice(start, end)
        batch = log.events[part], log.rows[part], clocks[part]
        held = gate.held(*batch, float(clocks[end - 1]))
        outcome = step(states, *batch, float(clocks[end - 1]), MODEL, held=held)
        states = outcome.states
        told.append(outcome.warnings)
    warnings = np.concatenate(told)
    return warnings[np.lexsort([warnings[k] for k in ("sequence", "rule", "now", "row")])], states


def silences(warnings):
    """When customers were raised, by customer and day of their last purchase."""
    raised = warnings[(warnings["rule"] == SILENCE) & (warnings["before"] == 0)]
    since = raised["features"][:, Feature.TENURE] - raised["features"][:, Feature.DAYS_SINCE_LAST]
    keys = zip(raised["row"].tolist(), np.rint(since).tolist(), strict=True)
    return dict(zip(keys, raised["now"].tolist(), strict=True))


def replayed(log):
    parts = [np.empty(0, WARNING)]
    for customers, _, _, outcome in replay(log, MODEL, until=float(log.times[-1]), explained=True):
        named = outcome.warnings.copy()
        named["row"] = customers[outcome.warnings["row"]]
        parts.append(named)
    return np.concatenate(parts)


@pytest.fixture(scope="module")
def whole():
    return bank()


@pytest.fixture(scope="module")
def without_a_day(whole):
    kept = (whole.times < OFF) | (whole.times >= BACK)
    return EventLog(whole.customers, whole.rows[kept], whole.events[kept])


def test_without_an_outage_nothing_is_held(whole):
    assert not holds_of(whole, END).any
    assert len(silences(replayed(whole))) > 300


def test_a_day_lost_and_replayed_raises_no_silence_while_it_is_held_and_loses_none(
    whole, without_a_day
):
    held = holds_of(without_a_day, END).parts[0]
    first, let_go = held.instants[1], held.instants[-1]
    assert first - OFF < 6 * 3_600.0
    found, truth = silences(replayed(without_a_day)), silences(replayed(whole))
    assert not [at for at in found.values() if first <= at < let_go]
    lost = set(whole.rows[(whole.times >= OFF) & (whole.times < BACK)].tolist())
    stays = {}  # silent until what is held is let go, at least
    for key, at in truth.items():
        own = whole.times[whole.rows == key[0]]
        if key[0] not in lost and not ((own > at) & (own < max(at, let_go))).any():
            stays[key] = at
    assert stays.keys() <= found.keys()
    waited = [key for key, at in stays.items() if first <= at < let_go]
    assert len(waited) > 5
    assert all(found[key] >= let_go for key in waited)


def test_a_day_that_comes_late_raises_only_who_is_silent_all_the_same(whole):
    """Live: the clock follows the wall while the feed is away, and its backlog comes at once."""
    away = (whole.times >= OFF) & (whole.times < BACK)
    clocks = np.where(away, BACK, whole.times)
    walls = np.arange(OFF, BACK, 60.0)
    found, truth = silences(lived(whole, clocks, walls=walls)[0]), silences(replayed(whole))
    assert set(found) == set(truth)
    later = {row for row in truth if found[row] != truth[row]}
    assert later
    assert all(0 < found[row] - truth[row] < 1.2 * DAY for row in later)


def test_without_the_gate_such_a_day_raises_many_who_are_not_silent(whole):
    """The scenario would tell: what the gate holds back is there."""
    away = (whole.times >= OFF) & (whole.times < BACK)
    clocks = np.where(away, BACK, whole.times)
    nothing = np.empty(0, EVENT), np.empty(0, np.int64), np.empty(0)
    at = int(np.searchsorted(whole.times, OFF))
    batch = whole.events[:at], whole.rows[:at], clocks[:at]
    before = step(new_states(CUSTOMERS), *batch, OFF, MODEL)
    during = step(before.states, *nothing, BACK, MODEL)
    truth = silences(replayed(whole))
    assert [row for row in silences(during.warnings) if row not in truth]


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(2), deadline=None)
@given(st.lists(st.integers(1, 60_000), max_size=12))
def test_any_cut_gives_what_a_replay_by_blocks_gives(without_a_day, cuts):
    log = without_a_day
    cuts = [cut for cut in cuts if cut < len(log.events)]
    told, states = lived(log, log.times, cuts)
    blocks = replayed(log)
    ordered = blocks[np.lexsort([blocks[k] for k in ("sequence", "rule", "now", "row")])]
    assert told.tobytes() == ordered.tobytes()
    final = final_states(log, MODEL, until=float(log.times[-1]))
    assert states.tobytes() == final.tobytes()


def test_a_warning_tells_what_its_feed_brought(whole):
    told = replayed(whole)
    one = told[told["now"] > START + 8 * WEEK][0]
    heard, came, usual, customers = one["feed"]
    hour = np.floor(one["now"] / 3_600.0) * 3_600.0
    day = (whole.times >= hour - DAY) & (whole.times < hour)
    assert heard == whole.times[day][-1]
    assert came == day.sum()
    assert usual == pytest.approx(came, rel=0.5)
    assert customers == pytest.approx(len(np.unique(whole.rows[day])), rel=0.25)


def test_quiet_interactions_hold_no_silence_of_purchases_and_the_brake_holds_everything():
    masks = np.array([0, 1 << Stream.INTERACTIONS, 1 << Stream.APP, BRAKE], np.uint8)
    held = held_rises(masks, MODEL.rules)
    visits = {"churn", "newcomer"}
    silent = {"silence", "recurring_stopped", *visits}
    names = [{name for name, slot in SLOTS.items() if row[slot]} for row in held]
    assert names == [set(), visits, silent, set(SLOTS)]


def test_customers_of_several_partitions_are_held_by_their_own():
    quiet = Holds(np.array([-np.inf, 100.0]), np.array([0, 1], np.uint8))
    held = Holding((quiet, Holds(np.array([-np.inf]), np.zeros(1, np.uint8))), np.array([1, 0, 0]))
    rows = np.array([0, 1, 2])
    assert held.any
    assert held.at(rows, np.array([200.0, 200.0, 50.0])).tolist() == [0, 1, 0]
    assert held.take(np.array([1])).at(np.array([0]), np.array([200.0])).tolist() == [1]
    assert np.isnan(held.feed_at(rows, np.full(3, 200.0))).all()
