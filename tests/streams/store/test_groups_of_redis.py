"""The store on a Redis Cluster and behind Sentinels, while primaries are lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from fakes import until
from harness import fresh
from redis.exceptions import ConnectionError as NotReplicated
from redis_groups import (
    Cluster,
    Group,
    Guarded,
    await_whole,
    let_it_hear,
    let_it_lag,
    start_cluster,
    start_guarded,
)
from redis_servers import own_redis

from streams.retry import persist
from streams.store import Claim, Commit, Entry, Fenced, RedisStore
from streams.store.clients import connect
from streams.store.health import fullest, judge

PARTITIONS = 12
Running = asyncio.Future[list[None]]
pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three primaries and their replicas."""
    with own_redis(tmp_path_factory.mktemp("cluster")) as servers:
        yield start_cluster(servers)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """A master, its replica and their Sentinels."""
    with own_redis(tmp_path_factory.mktemp("guarded")) as servers:
        yield start_guarded(servers)


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[RedisStore]:
    redis = connect(url, 2.0)
    try:
        yield RedisStore(redis, fresh("p").rstrip("."), PARTITIONS)
    finally:
        await redis.aclose()


class Steady:
    """Commits to one partition, one after another, and counts them."""

    def __init__(self, store: RedisStore, number: int, claim: Claim) -> None:
        self.store, self.number, self.claim = store, number, claim
        self.done, self.goes_on = 0, True

    async def run(self) -> None:
        while self.goes_on:
            count = self.done + 1
            commit = Commit(
                owner=self.claim.owner,
                sequence=self.done,
                clock=float(count),
                offsets={"t": count},
                states={b"c%d" % (count % 50): b"s%d" % count},
                armed={b"c%d" % (count % 50): float(count)},
                outbox=[Entry("topic", b"k", b"v%d" % count, b"[]")],
                histograms={"h": 1},
            )
            await persist("commit", lambda commit=commit: self.store.commit(self.number, commit))
            self.done = count

    async def check(self) -> None:
        """All that was acknowledged is there, once."""
        claim = await persist("peek", lambda: self.store.peek(self.number))
        assert (claim.sequence, claim.offsets) == (self.done, {"t": self.done})
        assert await self.store.histograms(self.number) == {"h": self.done}
        entries = await self.store.outbox(self.number, 0, self.done + 1)
        assert [entry.value for _, entry in entries] == [
            b"v%d" % count for count in range(1, self.done + 1)
        ]
        loaded = await self.store.load(self.number, [b"c1"], self.done + 1.0, 100)
        assert loaded.states[0] is not None
        assert len(loaded.due_ids) == min(self.done, 50)


async def go_on(writers: list[Steady]) -> None:
    """Wait until each has made ten more commits."""
    upto = [writer.done + 10 for writer in writers]
    pairs = list(zip(writers, upto, strict=True))
    await until(lambda: all(writer.done >= end for writer, end in pairs))


async def start_all(group: Group, store: RedisStore) -> tuple[list[Steady], Running]:
    await asyncio.to_thread(await_whole, group)
    claiming = (persist("claim", partial(store.claim, number)) for number in range(PARTITIONS))
    claims = enumerate(await asyncio.gather(*claiming))
    writers = [Steady(store, number, claim) for number, claim in claims]
    running = run(writers)
    await go_on(writers)
    return writers, running


def run(writers: list[Steady]) -> Running:
    for writer in writers:
        writer.goes_on = True
    return asyncio.ensure_future(asyncio.gather(*(writer.run() for writer in writers)))


async def halt(writers: list[Steady], running: Running) -> None:
    """Let none have a commit under way: Redis may lose what has not reached a replica yet."""
    for writer in writers:
        writer.goes_on = False
    await running


async def end_all(writers: list[Steady], running: Running) -> None:
    await halt(writers, running)
    for writer in writers:
        await writer.check()


async def strike(group: Group, store: RedisStore) -> None:
    """Kill the master of a partition that has a commit every moment, and wait for another."""
    writers, running = await start_all(group, store)
    master = group.primary_of(store.key(0, "meta"))
    await halt(writers, running)
    await asyncio.to_thread(master.ask, "WAIT", 1, 10_000)
    master.kill()
    running = run(writers)
    await go_on(writers)
    await end_all(writers, running)
    assert group.primary_of(store.key(0, "meta")) is not master
    await asyncio.to_thread(group.start_again, master)


async def test_a_cluster_that_loses_a_primary_keeps_every_commit_once(cluster: Cluster) -> None:
    async with opened(cluster.url) as store:
        await strike(cluster, store)


async def test_a_planned_failover_in_a_cluster_keeps_every_commit_once(cluster: Cluster) -> None:
    async with opened(cluster.url) as store:
        writers, running = await start_all(cluster, store)
        primary = cluster.primary_of(store.key(0, "meta"))
        await asyncio.to_thread(cluster.fail_over, primary)  # it loses nothing
        await go_on(writers)
        await end_all(writers, running)


async def test_replicas_are_waited_for_where_the_partition_is(cluster: Cluster) -> None:
    await asyncio.to_thread(await_whole, cluster)
    async with opened(cluster.url) as store:
        owner = (await store.claim(0)).owner
        primary = cluster.primary_of(store.key(0, "meta"))
        await store.wait_for_replicas(0, owner, 1, 0)
        with pytest.raises(NotReplicated, match="expected 2 replicas to be as far, got 1"):
            await store.wait_for_replicas(0, owner, 2, 0)
        replica = await asyncio.to_thread(let_it_lag, cluster, primary)
        with pytest.raises(NotReplicated, match="expected 1 replicas to be as far, got 0"):
            await store.wait_for_replicas(0, owner, 1, 0)
        await asyncio.to_thread(let_it_hear, replica)
        await asyncio.to_thread(await_whole, cluster)
        await asyncio.to_thread(cluster.fail_over, primary)
        await persist("replicas", lambda: store.wait_for_replicas(0, owner, 1, 0))
        found = await judge(store._redis, store, PARTITIONS, 1)
        assert (found.refused, found.risky) == ([], [])
        await store.claim(0)
        with pytest.raises(Fenced):
            await store.wait_for_replicas(0, owner, 1, 0)


async def test_scripts_reach_every_node_of_a_cluster_again_after_a_flush(cluster: Cluster) -> None:
    async with opened(cluster.url) as store:
        writers, running = await start_all(cluster, store)
        assert await store.now() > 1.7e9
        found = await judge(store._redis, store, PARTITIONS)
        assert (found.refused, found.risky) == ([], [])
        for _ in range(5):
            for node in cluster.masters():
                await asyncio.to_thread(node.ask, "SCRIPT", "FLUSH")
        await go_on(writers)
        await end_all(writers, running)


async def test_of_a_cluster_the_memory_of_the_server_nearest_its_limit_is_told(
    cluster: Cluster,
) -> None:
    await asyncio.to_thread(await_whole, cluster)
    limits = [(node, gib << 30) for gib, node in zip((0, 1, 4), cluster.masters(), strict=True)]
    async with opened(cluster.url) as store:
        assert (await fullest(store._redis)).most == 0
        for node, limit in limits:
            await asyncio.to_thread(node.ask, "CONFIG", "SET", "maxmemory", limit)
        assert (await fullest(store._redis)).most == 1 << 30
        for node, _ in limits:
            await asyncio.to_thread(node.ask, "CONFIG", "SET", "maxmemory", 0)


async def test_behind_sentinels_the_memory_of_the_master_is_told(guarded: Guarded) -> None:
    await asyncio.to_thread(await_whole, guarded)
    master = guarded.master()
    async with opened(guarded.url) as store:
        await asyncio.to_thread(master.ask, "CONFIG", "SET", "maxmemory", 1 << 30)
        assert (await fullest(store._redis)).most == 1 << 30
        await asyncio.to_thread(master.ask, "CONFIG", "SET", "maxmemory", 0)


async def test_a_planned_failover_by_sentinel_keeps_every_commit_once(guarded: Guarded) -> None:
    async with opened(guarded.url) as store:
        writers, running = await start_all(guarded, store)
        await halt(writers, running)  # a Sentinel's does not wait for the replica
        await asyncio.to_thread(guarded.master().ask, "WAIT", 1, 10_000)
        before = [writer.done for writer in writers]
        await asyncio.to_thread(guarded.fail_over, guarded.master())
        running = run(writers)
        await go_on(writers)
        await end_all(writers, running)
        assert all(w.done > done for w, done in zip(writers, before, strict=True))


async def test_an_unplanned_failover_by_sentinel_keeps_every_commit_once(guarded: Guarded) -> None:
    async with opened(guarded.url) as store:
        await strike(guarded, store)
