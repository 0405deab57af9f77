"""Redis loses a key alone, by eviction or by hand: that is found, and nothing begins anew."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import NamedTuple

import pytest
from redis.asyncio import Redis

from ebbwatch.stack import Stack
from streams.store import Activation, Commit, DamagedError, Entry, Fenced, RedisStore
from streams.store.clients import connect
from streams.store.meta import KEYS, LAYOUT

STATES = {b"a": b"A", b"b": b"B"}


class Held(NamedTuple):
    redis: Redis
    store: RedisStore
    owner: str

    async def lose(self, key: str) -> None:
        assert await self.redis.delete(self.store.key(0, key)) == 1

    def commit(self, sequence: int) -> Commit:
        return Commit(self.owner, sequence, 9.0, {"t": 9}, {b"c": b"C"}, {b"c": 3.0})


@pytest.fixture
async def held(stack: Stack) -> AsyncIterator[Held]:
    """A partition that holds something under every key."""
    redis = connect(stack.redis_url, 10.0)
    store = RedisStore(redis, f"t{uuid.uuid4().hex[:12]}", 4)
    owner = (await store.claim(0)).owner
    parts = {
        "outbox": [Entry("t", b"k", b"v", b"")],
        "histograms": {"a:1": 1},
        "gate": {"present": b"p"},
    }
    await store.commit(0, Commit(owner, 0, 5.0, {"t": 7}, STATES, {b"a": 2.0}, **parts))
    await store.activate(0, Activation(owner, 1, 5.0, {"t": 7}, "v", "b"))
    await store.keep_panel(0, owner, b"panel")
    yield Held(redis, store, owner)
    await redis.aclose()


async def test_nothing_is_missing_where_nothing_was_lost(held: Held) -> None:
    await held.store.commit(0, held.commit(2))
    await held.store.forget_published(0, held.owner, 1)
    await held.store.keep_panel(0, held.owner, b"another")
    claim = await held.store.claim(0)
    assert (claim.sequence, claim.outbox, claim.published) == (3, 1, 1)


@pytest.mark.parametrize("key", KEYS)
async def test_a_claim_refuses_what_a_key_is_missing_of(held: Held, key: str) -> None:
    await held.lose(key)
    told = f"partition 0: expected what meta counts, got {key} 0 of [12]; Redis lost keys"
    with pytest.raises(DamagedError, match=told):
        await held.store.claim(0)
    assert (await held.store.peek(0)).owner == held.owner


@pytest.mark.parametrize("key", KEYS)
async def test_a_key_lost_under_its_owner_takes_no_commit(held: Held, key: str) -> None:
    await held.lose(key)
    with pytest.raises(DamagedError, match=f"{key} 0 of [12]"):
        await held.store.commit(0, held.commit(2))
    with pytest.raises(DamagedError, match=f"{key} 0 of [12]"):
        await held.store.activate(0, Activation(held.owner, 2, 5.0, {}, "w", "b"))
    assert (await held.store.peek(0)).sequence == 2
    assert await held.store.state(0, b"c") is None


@pytest.mark.parametrize("key", KEYS)
async def test_nothing_that_is_kept_meanwhile_hides_a_lost_key(held: Held, key: str) -> None:
    await held.lose(key)
    store, owner, told = held.store, held.owner, f"{key} 0 of [12]"
    with pytest.raises(DamagedError, match=told):
        await store.keep_panel(0, owner, b"another")
    with pytest.raises(DamagedError, match=told):
        await store.forget_published(0, owner, 1)
    with pytest.raises(DamagedError, match=told):
        await store.resume(0, owner, 1, None)
    with pytest.raises(DamagedError, match=told):
        await store.claim(0)


async def test_an_outbox_trimmed_by_hand_before_it_was_published_is_found(held: Held) -> None:
    outbox = held.store.key(0, "outbox")
    more = replace(held.commit(2), outbox=[Entry("t", b"k", b"w", b"")])
    await held.store.commit(0, more)
    await held.redis.xtrim(outbox, maxlen=1, approximate=False)
    with pytest.raises(DamagedError, match="outbox 1 of 2"):
        await held.store.commit(0, held.commit(3))
    await held.redis.xtrim(outbox, maxlen=0, approximate=False)
    with pytest.raises(DamagedError, match="outbox 0 of 2"):
        await held.store.claim(0)


async def test_states_without_their_meta_are_not_begun_anew(held: Held) -> None:
    await held.lose("meta")
    with pytest.raises(Fenced, match="gave way to nobody"):
        await held.store.commit(0, held.commit(2))
    with pytest.raises(DamagedError, match="got meta is gone; state 2 of 0, due 2 of 0"):
        await held.store.claim(0)
    assert await held.redis.exists(held.store.key(0, "meta")) == 0


@pytest.mark.parametrize(
    ("layout", "got"), [("", "one of before layouts were numbered"), ("7", "layout 7")]
)
async def test_another_layout_is_refused_and_never_misread(
    held: Held, layout: str, got: str
) -> None:
    meta = held.store.key(0, "meta")
    await held.redis.hset(meta, "layout", layout)
    if not layout:
        await held.redis.hdel(meta, "layout")
    told = f"partition 0: expected states of layout {LAYOUT}, got {got}"
    with pytest.raises(DamagedError, match=told):
        await held.store.claim(0)
    with pytest.raises(DamagedError, match=told):
        await held.store.peek(0)


async def test_a_store_filled_by_another_partitioner_is_refused(held: Held) -> None:
    prefix = held.store.key(0, "").partition(":")[0]
    other = RedisStore(held.redis, prefix, 4, partitioner="crc32")
    told = "partition 0: expected EBBWATCH_PARTITIONER=murmur2, by which .* were dealt, got crc32"
    with pytest.raises(DamagedError, match=told):
        await other.claim(0)
    assert (await held.store.peek(0)).owner == held.owner
    assert (await other.claim(1)).sequence == 0
    with pytest.raises(DamagedError, match=r"partition 1: .*=crc32.* got murmur2"):
        await held.store.claim(1)
