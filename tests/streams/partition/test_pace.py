"""A turn is bounded by time: one that took long is followed by shorter ones, until it does not."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import FakeStore, sequenced
from stream_events import START, Event, event

from scoring.arrays import DAY
from streams.partition import turn
from streams.partition.turn import FIRST, LEAST, LONGEST, TurnPace


class Watch:
    """Stands in for `time`: each judging takes as long as it is told."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


def after(pace: TurnPace, watch: Watch, turns: Iterable[tuple[int, float]]) -> list[int]:
    """How many events may be taken after turns of so many, that took so long."""
    allowed = []
    for events, seconds in turns:
        of: Any = SimpleNamespace(chunk=range(events))
        with pace.judging(of):
            watch.now += seconds
        allowed.append(pace.events)
    return allowed


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    found = Watch()
    monkeypatch.setattr(turn, "time", found)
    return found


def test_quick_turns_are_followed_by_larger_ones_up_to_the_most_allowed(watch: Watch) -> None:
    quick = LONGEST / 2 - 0.01
    grows = after(TurnPace(10_000), watch, [(2_000, quick), (4_000, quick), (8_000, quick)])
    assert grows == [4_000, 8_000, 10_000]
    assert after(TurnPace(500), watch, [(500, quick)]) == [500]


def test_a_turn_that_took_long_is_followed_by_half_of_it_until_it_does_not(watch: Watch) -> None:
    long = LONGEST + 0.01
    shrinks = [(FIRST, long), (FIRST // 2, long), (FIRST // 4, LONGEST), (FIRST // 4, 0.9)]
    halves = [FIRST // 2, FIRST // 4, FIRST // 4, FIRST // 4]
    assert after(TurnPace(10_000), watch, shrinks) == halves
    assert after(TurnPace(10_000), watch, [(300, long), (150, long)]) == [150, LEAST]
    assert after(TurnPace(7), watch, [(7, long)]) == [7]


def test_nothing_is_learnt_of_timers_alone_nor_more_of_fewer_than_allowed(watch: Watch) -> None:
    assert after(TurnPace(10_000), watch, [(0, 9.0), (FIRST // 2, 0.0)]) == [FIRST, FIRST]


async def paced(monkeypatch: pytest.MonkeyPatch, longest: float) -> tuple[int, FakeStore]:
    """How many events a turn may have after a log half of which is one customer's; its store."""
    monkeypatch.setattr(turn, "LONGEST", longest)
    monkeypatch.setattr(turn, "LEAST", 1)
    days = range(0, 300, 3)
    log: list[Event] = []
    for day in days:
        log += [event("purchase", day + hour / 24, "hot") for hour in range(5)]
        log += [event("purchase", day, f"c{n}") for n in range(5)]
    log.append(event("purchase", 500, "late"))
    store, fed = await sequenced(log)
    assert store.parts[0].clock == START + 500 * DAY
    return fed.partition._pace.events, store


async def test_turns_of_any_length_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, together = await paced(monkeypatch, 3_600.0)
    halved, apart = await paced(monkeypatch, 0.0)
    assert whole > halved
    assert apart.parts[0].sequence > together.parts[0].sequence
    assert apart.parts[0].states == together.parts[0].states
    assert apart.warnings() == together.warnings()
