"""What a worker owns: claimed together, released together, asked by the transport."""

import asyncio
from typing import Any, cast

import pytest
from fakes import NAMED, FakeStore, services, until
from faust.types import TP
from redis.exceptions import ConnectionError as RedisConnectionError
from stream_events import INTERACTIONS, TOPICS, TRANSACTIONS, event, records

from streams.intake.inbox import SkippedError
from streams.intake.progress import Batch, End
from streams.outbox.relay import Relay
from streams.partition import ownership as module
from streams.partition.ownership import Ownership, co_partitioned
from streams.partition.services import Services
from streams.store import Claim, Commit, Load, owner_of


class Idle:
    """A relay that publishes nothing, or ends with an error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.woken, self.cancelled = error, 0, False

    def wake(self) -> None:
        self.woken += 1

    async def stood(self) -> None:
        pass

    async def run(self) -> None:
        if self.error is not None:
            raise self.error
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled = True


class Owner:
    """Partitions over a fake store, with idle relays, and what they failed with."""

    def __init__(self, of: Services | None = None, error: Exception | None = None) -> None:
        self.store = FakeStore()
        self.services = of or services(self.store)
        self.relays: dict[int, Idle] = {}
        self.failures: list[BaseException] = []
        self.error = error
        self.partitions = Ownership(self.services, TOPICS, self._relay, self.failures.append)

    def _relay(self, number: int, _: Claim) -> Relay:
        return cast("Relay", self.relays.setdefault(number, Idle(self.error)))

    async def claim(self, *numbers: int) -> None:
        await self.partitions.claim(both(*numbers))


def both(*numbers: int) -> set[TP]:
    return {TP(topic, number) for topic in TOPICS for number in numbers}


@pytest.mark.parametrize(
    ("assigned", "numbers"),
    [
        (set(), set()),
        (both(0), {0}),
        (both(1, 5), {1, 5}),
        (both(3) | {TP("other", 9)}, {3}),
    ],
)
def test_input_topics_assigned_together_are_taken(assigned: set[TP], numbers: set[int]) -> None:
    assert co_partitioned(assigned, TOPICS) == numbers


@pytest.mark.parametrize(
    ("assigned", "got"),
    [
        ({TP(TRANSACTIONS, 0)}, "{'transactions': [0], 'interactions': [], 'outcomes': []}"),
        (
            both(0) | {TP(INTERACTIONS, 2)},
            "{'transactions': [0], 'interactions': [0, 2], 'outcomes': [0]}",
        ),
    ],
)
async def test_input_topics_not_assigned_together_are_refused(assigned: set[TP], got: str) -> None:
    owner = Owner()
    with pytest.raises(ValueError, match="expected the same partitions of every topic") as refused:
        await owner.partitions.claim(assigned)
    assert str(refused.value).endswith(f"got {got}")
    assert owner.partitions.owned == {}
    assert owner.store.parts == {}


async def test_a_claim_owns_at_a_new_epoch_and_reads_where_to_go_on() -> None:
    owner = Owner()
    await owner.store.claim(1)
    await owner.store.commit(1, Commit(owner_of(1, NAMED), 0, 5.0, {TRANSACTIONS: 42}))
    await owner.claim(0, 1)
    partitions = owner.partitions
    assert partitions.is_assigned
    assert {number: part.epoch for number, part in owner.store.parts.items()} == {0: 1, 1: 2}
    assert partitions.applied_offset(TRANSACTIONS, 1) == 42
    assert partitions.applied_offset(INTERACTIONS, 1) == 0
    assert partitions.applied_offset(TRANSACTIONS, 0) == 0
    assert partitions.applied_offset(TRANSACTIONS, 2) is None
    await partitions.release()


async def test_released_partitions_stop_and_are_forgotten() -> None:
    owner = Owner()
    await owner.claim(0, 1)
    await asyncio.sleep(0)
    await owner.partitions.release()
    assert [relay.cancelled for relay in owner.relays.values()] == [True, True]
    assert not owner.partitions.is_assigned
    assert owner.partitions.applied_offset(TRANSACTIONS, 0) is None
    assert owner.failures == []


async def test_a_new_assignment_replaces_the_old() -> None:
    owner = Owner()
    await owner.claim(0, 1)
    await owner.claim(1, 2)
    assert sorted(owner.partitions.owned) == [1, 2]
    assert {number: part.epoch for number, part in owner.store.parts.items()} == {0: 1, 1: 2, 2: 1}
    await owner.partitions.release()


async def test_an_assignment_of_nothing_is_one() -> None:
    owner = Owner()
    await owner.partitions.claim(set())
    assert owner.partitions.is_assigned


async def test_records_reach_their_sequencer_and_wake_the_relay_once_committed() -> None:
    owner = Owner()
    await owner.claim(0)
    log = records(TRANSACTIONS, [event("purchase", day) for day in (*range(0, 60, 3), 200)])
    whole = {TP(TRANSACTIONS, 0): len(log), TP(TRANSACTIONS, 7): 5}
    ends = {TP(topic, 0): End(0, 0) for topic in TOPICS} | {TP(TRANSACTIONS, 0): End(21, 21)}
    owner.partitions.on_fetch(whole, {**ends, TP(TRANSACTIONS, 7): End(5, 5)})
    owner.partitions.feed(log)
    await until(lambda: owner.partitions.applied_offset(TRANSACTIONS, 0) == 21)
    assert owner.relays[0].woken == 1
    await owner.partitions.release()
    owner.partitions.feed(log)  # of a partition revoked meanwhile: ignored


async def test_a_batch_lost_on_its_way_ends_the_process() -> None:
    owner = Owner()
    await owner.claim(0)
    lost = Batch(records(TRANSACTIONS, [event("purchase", 1)]))
    lost.number = 3
    owner.partitions.feed(lost)
    assert [type(failure) for failure in owner.failures] == [SkippedError]
    await owner.partitions.release()


async def test_partitions_with_full_inboxes_are_held() -> None:
    owner = Owner(services(FakeStore(), inbox_records=2))
    await owner.claim(0, 1)
    assert owner.partitions.held() == frozenset()
    owner.partitions.feed(records(TRANSACTIONS, [event("purchase", 1), event("purchase", 2)]))
    assert owner.partitions.held() == {TP(TRANSACTIONS, 0)}
    await owner.partitions.release()


async def test_who_is_fenced_ends_quietly() -> None:
    owner = Owner()
    await owner.claim(0)
    await owner.store.claim(0)
    owner.partitions.on_fetch({}, {TP(topic, 0): End(1, 1) for topic in TOPICS})
    owner.partitions.feed(records(TRANSACTIONS, [event("purchase", 1)]))
    owner.partitions.feed(records(INTERACTIONS, [event("complaint", 1)]))
    tasks = owner.partitions.owned[0]._tasks
    await until(lambda: any(task.done() for task in tasks))
    await asyncio.sleep(0)
    assert owner.failures == []
    assert owner.store.parts[0].states == {}
    await owner.partitions.release()


async def test_who_is_fenced_and_hears_of_no_rebalance_stops_and_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "GRACE", 0.05)
    owner = Owner()
    await owner.claim(0, 1)
    await owner.store.claim(0)
    sampling = asyncio.create_task(owner.partitions.sample())
    await until(lambda: owner.failures)
    sampling.cancel()
    (error,) = owner.failures
    assert str(error) == f"partition 0: owner 1-{NAMED} gave way to 2-{NAMED}"
    assert [relay.cancelled for relay in owner.relays.values()] == [True, False]
    await owner.partitions.release()


@pytest.mark.parametrize(
    ("owner_now", "sequence", "told"),
    [
        ("", 0, f"partition 0: owner 1-{NAMED} gave way to nobody"),
        ("0-older", 0, f"partition 0: owner 1-{NAMED} gave way to 0-older"),
        (owner_of(1, NAMED), 0, "partition 0: at 1, store at 0"),
    ],
)
async def test_a_store_that_went_back_ends_the_process_also_of_an_idle_partition(
    owner_now: str, sequence: int, told: str
) -> None:
    owner = Owner()
    await owner.store.claim(0)
    begun = owner.services.in_use.current.activated(0.0)
    await owner.store.commit(0, Commit(owner_of(1, NAMED), 0, 5.0, {}, activated=begun))
    owner.store.parts[0].epoch = 0
    await owner.claim(0)
    part = owner.store.parts[0]
    part.owner, part.sequence = owner_now, sequence
    sampling = asyncio.create_task(owner.partitions.sample())
    await until(lambda: owner.failures)
    sampling.cancel()
    assert str(owner.failures[0]) == told
    await owner.partitions.release()


async def test_nothing_is_committed_before_the_relay_knows_where_the_store_stands() -> None:
    owner, standing = Owner(), asyncio.Event()
    owner.relays[0] = Idle()
    owner.relays[0].stood = standing.wait  # type: ignore[method-assign,assignment]
    await owner.claim(0)
    owner.partitions.on_fetch({}, {TP(topic, 0): End(1, 1) for topic in TOPICS})
    owner.partitions.feed(records(TRANSACTIONS, [event("purchase", 1)]))
    owner.partitions.feed(records(INTERACTIONS, [event("complaint", 1)]))
    for _ in range(20):
        await asyncio.sleep(0)
    assert owner.store.parts[0].sequence == 0
    standing.set()
    await until(lambda: owner.store.parts[0].sequence)
    await owner.partitions.release()


async def test_any_other_error_is_told_and_ends_the_process() -> None:
    error = ZeroDivisionError("relay")
    owner = Owner(error=error)
    await owner.claim(0)
    await until(lambda: owner.failures)
    assert owner.failures == [error]
    await owner.partitions.release()


def test_ending_the_process_tells_why_and_runs_no_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    statuses: list[int] = []
    monkeypatch.setattr("streams.partition.owned.os._exit", statuses.append)
    module.end_process(ValueError("why"))
    assert statuses == [70]


def gauge(owner: Owner, name: str, **labels: str) -> float | None:
    return owner.services.metrics.registry.get_sample_value(name, labels)


async def test_gauges_show_owned_partitions_and_forget_released_ones() -> None:
    class Unread(FakeStore):
        async def load(self, *_: object) -> Load:
            raise RedisConnectionError("away")

    owner = Owner(services(Unread()))
    store, activated = owner.services.store, owner.services.in_use.current.activated(0.0)
    await store.claim(3)
    states, armed = {b"a": b"A", b"b": b"B"}, {b"a": 4.0, b"b": 6.0}
    begun = Commit(owner_of(1, NAMED), 0, 5.0, {}, states, cast("Any", armed), activated=activated)
    await store.commit(3, begun)
    await owner.claim(3)
    owner.partitions.on_fetch({}, {TP(TRANSACTIONS, 3): End(0, 9)})
    sampling = asyncio.create_task(owner.partitions.sample())
    await until(lambda: gauge(owner, "ebbwatch_customers", partition="3") is not None)
    assert gauge(owner, "ebbwatch_customers", partition="3") == 2.0
    assert gauge(owner, "ebbwatch_outbox_depth", partition="3") == 0.0
    assert gauge(owner, "ebbwatch_timers_due", partition="3") == 1.0
    lag = {"topic": TRANSACTIONS, "partition": "3"}
    assert gauge(owner, "ebbwatch_lag_messages", **lag) == 9.0
    await owner.partitions.release()
    sampling.cancel()
    assert gauge(owner, "ebbwatch_customers", partition="3") is None
    assert gauge(owner, "ebbwatch_lag_messages", **lag) is None


async def test_lag_shows_while_redis_is_away() -> None:
    class Away(FakeStore):
        async def counts(self, *_: object) -> tuple[int, int, int]:
            raise RedisConnectionError("away")

    owner = Owner(services(Away()))
    await owner.claim(0, 1)
    owner.partitions.on_fetch({}, {TP(TRANSACTIONS, 1): End(0, 4)})
    sampling = asyncio.create_task(owner.partitions.sample())
    lag = {"topic": TRANSACTIONS, "partition": "1"}
    await until(lambda: gauge(owner, "ebbwatch_lag_messages", **lag) == 4.0)
    await asyncio.sleep(0)
    assert not sampling.done()
    sampling.cancel()
    await owner.partitions.release()


async def test_an_idle_partition_counts_as_progressing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.partition.services.POLL", 0.01)
    owner = Owner()
    await owner.claim(0)
    partition = owner.partitions.owned[0].partition
    partition.progressed_at = before = -1.0
    await until(lambda: partition.progressed_at > before)
    owner.partitions.on_fetch({}, {TP(TRANSACTIONS, 0): End(0, 4)})
    partition.progressed_at = before
    await asyncio.sleep(0.05)
    assert partition.progressed_at == before
    await owner.partitions.release()
