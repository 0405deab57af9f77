"""Looks at a history against a replay stopped at each of them."""

import numpy as np
import pytest
from cases import MODEL, event, log
from churn_cases import END, LOG, START
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import IS_ANSWER, Kind
from scoring.facts.state import LIFECYCLE, LIFECYCLE_SCORES, STATE, new_states
from scoring.feature import Feature
from scoring.features import measured
from scoring.step import looks
from scoring.step.looks import looked, seen
from scoring.step.replay import EventLog, final_states
from scoring.warning.gate import ALL_OPEN

FACTS = [name for name in STATE.names if name not in {*LIFECYCLE, *LIFECYCLE_SCORES}]
EMPTY = EventLog([], np.zeros(0, np.int64), np.empty(0, EVENT))


def replayed(log_, rows, instants):
    """The looks' states, each by a replay of its own."""
    states = new_states(len(rows))
    for at, (row, instant) in enumerate(zip(rows, instants, strict=True)):
        states[at] = final_states(log_.before(instant), MODEL, until=instant, held=ALL_OPEN)[row]
    return states


def states_of(log_, rows, instants):
    states = new_states(len(rows))
    for at, own in seen(log_, rows, instants, MODEL):
        states[at] = own
    return states


def same_facts(one, other):
    return all(one[name].tobytes() == other[name].tobytes() for name in FACTS)


MOMENTS = st.integers(0, 40).map(lambda quarter: quarter * 5.25)  # few, so that they coincide
EVENTS = st.lists(
    st.tuples(MOMENTS, st.sampled_from(list(Kind)), st.integers(0, 3), st.integers(1, 30)),
    max_size=40,
)
LOOKS = st.lists(st.tuples(MOMENTS, st.integers(0, 3)), min_size=1, max_size=12)


def made(drawn):
    """A log of (day, kind, customer, id); one id may come again and be a duplicate.

    An answer's is never a fact's: ids are told apart by where they come from.
    """
    drawn = sorted(drawn, key=lambda one: one[0])
    events = np.zeros(len(drawn), EVENT)
    for at, (day, kind, _, number) in enumerate(drawn):
        events[at] = event(kind, START + day, 100 * number, id=number, score=number % 6)[0]
        events["id"][at] += 100 * IS_ANSWER[kind]
        events["reversed_time"][at] -= (number % 3) * 4 * DAY
    rows = np.array([row for *_, row, _ in drawn], np.int64)
    return EventLog([b"a", b"b", b"c", b"d"], rows, events)


@settings(max_examples=few(30))
@given(EVENTS, LOOKS)
def test_a_look_sees_the_bytes_of_a_replay_up_to_it(drawn, asked):
    check(drawn, asked)


def test_what_came_twice_is_seen_once():
    check([(0.0, Kind.PURCHASE, 0, 1), (5.25, Kind.PURCHASE, 0, 1)], [(10.5, 0)])


def check(drawn, asked):
    log_, rows = made(drawn), np.array([row for _, row in asked])
    instants = np.array([(START + day) * DAY for day, _ in asked])
    expected = replayed(log_, rows, instants)
    assert same_facts(states_of(log_, rows, instants), expected)
    matrix = looked(log_, rows, instants, MODEL)
    assert matrix.tobytes() == measured(expected, instants, MODEL).tobytes()


def asked_of_all():
    """Looks at all customers of the mixed log, in no order; some customers many times."""
    random = np.random.default_rng(3)
    rows = random.integers(0, len(LOG.customers), 400)
    return rows, random.uniform(START, END, 400) * DAY


def test_blocks_and_pieces_leave_no_trace(monkeypatch):
    rows, instants = asked_of_all()
    whole = looked(LOG, rows, instants, MODEL)
    monkeypatch.setattr(looks, "BLOCK", 7)
    monkeypatch.setattr(looks, "MEASURED", 11)
    assert looked(LOG, rows, instants, MODEL).tobytes() == whole.tobytes()


def test_other_looks_leave_no_trace_either():
    rows, instants = asked_of_all()
    whole = looked(LOG, rows, instants, MODEL)
    for part in (slice(0, 1), slice(None, None, 5), slice(None, None, -1)):
        alone = looked(LOG, rows[part], instants[part], MODEL)
        assert alone.tobytes() == whole[:, part].tobytes()


def test_what_happens_at_the_instant_itself_is_not_known_yet():
    bought = log(event(Kind.PURCHASE, START), event(Kind.PURCHASE, START + 3.0))
    log_ = EventLog([b"a"], np.zeros(2, np.int64), bought)
    days = np.array([3.0, 0.0, 3.0, np.nextafter(3.0, 4.0)])
    found = states_of(log_, np.zeros(4, np.int64), (START + days) * DAY)
    assert found["purchase_days"].tolist() == [1, 0, 1, 1]
    later = states_of(log_, np.zeros(1, np.int64), np.array([(START + 3.0) * DAY + 1.0]))
    assert later["purchase_days"].tolist() == [2]


def test_of_nothing_there_is_nothing_to_see():
    none = np.zeros(0, np.int64), np.zeros(0)
    assert looked(EMPTY, *none, MODEL).shape == (len(Feature), 0)
    assert looked(LOG, *none, MODEL).shape == (len(Feature), 0)
    silent = EMPTY._replace(customers=[b"a"])
    found = looked(silent, np.zeros(1, np.int64), np.array([START * DAY]), MODEL)
    assert found[Feature.TENURE].tolist() == [0.0]


def test_neither_the_log_nor_the_questions_are_changed():
    rows, instants = asked_of_all()
    before = LOG.events.tobytes(), LOG.rows.tobytes(), rows.tobytes(), instants.tobytes()
    looked(LOG, rows, instants, MODEL)
    assert before == (LOG.events.tobytes(), LOG.rows.tobytes(), rows.tobytes(), instants.tobytes())


@pytest.mark.parametrize("day", [64.0, 65.0, 200.0])
def test_days_beyond_the_bitmap_are_counted_as_a_replay_counts_them(day):
    bought = log(event(Kind.PURCHASE, START), event(Kind.PURCHASE, START + day))
    log_ = EventLog([b"a"], np.zeros(2, np.int64), bought)
    rows, instants = np.zeros(1, np.int64), np.array([(START + 300.0) * DAY])
    assert same_facts(states_of(log_, rows, instants), replayed(log_, rows, instants))
