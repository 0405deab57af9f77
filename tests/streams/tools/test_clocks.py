"""A clock that ran ahead is set back, and nobody stays warned about for it."""

from fakes import MODEL, FakeStore, FedByHand, sequenced, services
from stream_events import INTERACTIONS, START, TRANSACTIONS, Event, event, records

from scoring.arrays import DAY
from scoring.facts.packing import unpack
from streams.tools.mending.clocks import ClockAt, clocks, set_back

TODAY = START + 60 * DAY


def weekly(customers: int, days: range) -> list[Event]:
    return [event("purchase", day, f"c{n}") for day in days for n in range(customers)]


async def leapt() -> tuple[FakeStore, list[Event]]:
    """A store in which one event of fifty years ahead has moved the clock."""
    log = [*weekly(5, range(0, 60, 3)), event("purchase", 20_000, "c0")]
    store, _ = await sequenced(log)
    return store, log


async def test_a_leap_is_shown_and_undone_and_its_warnings_are_cleared() -> None:
    store, log = await leapt()
    assert await clocks(store, 1) == [ClockAt(0, START + 20_000 * DAY)]
    raised = {w.customer_id for w in store.warnings() if w.lifecycle == "raised"}
    assert raised == {f"c{n}" for n in range(5)}
    (done,) = await set_back(store, 1, MODEL, TODAY)
    assert (done.partition, done.customers, done.ahead) == (0, 5, 1)
    assert await clocks(store, 1) == [ClockAt(0, TODAY)]
    assert await set_back(store, 1, MODEL, TODAY) == []

    more = [*log, *weekly(5, range(61, 70, 3))]
    sequencer = FedByHand(
        {TRANSACTIONS: records(TRANSACTIONS, more), INTERACTIONS: []}, services(store)
    )
    await sequencer.claim()
    await sequencer.finish()
    last = {w.customer_id: w.lifecycle for w in store.warnings()}
    assert last == {f"c{n}": "cleared" for n in range(5)}
    assert store.parts[0].clock == START + 67 * DAY
    states = unpack(list(store.parts[0].states.values()))
    assert states["last_event"].tolist() == [START + 67 * DAY] * 5
