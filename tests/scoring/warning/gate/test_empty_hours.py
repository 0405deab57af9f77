"""Empty hours are closed a week at once, and by that no otherwise than one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trying import few

from scoring.facts.events import EVENT
from scoring.facts.kinds import Kind
from scoring.warning.gate import Stream, advance, arrivals, given_up, look, new_gate, pack
from scoring.warning.gate.arrivals import LOOK
from scoring.warning.gate.state import WEEK, from_parts, to_parts
from scoring.warning.gate.streams import STREAMS
from scoring.warning.gate.usual import MOST, QUANTILE, UNEXPECTED, expected
from scoring.warning.gate.watch import FIELDS

HOUR = 3_600.0
START = 20_000 * 86_400.0
KINDS = (Kind.PURCHASE, Kind.APP_SESSION, Kind.ACCOUNT_CLOSED, Kind.ACKNOWLEDGED)


def came_of(hours, kinds):
    """Arrivals of events at hours from the start on, of kinds by turns."""
    events = np.zeros(len(hours), EVENT)
    events["time"] = START + np.sort(hours) * HOUR
    events["kind"] = np.resize(kinds, len(hours))
    events["channel"] = events["kind"] == Kind.PURCHASE
    return events, arrivals(events["time"], events, np.arange(1, len(hours) + 1, dtype=np.uint64))


@pytest.mark.slow
@settings(max_examples=few(5), deadline=None)
@given(
    st.lists(st.floats(0.0, 2_500.0), min_size=1, max_size=30),
    st.permutations(KINDS),
    st.integers(0, 2),
)
def test_at_once_is_as_hour_by_hour(hours, kinds, bursts):
    hours = np.sort(np.concatenate([hours, np.repeat(hours[:1], 40 * bursts)]))
    events, came = came_of(hours, kinds)
    until = events["time"][-1] + 500 * HOUR
    at_once, holds = advance(new_gate(), came, until)
    gate, parts, clock = new_gate(), [], events["time"][0]
    for end in [*np.arange(events["time"][0] + 1.5 * HOUR, until, 1.5 * HOUR), until]:
        some = events[(events["time"] >= clock) & (events["time"] < end)]
        at = np.searchsorted(events["time"], some["time"][:1]) if len(some) else np.zeros(1, int)
        names = np.arange(at[0] + 1, at[0] + 1 + len(some), dtype=np.uint64)
        gate, part = advance(gate, arrivals(some["time"], some, names), end)
        parts.append((clock, end, part))
        clock = end
    assert pack(gate) == pack(at_once)
    for begin, end, part in parts:
        instants = np.array([begin, (begin + end) / 2])
        assert np.array_equal(part.feed_at(instants), holds.feed_at(instants), equal_nan=True)


@pytest.mark.parametrize("open_hours", [3, 5])
def test_between_the_hours_in_which_a_bank_is_open_hours_are_closed_at_once(
    open_hours, monkeypatch
):
    opens = [week * WEEK + 10 + hour for week in range(9) for hour in range(open_hours)]
    hours = np.repeat(np.array(opens, np.float64), 6) + np.tile(np.arange(6) / 7, len(opens))
    events, came = came_of(hours, KINDS[:2])
    until = events["time"][-1] + 400 * HOUR
    closed = []
    several = look._Walk._pass_empty_hours
    monkeypatch.setattr(
        look._Walk,
        "_pass_empty_hours",
        lambda walk, count: (closed.append(count), several(walk, count)),
    )
    at_once, holds = advance(new_gate(), came, until)
    assert at_once.learnt["mean"].max() > UNEXPECTED
    assert closed[:8] == [WEEK - open_hours] * 8
    monkeypatch.setattr(look, "AT_ONCE", 10**9)
    gate, one_by_one = advance(new_gate(), came, until)
    assert pack(gate) == pack(at_once)
    for field, other in zip(holds.hours, one_by_one.hours, strict=True):
        assert np.array_equal(field, other, equal_nan=True)
    assert np.array_equal(holds.instants, one_by_one.instants)


def test_a_mean_that_cannot_be_expected_never_is():
    for weeks in range(MOST + 1):
        assert expected([UNEXPECTED] * WEEK, [weeks] * WEEK, 5) == 0.0
    root = (QUANTILE**2 / MOST + np.sqrt((QUANTILE**2 / MOST) ** 2 + 2 * QUANTILE**2 / MOST)) / 2
    assert root == pytest.approx(0.6137, abs=1e-4)
    assert expected([root + 1e-3] * WEEK, [MOST] * WEEK, 5) > 0.0


def test_a_stream_that_is_given_up_is_as_one_never_heard_of():
    _, came = came_of(np.arange(0.0, 24.0 * 40, 0.05), (Kind.PURCHASE, Kind.APP_SESSION))
    gate, _ = advance(new_gate(), came, START + 24.0 * 60 * HOUR)
    assert gate.present["since"][[Stream.TRANSACTIONS, Stream.INTERACTIONS]].all()
    left = given_up(gate, Stream.TRANSACTIONS)
    for name in FIELDS:
        assert left.present[name][Stream.TRANSACTIONS] == 0, name
        others = np.arange(STREAMS) != Stream.TRANSACTIONS
        assert np.array_equal(left.present[name][others], gate.present[name][others])
    assert not left.learnt["weeks"][Stream.TRANSACTIONS].any()
    assert left.learnt["mean"][Stream.INTERACTIONS].any()
    assert gate.present["since"][Stream.TRANSACTIONS] > 0.0  # which is left unchanged


def test_a_gate_is_kept_by_the_names_of_its_parts():
    _, came = came_of(np.arange(0.0, 48.0, 0.5), KINDS)
    gate, _ = advance(new_gate(), came, START + 50.0 * HOUR)
    assert pack(from_parts(to_parts(gate))) == pack(gate)
    assert pack(from_parts({})) == pack(new_gate())


def test_arrivals_by_an_instant_are_those_of_looks_that_ended():
    events, came = came_of(np.arange(0.0, 48.0, 0.5), KINDS)
    until = START + 20.3 * HOUR
    ended = events["time"] < until // LOOK * LOOK
    names = np.arange(1, ended.sum() + 1, dtype=np.uint64)
    only = arrivals(events["time"][ended], events[ended], names)
    by = came.by(until)
    for name in ("looks", "prompt", "late", "spoke"):
        assert np.array_equal(getattr(by, name), getattr(only, name)), name
    assert by.hours.tolist() == only.hours.tolist()
