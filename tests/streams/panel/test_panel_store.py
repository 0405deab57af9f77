"""One suite for the panel's store: the tests' fake keeps it as Redis does."""

import uuid
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
from fakes import NAMED, FakeStore
from panel_fakes import FakePanelStore

from ebbwatch.stack import Stack
from streams.panel import PanelStore, RedisPanelStore
from streams.store import Commit, Fenced, RedisStore, Store, owner_of
from streams.store.clients import connect


class Both(NamedTuple):
    store: Store
    panels: PanelStore


@pytest.fixture
async def on_redis(stack: Stack) -> AsyncIterator[Both]:
    redis = connect(stack.redis_url, 10.0)
    store = RedisStore(redis, f"t{uuid.uuid4().hex[:12]}", 4, lambda: NAMED)
    yield Both(store, RedisPanelStore(redis, store))
    await redis.aclose()


@pytest.fixture(params=["fake", pytest.param("redis", marks=pytest.mark.integration)])
def both(request: pytest.FixtureRequest) -> Both:
    if request.param == "fake":
        store = FakeStore()
        return Both(store, FakePanelStore(store))
    found: Both = request.getfixturevalue("on_redis")
    return found


async def test_at_first_there_is_no_panel_and_nobody(both: Both) -> None:
    assert await both.panels.panel(0) is None
    assert await both.panels.customers(0) == []


async def test_a_panel_is_replaced_whole_and_holds_any_byte(both: Both) -> None:
    owner = (await both.store.claim(0)).owner
    for packed in (bytes(range(256)) * 50, b"", b"\r\n\0"):
        await both.panels.keep(0, owner, packed)
        await both.panels.keep(0, owner, packed)
        assert await both.panels.panel(0) == packed
    assert await both.panels.panel(1) is None


async def test_customers_are_those_with_a_state(both: Both) -> None:
    await both.store.claim(0)
    states: Any = {b"%d" % number: b"s" for number in range(2_500)}
    await both.store.commit(
        0, Commit(owner=owner_of(1, NAMED), sequence=0, clock=1.0, offsets={}, states=states)
    )
    assert sorted(await both.panels.customers(0)) == sorted(states)
    assert await both.panels.customers(1) == []


@pytest.mark.parametrize("epoch", [1, 3])
async def test_any_epoch_but_the_owners_is_fenced_and_writes_nothing(
    both: Both, epoch: int
) -> None:
    await both.store.claim(0)
    await both.store.claim(0)
    await both.panels.keep(0, owner_of(2, NAMED), b"mine")
    with pytest.raises(Fenced, match=f"partition 0: owner {epoch}-.* gave way to 2-"):
        await both.panels.keep(0, owner_of(epoch, NAMED), b"theirs")
    assert await both.panels.panel(0) == b"mine"


async def test_an_unclaimed_partition_keeps_no_panel(both: Both) -> None:
    with pytest.raises(Fenced):
        await both.panels.keep(0, owner_of(1, NAMED), b"theirs")
    assert await both.panels.panel(0) is None


async def test_a_panel_leaves_the_partitions_progress_alone(both: Both) -> None:
    await both.store.claim(0)
    before = await both.store.peek(0)
    await both.panels.keep(0, owner_of(1, NAMED), b"panel")
    assert await both.store.peek(0) == before
