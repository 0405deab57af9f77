"""A key's partition by the hash that the bank's producers use."""

import asyncio
from collections.abc import Callable
from importlib.metadata import EntryPoint
from zlib import crc32

import pytest
from harness import Worker, make_settings
from harness import start as start  # noqa: PLC0414 - a fixture
from hypothesis import given
from hypothesis import strategies as st
from portfolio import portfolio
from stream_events import event, records
from traces import as_messages, differences, run_undisturbed, states

from ebbwatch.stack import Stack
from schemas import BatchAdapter, Transaction
from scoring.arrays import DAY
from scoring.facts.state import LIFECYCLE, LIFECYCLE_SCORES
from streams.broker import partitioner as module
from streams.broker.clients import ClientOptions
from streams.broker.partitioner import KNOWN, PartitionerError, partitioner
from streams.broker.write import produce
from streams.config import Settings
from streams.intake.decode import Decoder
from streams.intake.rates import RateTable

CHECK = (b"123456789", 0xCBF43926)  # the published check value of CRC-32 (ISO-HDLC)


def test_crc32_is_the_one_of_librdkafka() -> None:
    key, value = CHECK
    assert crc32(key) == value
    assert partitioner("crc32").one(key, 1_000) == value % 1_000


@given(st.lists(st.binary(min_size=1, max_size=64).filter(lambda key: key[-1])), st.integers(1, 99))
@pytest.mark.parametrize("name", KNOWN)
def test_many_keys_are_where_each_is(name: str, keys: list[bytes], partitions: int) -> None:
    of = partitioner(name)
    assert of.many(keys, partitions).tolist() == [of.one(key, partitions) for key in keys]


def last_byte(key: bytes, partitions: int) -> int:
    return key[-1] % partitions


def beyond(_: bytes, partitions: int) -> int:
    return partitions


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint(name, f"{__name__}:{name}", module.GROUP) for name in ("last_byte", "beyond")
    ]
    monkeypatch.setattr(module, "entry_points", lambda **_: points)
    for point in points:
        monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[self.name])
        assert point.group == module.GROUP


@pytest.mark.usefixtures("entry")
def test_a_banks_own_is_an_entry_point_whose_answers_are_checked() -> None:
    own = partitioner("last_byte")
    assert own.many([b"a", b"b"], 10).tolist() == [7, 8]
    with pytest.raises(PartitionerError, match="beyond: expected a partition from 0 to 3, got 4"):
        partitioner("beyond").one(b"a", 4)
    with pytest.raises(PartitionerError, match="expected murmur2, crc32 or an entry point"):
        partitioner("other")


def test_a_record_is_refused_by_the_partitioner_that_is_configured() -> None:
    by, number = partitioner("crc32"), partitioner("crc32").one(b"c1", 4)
    sent = records("t", [event("purchase", 0)])
    of = Decoder(BatchAdapter(Transaction), RateTable("USD"), DAY, partitions=4, partitioner=by)
    _, dead = of.decode(sent)
    assert number != 0
    assert [d.rejection.expected for d in dead] == [f"partition {number}, by crc32 of the key"]


def test_a_run_by_crc32_leaves_what_one_by_murmur2_does(
    stack: Stack, topic_prefix: str, start: Callable[..., Worker]
) -> None:
    found = {}
    log = portfolio(100, 7)
    for name in KNOWN:
        settings = make_settings(stack, f"{topic_prefix}{name}.", partitioner=name)
        for topic, events in zip(
            settings.input_topics[:2], (log.transactions, log.interactions), strict=True
        ):
            asyncio.run(written(settings, topic, events))
        run_undisturbed(settings, start)
        found[name] = states(settings)
    # What is bound to a partition's clock may differ, since its customers are others.
    bound = {*LIFECYCLE, *LIFECYCLE_SCORES}
    assert differences(found["crc32"], found["murmur2"]).keys() <= bound
    assert len(found["crc32"]) > 90


async def written(settings: Settings, topic: str, events: list[dict[str, object]]) -> None:
    producer = ClientOptions(settings).producer()
    await producer.start()
    by = partitioner(settings.partitioner)
    await produce(producer, topic, as_messages(events), settings.partitions, partitioner=by)
    await producer.stop()
