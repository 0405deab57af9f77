"""What counts toward a partition's brake, what is told of it, and when a partition rests."""

import asyncio

import numpy as np
import pytest
from fakes import FakeStore, FedByHand, sequenced, services, until
from prometheus_client import CollectorRegistry
from stream_events import TRANSACTIONS, Event, event, records
from structlog.testing import capture_logs

from scoring.arrays import DAY
from scoring.step.outcome import WARNING
from streams.partition.brake_watch import BrakeWatch, rises
from streams.partition.sequencer import Sequencer
from streams.store import Brake, Budget, Commit
from streams.telemetry.metrics import Metrics

LEAVERS = 30
SILENT = 400  # day by which all of them are warned of


def leavers() -> list[Event]:
    """Who bought weekly, one a day apart from the other, and then no more."""
    bought = [
        event("purchase", 7 * week + number / LEAVERS, f"c{number}")
        for number in range(LEAVERS)
        for week in range(12)
    ]
    return sorted(bought, key=lambda each: str(each["event_time"]))


def test_only_what_rises_counts_by_the_hour_it_is_about() -> None:
    found = np.zeros(6, WARNING)
    found["before"], found["after"] = [0, 1, 0, 2, 1, 0], [1, 2, 2, 1, 0, 1]
    found["now"] = [7_199.9, 7_200.0, 7_200.0, 7_200.0, 7_200.0, 3_600.0]
    assert rises(found) == {1: 2, 2: 2}
    assert rises(found[:0]) == {}


@pytest.mark.parametrize("size", [1, 7, 4_000])
async def test_rises_are_counted_alike_for_any_cut(size: int) -> None:
    log = [*leavers(), event("purchase", SILENT, "other")]
    counted: dict[int, int] = {}

    class Keeping(FakeStore):
        async def commit(self, partition: int, commit: Commit) -> None:
            for hour, many in commit.rises.items():
                counted[hour] = counted.get(hour, 0) + many
            await super().commit(partition, commit)

    store, _ = await sequenced(log, store=Keeping(), batch_records=size)
    told = [w for w in store.warnings() if w.lifecycle in {"raised", "escalated"}]
    expected = [int(warning.event_time.timestamp() // 3_600) for warning in told]
    assert len(told) >= 2 * LEAVERS
    assert counted == {hour: expected.count(hour) for hour in expected}


async def test_a_commit_holds_what_rises_beyond_the_budget_of_its_services() -> None:
    log = [*leavers(), event("purchase", SILENT, "other")]
    store, _ = await sequenced(log, budget=Budget(0.01, 1))
    held = await store.brake(0)
    assert held.after is not None
    entries = [number for number in store.parts[0].outbox if number > held.after]
    assert 2 * LEAVERS - 2 <= held.rises <= len(entries)
    open_one, _ = await sequenced(log, budget=Budget(0.99, 100))
    assert (await open_one.brake(0)).after is None
    assert store.warnings() == open_one.warnings()
    assert store.parts[0].states == open_one.parts[0].states


def test_what_is_held_is_told_once_and_its_release_too() -> None:
    metrics = Metrics(CollectorRegistry())
    watch = BrakeWatch(3, 50, metrics)
    held = Brake(90, 40, after=45, rises=12, hour=490_000)

    def shown() -> float | None:
        return metrics.registry.get_sample_value("ebbwatch_brake_held", {"partition": "3"})

    with capture_logs() as logs:
        watch.see(Brake(45, 40))
        assert (shown(), watch.is_closed, watch.is_full) == (0.0, False, False)
        watch.see(held)
        watch.see(held)
        assert (shown(), watch.is_closed, watch.is_full) == (12.0, True, False)
        watch.see(held._replace(outbox=95, rises=14))
        watch.see(held._replace(outbox=99, rises=15))
        assert (shown(), watch.is_closed, watch.is_full) == (15.0, True, True)
        watch.see(Brake(99, 40))
        assert (shown(), watch.is_closed, watch.is_full) == (0.0, False, False)
    assert [(each["event"], each["log_level"]) for each in logs] == [
        ("warnings held", "error"),
        ("partition rests", "error"),
        ("warnings released", "warning"),
    ]
    first = logs[0]
    assert (first["rises"], first["messages"]) == (12, 45)
    assert first["hour"] == "2025-11-24T16:00+00:00"
    assert "ebbwatch brake show" in first["help"]


async def test_a_partition_rests_while_too_much_is_held_and_goes_on_once_released() -> None:
    store = FakeStore()
    of = services(store, budget=Budget(0.01, 0), held_messages=1)
    hand = FedByHand({TRANSACTIONS: records(TRANSACTIONS, leavers())}, of)
    await hand.claim()
    partition: Sequencer = hand.partition
    partition.brake.see(Brake(5, 0, after=2, rises=3))
    for topic, whole in hand.topics.items():
        hand.feed(topic, len(whole))
    task = asyncio.create_task(partition.run())
    try:
        partition.progressed_at = 0.0
        await until(lambda: partition.progressed_at)  # resting is no standing still
        await asyncio.sleep(0.1)
        assert store.parts[0].sequence == 0
        partition.brake.see(Brake(5, 0))
        await until(lambda: store.parts[0].offsets.get(TRANSACTIONS) == 12 * LEAVERS)
    finally:
        task.cancel()


async def test_live_a_partition_that_rests_judges_no_silence_either() -> None:
    store, hand = await sequenced(leavers(), budget=Budget(0.0, 0))
    clock, before = hand.partition.clock, len(store.warnings())
    later = clock + SILENT * DAY
    live = services(store, live_lateness=0.0, wall=lambda: later, held_messages=1)
    again = FedByHand(hand.topics, live)
    await again.claim()
    again.partition.brake.see(Brake(5, 0, after=2, rises=3))
    for topic, whole in again.topics.items():
        again.feed(topic, len(whole))
    await again.partition._settle()
    assert (store.parts[0].clock, len(store.warnings())) == (clock, before)
    again.partition.brake.see(Brake(5, 0))
    await again.partition._settle()
    assert store.parts[0].clock > clock
