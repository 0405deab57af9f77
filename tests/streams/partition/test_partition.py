"""The sequencer over the fake store: any cut of the same log, any crash, the same outcome."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from fakes import FakeStore, FedByHand, Flaky, graveyard, sequenced, services, until
from redis.exceptions import ConnectionError as RedisConnectionError
from stream_events import INTERACTIONS, OUTCOMES, START, TOPICS, TRANSACTIONS, Event, event, records

from schemas import EarlyWarning
from scoring.arrays import DAY
from streams.partition import sequencer as partition
from streams.retry import patience
from streams.store import Fenced

FEW = 3  # timers loaded at once, so that small logs have more
Told = tuple[str, str, int]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "FIRST", 0.0)
    monkeypatch.setattr(patience, "LONGEST", 0.0)


def told(warnings: Sequence[EarlyWarning]) -> list[Told]:
    return [(w.rule, w.lifecycle, w.sequence) for w in warnings]


def outcome(store: FakeStore) -> Any:
    part = store.parts[0]
    warnings = sorted(store.warnings(), key=lambda w: (w.warning_id, w.sequence))
    return part.states, part.due, part.clock, part.offsets, warnings


def regular(customer: str = "c1", days: range = range(0, 60, 3)) -> list[Event]:
    return [event("purchase", day, customer) for day in days]


async def test_a_timer_fires_in_front_of_the_event_that_comes_after_it() -> None:
    log = [*regular(), event("purchase", 200.0)]
    store, _ = await sequenced(log)
    silence = [w for w in store.warnings() if w.rule == "silence"]
    assert told(silence) == [
        ("silence", "raised", 1),
        ("silence", "escalated", 2),
        ("silence", "cleared", 3),
    ]
    days = [(w.event_time.timestamp() - START) / DAY for w in silence]
    assert 57 < days[0] < days[1] < days[2] == 200.0


async def test_anybodys_event_moves_the_clock_for_everybody() -> None:
    store, _ = await sequenced([*regular(), event("purchase", 200.0, "other")])
    assert {w.customer_id for w in store.warnings() if w.rule == "silence"} == {"c1"}


async def test_nobodys_event_means_no_silence_in_a_replay() -> None:
    store, _ = await sequenced(regular())
    assert store.warnings() == []


async def test_more_timers_than_one_load_holds_all_fire(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "TIMERS", FEW)
    customers = [f"c{number}" for number in range(4 * FEW + 1)]
    log = sorted(
        (each for name in customers for each in regular(name)), key=lambda e: e["event_time"]
    )
    store, _ = await sequenced([*log, event("purchase", 300.0, "other")])
    raised = {w.customer_id for w in store.warnings() if w.lifecycle == "raised"}
    assert raised == {*customers}
    assert store.parts[0].clock == START + 300 * DAY


async def test_timers_of_the_batchs_own_customers_wait_for_their_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partition, "TIMERS", FEW)
    customers = [f"c{number}" for number in range(2 * FEW)]
    seen = [each for name in customers for each in regular(name)]
    back = [event("purchase", 60 + day, name) for day in range(0, 300, 3) for name in customers]
    store = FakeStore()
    log = sorted([*seen, *back], key=lambda made: made["event_time"])
    sequencer = FedByHand(
        {TRANSACTIONS: records(TRANSACTIONS, log), INTERACTIONS: []}, services(store)
    )
    await sequencer.claim()
    sequencer.feed(INTERACTIONS, 0)
    sequencer.feed(TRANSACTIONS, len(seen))
    await sequencer.advance()
    await sequencer.finish()
    assert store.warnings() == []


async def test_a_purchase_too_late_goes_to_the_dead_letters_and_moves_on() -> None:
    store, sequencer = await sequenced(
        [*regular(), event("purchase", 130.0), event("purchase", 1.5)]
    )
    assert graveyard(sequencer.services).found == [(TRANSACTIONS, 21, "too_late")]
    assert store.parts[0].offsets[TRANSACTIONS] == 22
    metrics = sequencer.services.metrics.registry
    counted = {"topic": TRANSACTIONS, "type": "unknown", "outcome": "dead_letter"}
    assert metrics.get_sample_value("ebbwatch_events_total", counted) == 1.0


async def test_records_are_counted_by_what_became_of_them() -> None:
    twice = event("purchase", 1.0)
    _, sequencer = await sequenced([twice, twice, {"customer_id": "c1"}], [event("complaint", 2.0)])
    sample = sequencer.services.metrics.registry.get_sample_value
    counted = {
        (topic, kind, what): sample(
            "ebbwatch_events_total", {"topic": topic, "type": kind, "outcome": what}
        )
        for topic, kind, what in (
            (TRANSACTIONS, "purchase", "applied"),
            (TRANSACTIONS, "purchase", "duplicate"),
            (TRANSACTIONS, "unknown", "dead_letter"),
            (INTERACTIONS, "complaint", "applied"),
        )
    }
    assert set(counted.values()) == {1.0}
    dead = {"topic": TRANSACTIONS, "reason": "missing_field"}
    assert sample("ebbwatch_dead_letters_total", dead) == 1.0


async def test_dead_letters_are_sent_before_the_commit_that_passes_them() -> None:
    order: list[str] = []

    class Telling(FakeStore):
        async def commit(self, partition: int, commit: Any) -> None:
            order.append("commit")
            await super().commit(partition, commit)

    class Burying:
        async def send(self, dead: list[Any]) -> None:
            order.extend("dead" for _ in dead)

    late = [event("purchase", 100.0), event("purchase", 1.0)]
    await sequenced([{"customer_id": "c1"}, *late], store=Telling(), dead_letters=Burying())
    assert order == ["dead", "dead", "commit"]


@pytest.mark.parametrize("late", [False, True])
async def test_a_store_away_for_a_while_is_waited_for(*, late: bool) -> None:
    errors = [RedisConnectionError("away")] * 3 + [OSError("reset")]
    flaky = Flaky(errors, late=late)
    store, sequencer = await sequenced([*regular(), event("purchase", 200.0)], store=flaky)
    calm, _ = await sequenced([*regular(), event("purchase", 200.0)])
    assert flaky.errors == []
    assert outcome(store) == outcome(calm)
    assert store.parts[0].sequence == calm.parts[0].sequence
    assert sequencer.partition.clock == store.parts[0].clock


async def test_a_commit_whose_answer_was_lost_is_not_applied_twice() -> None:
    flaky = Flaky([RedisConnectionError("answer lost")], late=True)
    store, _ = await sequenced(regular(days=range(9)), store=flaky)
    calm, _ = await sequenced(regular(days=range(9)))
    assert store.parts[0].sequence == calm.parts[0].sequence == 1
    assert store.parts[0].outbox == calm.parts[0].outbox


async def test_an_error_that_waiting_does_not_mend_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        await sequenced(regular(), store=Flaky([ZeroDivisionError()]))


async def test_who_was_fenced_off_commits_nothing_more() -> None:
    store = FakeStore()
    topics = {TRANSACTIONS: records(TRANSACTIONS, regular()), INTERACTIONS: []}
    old, new = (FedByHand(topics, services(store)) for _ in range(2))
    await old.claim()
    await new.claim()
    with pytest.raises(Fenced):
        await old.finish()
    assert store.parts[0].states == {}
    await new.finish()
    assert store.parts[0].offsets[TRANSACTIONS] == len(topics[TRANSACTIONS])


async def test_offsets_move_only_with_commits() -> None:
    _, sequencer = await sequenced([])
    assert sequencer.partition.offsets == {TRANSACTIONS: 0, INTERACTIONS: 0, OUTCOMES: 0}
    _, sequencer = await sequenced(regular(), [event("complaint", 1.0)])
    assert sequencer.partition.offsets == {TRANSACTIONS: 20, INTERACTIONS: 1, OUTCOMES: 0}
    assert [box.lag for box in sequencer.partition.inboxes.values()] == [0, 0, 0]


async def test_it_runs_until_cancelled_and_wakes_when_fed() -> None:
    store = FakeStore()
    topics = {TRANSACTIONS: records(TRANSACTIONS, regular()), INTERACTIONS: []}
    sequencer = FedByHand(topics, services(store, batch_records=6))
    await sequencer.claim()
    running = asyncio.create_task(sequencer.partition.run())
    for topic in TOPICS:
        sequencer.feed(topic, 99)
    await until(lambda: store.parts[0].offsets.get(TRANSACTIONS, 0) == 20)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert store.parts[0].sequence == 4


async def test_an_inbox_is_full_at_its_limit() -> None:
    topics = {TRANSACTIONS: records(TRANSACTIONS, regular()), INTERACTIONS: []}
    sequencer = FedByHand(topics, services(FakeStore(), inbox_records=5))
    await sequencer.claim()
    sequencer.feed(TRANSACTIONS, 4)
    assert not sequencer.partition.is_full(TRANSACTIONS)
    sequencer.feed(TRANSACTIONS, 1)
    assert sequencer.partition.is_full(TRANSACTIONS)
    assert not sequencer.partition.is_full(INTERACTIONS)


async def test_an_inbox_is_full_at_its_limit_of_bytes() -> None:
    topics = {TRANSACTIONS: records(TRANSACTIONS, regular()), INTERACTIONS: []}
    sequencer = FedByHand(topics, services(FakeStore(), inbox_bytes=600))
    await sequencer.claim()
    sequencer.feed(TRANSACTIONS, 1)
    assert not sequencer.partition.is_full(TRANSACTIONS)
    sequencer.feed(TRANSACTIONS, 3)
    assert sequencer.partition.is_full(TRANSACTIONS)
    await sequencer.finish()
    assert not sequencer.partition.is_full(TRANSACTIONS)


async def test_what_is_set_aside_is_counted_by_reason_with_the_commit_that_passes_it() -> None:
    good, foreign = event("purchase", 1.0), event("purchase", 2.0, currency="AUD")
    store, first = await sequenced([good, foreign, foreign, {**good, "type": "odd"}])
    told = store.parts[0].set_aside
    assert {reason: each.records for reason, each in told.items()} == {
        "no_rate": 2,
        "unknown_type": 1,
    }
    assert list(told["no_rate"][2:]) == ["currency", "book_amount, or a rate to USD", "AUD"]
    first.topics[TRANSACTIONS] += records(TRANSACTIONS, [good] * 4 + [foreign])[4:]
    await first.claim()  # another worker goes on counting
    await first.finish()
    assert store.parts[0].set_aside["no_rate"].records == 3
