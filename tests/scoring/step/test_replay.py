"""A history replayed block by block: what one step over everything makes of it, byte for byte."""

from itertools import pairwise

import numpy as np
import pytest
from cases import MODEL, event, log, run
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.arrays import DAY
from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.facts.state import new_states
from scoring.step import replay as replaying
from scoring.step.outcome import WARNING
from scoring.step.replay import EventLog, ReplayError, final_states, holds_of, replay
from scoring.step.run import step

CUSTOMERS = 9
KINDS = (Kind.PURCHASE, Kind.PURCHASE, Kind.PURCHASE, Kind.COMPLAINT, Kind.INSTALMENT_OVERDUE)


def history(seed, events=120, customers=CUSTOMERS):
    """Customers of uneven rhythms, two of whom are never heard of, several of whom fall silent."""
    rng = np.random.default_rng(seed)
    days = np.sort(np.round(rng.uniform(10_000, 10_400, events), 2))
    rows = (rng.beta(0.6, 1.8, events) * (customers - 2)).astype(np.int64)
    made = [event(rng.choice(KINDS), day, int(rng.integers(0, 9_000))) for day in days]
    return EventLog([b"c%d" % row for row in range(customers)], rows, log(*made))


def whole(of, until):
    """One step over everything."""
    states, held = new_states(len(of.customers)), holds_of(of, until)
    return step(states, of.events, of.rows, of.times, until, MODEL, held=held)


def told(of, until, **changes):
    """All warnings of a replay, and its final states."""
    warnings, states = [np.empty(0, WARNING)], new_states(len(of.customers))
    for customers, _, _, outcome in replay(of, MODEL, until=until, explained=True, **changes):
        renamed = outcome.warnings.copy()
        renamed["row"] = customers[outcome.warnings["row"]]
        warnings.append(renamed)
        states[customers] = outcome.states
    return ordered(np.concatenate(warnings)), states


def ordered(warnings):
    keys = ("rule", "sequence", "episode", "now", "row")
    return warnings[np.lexsort([warnings[key] for key in keys])]


@pytest.fixture
def sized(monkeypatch):
    def set_sizes(block, piece):
        monkeypatch.setattr(replaying, "BLOCK", block)
        monkeypatch.setattr(replaying, "PIECE", piece)

    return set_sizes


def test_the_histories_have_timers_warnings_and_levels_that_fall():
    outcome = whole(history(1), 10_600 * DAY)
    assert outcome.timers > 10
    assert {0, 1, 2} == set(outcome.warnings["after"].tolist())


@pytest.mark.by_lot(6, of="cuts")
@pytest.mark.slow
@settings(max_examples=few(3), deadline=None)
@given(
    st.integers(0, 3),
    st.integers(1, CUSTOMERS + 1),
    st.integers(1, 130),
    st.lists(st.floats(9_990.0, 10_599.0), max_size=4).map(sorted),
)
def test_blocks_pieces_and_stops_change_nothing(seed, block, piece, stops):
    of, until = history(seed), 10_600 * DAY
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replaying, "BLOCK", block)
        patch.setattr(replaying, "PIECE", piece)
        warnings, states = told(of, until, stops=[stop * DAY for stop in stops])
    expected = whole(of, until)
    assert states.tobytes() == expected.states.tobytes()
    assert warnings.tobytes() == ordered(expected.warnings).tobytes()


@pytest.mark.parametrize("cuts", [(), (40,), (1, 2, 77, 119)])
def test_a_partition_that_cuts_the_log_its_own_way_comes_to_the_same(cuts):
    of = history(2, customers=CUSTOMERS)
    lived = run(of.events, of.rows, cuts=cuts, until=10_600.0, watched=True)
    warnings, states = told(of, 10_600.0 * DAY)
    assert states[: len(lived.states)].tobytes() == lived.states.tobytes()
    assert warnings.tobytes() == ordered(lived.warnings).tobytes()


def test_states_at_a_stop_are_those_of_a_history_that_ends_there(sized):
    of, stop = history(3), 10_200.0 * DAY
    sized(4, 10)
    seen = new_states(len(of.customers))
    for customers, clock, is_stop, outcome in replay(of, MODEL, until=10_600 * DAY, stops=[stop]):
        if is_stop and clock == stop:
            seen[customers] = outcome.states
    assert seen.tobytes() == final_states(of.before(stop), MODEL, until=stop).tobytes()


@pytest.mark.slow
@settings(max_examples=few(3), deadline=None)
@given(st.floats(9_990.0, 10_600.0))
def test_what_comes_after_a_cut_changes_nothing_before_it(day):
    of, cut = history(1), day * DAY
    all_of_it, _ = told(of, 10_600 * DAY)
    until_then, _ = told(of.before(cut), cut)
    early = [warnings[warnings["now"] < cut] for warnings in (all_of_it, until_then)]
    assert early[0].tobytes() == early[1].tobytes()


def test_a_replay_goes_on_from_states():
    of, cut, until = history(2), 10_150.0 * DAY, 10_600.0 * DAY
    before = of.before(cut)
    held = final_states(before, MODEL, until=cut)
    kept = held.tobytes()
    count = len(before.events)
    rest = EventLog(of.customers, of.rows[count:], of.events[count:])
    after = final_states(rest, MODEL, until=until, states=held)
    assert after.tobytes() == final_states(of, MODEL, until=until).tobytes()
    assert held.tobytes() == kept


def test_blocks_hold_everyone_once_and_those_with_most_events_first():
    of = history(1)
    blocks = list(of.blocks(4))
    counts = [np.bincount(part.rows, minlength=len(part.customers)) for _, part in blocks]
    assert [len(part.customers) for _, part in blocks] == [4, 4, 1]
    assert sorted(np.concatenate([rows for rows, _ in blocks]).tolist()) == list(range(CUSTOMERS))
    ends = [(count.min(), count.max()) for count in counts]
    assert all(first[0] >= second[1] for first, second in pairwise(ends))
    for rows, part in blocks:
        assert [of.customers[row] for row in rows] == list(part.customers)
        assert (np.diff(part.times) >= 0).all()


def test_groups_have_their_customers_events_in_order():
    of = history(0)
    group = np.arange(CUSTOMERS) % 3
    for number, (rows, part) in enumerate(of.grouped(group, 4)):
        assert rows.tolist() == [row for row in range(CUSTOMERS) if row % 3 == number]
        own = of.events[np.isin(of.rows, rows)]
        assert part.events.tobytes() == own.tobytes()


def test_before_an_instant_means_strictly_before():
    of = history(0)
    instant = float(of.times[50])
    first = int(np.argmax(of.times == instant))
    assert len(of.before(instant).events) == first
    assert len(of.before(np.inf).events) == len(of.events)
    assert len(of.before(0.0).rows) == 0


def test_a_history_of_nobody_and_one_of_nothing_replay():
    nothing = np.empty(0, EVENT), np.empty(0)
    nobody = EventLog([], nothing[1].astype(np.int64), nothing[0])
    assert final_states(nobody, MODEL, until=0.0).shape == (0,)
    silent = EventLog([b"c"], nothing[1].astype(np.int64), nothing[0])
    assert final_states(silent, MODEL, until=0.0).tobytes() == new_states(1).tobytes()


def test_an_end_before_the_last_event_is_refused():
    of = history(0)
    with pytest.raises(ReplayError, match=r"until: expected the last event at .* or later"):
        list(replay(of, MODEL, until=float(of.times[-1]) - 1.0))
