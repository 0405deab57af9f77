"""Nothing is published that a failover could forget, where replicas are asked for."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest
from fakes import until
from pydantic import SecretStr
from redis_servers import RedisServer, RedisServers
from relay_bench import PARTITIONS, Bench, Untrimming, drains, reaches, running

from streams.retry import WAITS
from streams.store import Entry, Fenced, RedisStore
from streams.store.clients import connect


@pytest.fixture
def servers(redis_servers: RedisServers) -> tuple[RedisServer, RedisServer]:
    """A primary and its replica, which is as far."""
    primary = redis_servers.start("repl-diskless-sync-delay 0")
    replica = redis_servers.start(f"replicaof 127.0.0.1 {primary.port}")
    while primary.info("replication")["connected_slaves"] != 1:
        continue
    while replica.info("replication")["master_link_status"] != "up":
        continue
    return primary, replica


@pytest.fixture
async def guarded(bench: Bench, servers: tuple[RedisServer, RedisServer]) -> AsyncIterator[Bench]:
    """A bench whose Redis is the primary, and whose relays wait for one replica."""
    primary, _ = servers
    changes = {"redis_url": SecretStr(primary.url), "redis_replicas": 1}
    settings = bench.settings.model_copy(update=changes)
    redis = connect(primary.url, 10.0)
    where = redis, settings.redis_prefix, PARTITIONS
    yield Bench(settings, redis, RedisStore(*where), Untrimming(*where))
    await redis.aclose()


def stand_still(server: RedisServer, *, still: bool) -> None:
    assert server._process is not None
    os.kill(server._process.pid, signal.SIGSTOP if still else signal.SIGCONT)


async def test_what_a_replica_lacks_is_not_published(
    guarded: Bench, servers: tuple[RedisServer, RedisServer]
) -> None:
    _, replica = servers
    await guarded.commit(10)
    relay = guarded.relay()
    async with running(relay):
        await reaches(relay, 10)
        stand_still(replica, still=True)
        await guarded.commit(10)
        relay.wake()
        await until(lambda: "got 0" in "".join(wait.reason for wait in WAITS.now))
        assert relay.position.number == 10
        stand_still(replica, still=False)
        await reaches(relay, 20)
        await drains(guarded)
    await guarded.once_each_in_order(20)


async def test_a_replica_that_takes_over_is_as_far_as_what_was_published(
    guarded: Bench, servers: tuple[RedisServer, RedisServer]
) -> None:
    primary, replica = servers
    await guarded.commit(1)
    relay = guarded.relay()
    async with running(relay):
        await reaches(relay, 1)
        for total in range(2, 40):
            await guarded.commit(1)
            relay.wake()
            await asyncio.sleep(0.01)
            if total == 30:
                stand_still(replica, still=True)
        await asyncio.sleep(1.5)
        primary.kill()
        stand_still(replica, still=False)
        published = relay.position.number
    replica.ask("REPLICAOF", "NO", "ONE")
    key = guarded.store.key(0, "meta")
    assert 0 < published <= int(replica.ask("HGET", key, "outbox"))


async def test_what_a_failover_forgot_after_it_was_read_is_not_published(
    guarded: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server that was read of dies, and its successor's replicas are as far as that one is."""
    await guarded.commit(10)
    relay, store, forgotten = guarded.relay(), guarded.store, asyncio.Event()
    read = type(store).outbox

    async def read_and_fail_over(*place: int) -> list[tuple[int, Entry]]:
        found = await read(store, *place)
        if found and not forgotten.is_set():
            redis, stream = guarded.redis, store.key(0, "outbox")
            [(last, _)] = await redis.xrevrange(stream, count=1)
            await redis.xdel(stream, last)
            await redis.hset(store.key(0, "meta"), "outbox", 10)
            forgotten.set()
        return found

    async with running(relay):
        await reaches(relay, 10)
        monkeypatch.setattr(relay._store, "outbox", read_and_fail_over)
        await guarded.commit(10)
        relay.wake()
        await forgotten.wait()
        await asyncio.sleep(1.0)
        assert relay.position.number == 10
    await guarded.once_each_in_order(10)


async def test_only_the_owner_waits(guarded: Bench) -> None:
    await guarded.commit(1)
    with pytest.raises(Fenced):
        await guarded.store.wait_for_replicas(0, "another", 1, 1)
    await guarded.store.wait_for_replicas(0, guarded.owner[0], 1, 1)
