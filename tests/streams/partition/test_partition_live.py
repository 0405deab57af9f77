"""Live, the wall clock moves silence on where no event does."""

import pytest
from fakes import FakeStore, sequenced
from stream_events import INTERACTIONS, OUTCOMES, START, TRANSACTIONS, Event, event

from scoring.arrays import DAY
from streams.intake.progress import End
from streams.partition import sequencer as partition


def regular(customer: str = "c1", days: range = range(0, 60, 3)) -> list[Event]:
    return [event("purchase", day, customer) for day in days]


async def live(wall: float, *, behind: bool = False) -> FakeStore:
    """A regular customer's log, applied live, looked at `wall` days after the start."""
    store, sequencer = await sequenced(
        regular(), live_lateness=DAY, wall=lambda: START + wall * DAY
    )
    if behind:
        sequencer.partition.reach(INTERACTIONS, 5, End(5, 9))
    await sequencer.partition._settle()
    return store


async def test_live_silence_is_told_as_the_wall_clock_passes() -> None:
    assert (await live(60.0)).warnings() == []
    store = await live(200.0)
    told = [(w.rule, w.lifecycle, w.sequence) for w in store.warnings()]
    assert told == [
        ("silence", "raised", 1),
        ("silence", "escalated", 2),
    ]
    assert store.parts[0].clock == START + 199.0 * DAY
    assert store.parts[0].offsets == {TRANSACTIONS: 20, INTERACTIONS: 0, OUTCOMES: 0}


async def test_live_the_allowed_lateness_holds_the_clock_back() -> None:
    raised = (await live(200.0)).warnings()[0].event_time.timestamp()
    due = (raised - START) / DAY
    assert (await live(due + 1.0 - 1e-6)).warnings() == []
    assert len((await live(due + 1.0 + 1e-6)).warnings()) == 1


async def test_live_the_wall_waits_for_a_topic_that_is_behind() -> None:
    assert (await live(200.0, behind=True)).warnings() == []


@pytest.mark.parametrize(("lateness", "poll"), [(None, 0.5), (60.0, 0.5), (0.25, 0.25), (0.0, 0.1)])
async def test_the_clock_is_looked_at_as_often_as_it_may_stay_behind(
    lateness: float | None, poll: float
) -> None:
    _, sequencer = await sequenced(regular(), live_lateness=lateness)
    assert sequencer.partition._services.poll == poll


async def test_live_more_timers_than_one_load_holds_move_the_clock_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partition, "TIMERS", 1)
    store = await live(200.0)
    assert len(store.warnings()) == 2
    assert store.parts[0].clock == START + 199.0 * DAY
