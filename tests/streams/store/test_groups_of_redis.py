"""The store on a Redis Cluster and behind Sentinels, while primaries are lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from unittest.mock import ANY

from fakes import until
from redis_groups import await_it, start_cluster, start_guarded
from redis_servers import RedisServers
from redis_servers import redis_servers as redis_servers  # noqa: PLC0414 - a fixture

from streams.retry import persist
from streams.store import Claim, Commit, Entry, RedisStore
from streams.store.clients import connect
from streams.store.health import judge

PARTITIONS = 12
Running = asyncio.Future[list[None]]


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[RedisStore]:
    redis = connect(url, 2.0)
    try:
        yield RedisStore(redis, "p", PARTITIONS)
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


async def start_all(store: RedisStore) -> tuple[list[Steady], Running]:
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


async def test_a_cluster_that_loses_a_primary_keeps_every_commit_once(
    redis_servers: RedisServers,
) -> None:
    cluster = await asyncio.to_thread(start_cluster, redis_servers)
    async with opened(cluster.url) as store:
        writers, running = await start_all(store)
        primary = cluster.primary_of(store.key(0, "meta"))
        await halt(writers, running)
        await asyncio.to_thread(primary.ask, "WAIT", 1, 10_000)
        primary.kill()
        running = run(writers)
        await go_on(writers)
        await end_all(writers, running)
        assert cluster.primary_of(store.key(0, "meta")) is not primary


async def test_scripts_reach_every_node_of_a_cluster_again_after_a_flush(
    redis_servers: RedisServers,
) -> None:
    cluster = await asyncio.to_thread(start_cluster, redis_servers)
    async with opened(cluster.url) as store:
        writers, running = await start_all(store)
        assert await store.now() > 1.7e9
        assert await judge(store._redis, store, PARTITIONS) == (ANY, [], [])
        for _ in range(5):
            for node in cluster.nodes[:3]:
                await asyncio.to_thread(node.ask, "SCRIPT", "FLUSH")
        await go_on(writers)
        await end_all(writers, running)


async def test_a_planned_failover_by_sentinel_keeps_every_commit_once(
    redis_servers: RedisServers,
) -> None:
    guarded = await asyncio.to_thread(start_guarded, redis_servers)
    async with opened(guarded.url) as store:
        writers, running = await start_all(store)
        await asyncio.to_thread(guarded.fail_over)  # it waits for the replica, and loses nothing
        await go_on(writers)
        await end_all(writers, running)


async def test_an_unplanned_failover_by_sentinel_keeps_every_commit_once(
    redis_servers: RedisServers,
) -> None:
    guarded = await asyncio.to_thread(start_guarded, redis_servers)
    async with opened(guarded.url) as store:
        writers, running = await start_all(store)
        await halt(writers, running)
        master = guarded.master()
        await asyncio.to_thread(master.ask, "WAIT", 1, 10_000)
        master.kill()
        running = run(writers)
        await go_on(writers)
        await end_all(writers, running)
        await asyncio.to_thread(await_it, "moved", lambda: guarded.master() is not master)
