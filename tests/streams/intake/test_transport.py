"""The batch transport inside a real Faust app, without a broker."""

import asyncio
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError
from faust.transport import by_url
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from stream_events import record
from yarl import URL

from streams.intake import transport
from streams.intake.progress import End, Jump
from streams.intake.records import Records
from streams.intake.transport import Consumer, Transport, _BatchScheduler, _Fetched

ONE, TWO = TP("t", 0), TP("t", 1)


class Applied:
    """A `Progress` of given offsets, which keeps what it hears."""

    def __init__(self) -> None:
        self.offsets: dict[TP, int] = {}
        self.full: frozenset[TP] = frozenset()
        self.jumps: list[tuple[TP, Jump]] = []
        self.heard: list[tuple[Mapping[TP, int], Mapping[TP, End]]] = []

    def applied_offset(self, topic: str, partition: int) -> int | None:
        return self.offsets.get(TP(topic, partition))

    def on_fetch(self, fetched: Mapping[TP, int], ends: Mapping[TP, End]) -> None:
        self.heard.append((fetched, ends))

    def on_jump(self, tp: TP, jump: Jump) -> None:
        self.jumps.append((tp, jump))

    def held(self) -> frozenset[TP]:
        return self.full


@pytest.fixture
def progress() -> Applied:
    return Applied()


@pytest.fixture
async def consumer(progress: Applied, tmp_path: Path) -> Consumer:
    app: Any = faust.App(
        "transport-test", broker="ebbwatch://127.0.0.1:1", web_enabled=False, datadir=tmp_path
    )
    app.progress = progress

    async def take(_: Any) -> None:
        pass

    made: Consumer = app.transport.create_consumer(
        take, on_partitions_revoked=take, on_partitions_assigned=take
    )
    return made


def batch(first: int, last: int, tp: TP = ONE) -> Records:
    return [
        record(tp.topic, offset, b"v", timestamp_ms=1_000 * offset, partition=tp.partition)
        for offset in range(first, last + 1)
    ]


def test_the_entry_point_resolves_its_scheme() -> None:
    (found,) = (
        point for point in entry_points(group="faust.transports") if point.name == "ebbwatch"
    )
    assert found.load() is Transport
    assert by_url(URL("ebbwatch://127.0.0.1:9092")) is Transport


def test_an_app_of_that_scheme_makes_our_consumer(consumer: Consumer) -> None:
    assert type(consumer) is Consumer
    assert isinstance(consumer.scheduler, _BatchScheduler)
    assert isinstance(consumer._new_consumer_thread(), driver.AIOKafkaConsumerThread)


def test_partitions_are_yielded_whole() -> None:
    fetched = {ONE: batch(0, 2), TWO: batch(5, 5, TWO)}
    assert list(_BatchScheduler().iterate(fetched)) == list(fetched.items())
    assert list(_BatchScheduler().iterate({})) == []


def test_a_batch_is_one_message_at_the_last_records_offset(consumer: Consumer) -> None:
    records = batch(3, 7)
    message = consumer._to_message(ONE, records)
    assert (message.topic, message.partition, message.tp) == ("t", 0, ONE)
    assert (message.offset, message.timestamp) == (7, 7.0)
    assert message.value is records
    assert message.key is None


def test_the_committed_offset_mirrors_what_was_applied(
    consumer: Consumer, progress: Applied
) -> None:
    consumer._acked[ONE] = [1, 2, 3]
    consumer._acked_index[ONE] = {1, 2, 3}
    assert consumer._new_offset(ONE) is None
    progress.offsets[ONE] = 42
    assert consumer._new_offset(ONE) == 42
    assert consumer._acked[ONE] == []
    assert not consumer._acked_index[ONE]


def test_every_owned_partition_is_committed_whatever_was_acked(
    consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = TP("u", 0)
    monkeypatch.setattr(consumer, "assignment", lambda: {ONE, TWO, other})
    assert {*consumer._filter_tps_with_pending_acks()} == {ONE, TWO, other}
    assert {*consumer._filter_tps_with_pending_acks(["t"])} == {ONE, TWO}
    assert {*consumer._filter_tps_with_pending_acks([TWO])} == {TWO}


async def test_owned_partitions_are_sought_to_where_redis_stands(
    consumer: Consumer, progress: Applied, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought: list[dict[TP, int]] = []

    class Thread:
        async def seek_wait(self, offsets: dict[TP, int]) -> None:
            sought.append(offsets)

    monkeypatch.setattr(consumer, "assignment", lambda: {ONE, TWO})
    monkeypatch.setattr(consumer, "_thread", Thread())
    await consumer.perform_seek()
    assert sought == []
    progress.offsets = {ONE: 0, TP("revoked", 3): 9}
    await consumer.perform_seek()
    assert sought == [{ONE: 0}]


async def test_batches_are_numbered_from_where_a_partition_was_sought(
    consumer: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any) -> None:
        pass

    async def drained(*_: Any, **__: Any) -> dict[TP, Records]:
        return {ONE: batch(0, 1), TWO: batch(5, 5, TWO)}

    base = driver.AIOKafkaConsumerThread
    monkeypatch.setattr(base, "_seek_wait", nothing)
    monkeypatch.setattr(base, "_fetch_records", drained)
    monkeypatch.setattr(base, "on_partitions_revoked", nothing)
    thread: Any = consumer._new_consumer_thread()
    monkeypatch.setattr(thread, "_ends", dict)

    async def fetched() -> list[int | None]:
        return [each.number for each in (await thread._fetch_records()).values()]

    assert await fetched() == [None, None]
    await thread._seek_wait(None, {ONE: 7})
    assert [await fetched() for _ in range(2)] == [[0, None], [1, None]]
    await thread._seek_wait(None, {ONE: 7, TWO: 3})
    assert [await fetched() for _ in range(2)] == [[0, 0], [1, 1]]
    await thread.on_partitions_revoked({ONE, TWO})
    assert await fetched() == [None, None]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[set[TP], float]]:
    """What Faust was asked to fetch, which answers with one batch."""
    found: list[tuple[set[TP], float]] = []

    async def getmany(_: Any, wanted: set[TP], timeout: float) -> _Fetched:  # noqa: ASYNC109
        found.append((wanted, timeout))
        fetched = _Fetched({ONE: batch(3, 7)})
        fetched.ends, fetched.jumps = {ONE: End(8, 20)}, {TWO: Jump(3, 9)}
        return fetched

    monkeypatch.setattr(driver.Consumer, "_getmany", getmany)
    return found


async def test_a_fetch_tells_how_far_it_came_and_where_the_end_is(
    consumer: Consumer, progress: Applied, asked: list[tuple[set[TP], float]]
) -> None:
    fetched = await consumer._getmany({ONE, TWO}, 5.0)
    assert asked == [({ONE, TWO}, 5.0)]
    assert [r.offset for r in fetched[ONE]] == [3, 4, 5, 6, 7]
    assert progress.heard == [({ONE: 8}, {ONE: End(8, 20)})]
    assert progress.jumps == [(TWO, Jump(3, 9))]


async def test_held_partitions_are_not_fetched(
    consumer: Consumer, progress: Applied, asked: list[tuple[set[TP], float]]
) -> None:
    progress.full = frozenset({TWO})
    await consumer._getmany({ONE, TWO}, 600.0)
    assert asked == [({ONE}, transport.HELD_POLL)]
    progress.full = frozenset({ONE, TWO})
    async with asyncio.timeout(60):
        assert await consumer._getmany({ONE, TWO}, 600.0) == {}
        assert await consumer._getmany(None, 600.0) == {}
    assert len(asked) == 1


async def test_an_error_that_keeps_it_outside_its_group_is_told_and_let_go_of(
    consumer: Consumer,
) -> None:
    assert consumer.outside() is None  # no consumer is made yet
    coordinator = object.__new__(GroupCoordinator)
    coordinator._coordination_task = asyncio.create_task(asyncio.sleep(60.0))
    coordinator._pending_exception, coordinator._error_consumed_fut = None, None
    made = SimpleNamespace(_coordinator=coordinator)
    loop = asyncio.get_running_loop()
    consumer._thread = SimpleNamespace(  # type: ignore[assignment]
        _consumer=made, _ensure_consumer=lambda: made, thread_loop=loop
    )
    assert consumer.outside() is None
    waits = coordinator._error_consumed_fut = loop.create_future()
    coordinator._pending_exception = refused = GroupAuthorizationFailedError("g")
    assert consumer.outside() is refused
    consumer.go_on()
    await waits
    assert consumer.outside() is None
    coordinator._coordination_task.cancel()


async def test_a_group_whose_looking_after_has_died_is_told_with_what_it_died_of(
    consumer: Consumer,
) -> None:
    async def dies() -> None:
        raise KafkaError("unexpected")

    coordinator = object.__new__(GroupCoordinator)
    coordinator._coordination_task = asyncio.create_task(dies())
    coordinator._pending_exception = None
    consumer._thread = SimpleNamespace(  # type: ignore[assignment]
        _consumer=SimpleNamespace(_coordinator=coordinator)
    )
    await asyncio.wait([coordinator._coordination_task])
    assert "unexpected" in str(consumer.outside())
