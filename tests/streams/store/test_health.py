"""A Redis that cannot be worked with is refused before anything rests on it."""

import re
from collections.abc import Sequence
from importlib import resources

import pytest
from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from redis_servers import RedisServer, RedisServers
from redis_servers import redis_servers as redis_servers  # noqa: PLC0414 - a fixture

from streams.store import RedisStore
from streams.store.clients import connect
from streams.store.health import CALLS, Health, fullest, judge

SOUND = ("appendonly yes", "save ''")


async def judged(redis: RedisServer, credentials: str = "", replicas: int = 0) -> Health:
    client = connect(redis.url.replace("//", f"//{credentials}"), 10.0)
    try:
        return await judge(client, RedisStore(client, "p", 4), 4, replicas)
    finally:
        await client.aclose()


async def test_a_sound_redis_is_taken_and_left_as_it_was(redis_servers: RedisServers) -> None:
    redis = redis_servers.start(*SOUND)
    found = await judged(redis)
    assert (found.refused, found.risky) == ([], [])
    assert redis.ask("DBSIZE") == 0


@pytest.mark.parametrize(
    ("options", "refused", "risky"),
    [
        (("maxmemory-policy allkeys-lru",), "noeviction, got allkeys-lru", ""),
        (("maxmemory-policy volatile-ttl",), "noeviction, got volatile-ttl", ""),
        (("appendonly no",), "", "appendonly yes, got no"),
    ],
)
async def test_what_would_lose_customers_is_told(
    options: Sequence[str], refused: str, risky: str, redis_servers: RedisServers
) -> None:
    found = await judged(redis_servers.start(*SOUND, *options))
    assert refused in "".join(found.refused)
    assert bool(found.refused) == bool(refused)
    assert risky in "".join(found.risky)
    assert bool(found.risky) == bool(risky)


async def test_little_memory_left_is_told(redis_servers: RedisServers) -> None:
    redis = redis_servers.start(*SOUND)
    redis.ask("DEBUG", "POPULATE", "100000")
    redis.ask("CONFIG", "SET", "maxmemory", int(redis.info("memory")["used_memory"] * 1.08))
    assert "memory to spare" in "".join((await judged(redis)).risky)


async def test_used_and_most_memory_are_told_and_no_most_where_there_is_no_limit(
    redis_servers: RedisServers,
) -> None:
    redis = redis_servers.start(*SOUND)
    client = connect(redis.url, 10.0)
    unbounded = await fullest(client)
    redis.ask("CONFIG", "SET", "maxmemory", 1 << 30)
    bounded = await fullest(client)
    await client.aclose()
    assert (unbounded.most, unbounded.share) == (0, 0.0)
    assert bounded.most == 1 << 30
    assert 0.0 < bounded.share < 0.1
    assert abs(bounded.used - redis.info("memory")["used_memory"]) < 1 << 20


async def test_a_replica_and_one_without_its_replicas_take_no_writes(
    redis_servers: RedisServers,
) -> None:
    redis = redis_servers.start(*SOUND)
    redis.ask("CONFIG", "SET", "min-replicas-to-write", "1")
    with pytest.raises(ResponseError, match="NOREPLICAS"):
        await judged(redis)
    redis.ask("CONFIG", "SET", "min-replicas-to-write", "0")
    redis.ask("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(ReadOnlyError):
        await judged(redis)


@pytest.mark.parametrize("call", ["XADD", "EVALSHA", "HSET", "RPUSH", "ZREM"])
async def test_a_user_who_may_not_do_all_that_is_needed_is_told_which(
    call: str, redis_servers: RedisServers
) -> None:
    redis = redis_servers.start(*SOUND)
    redis.ask("ACL", "SETUSER", "worker", "on", ">secret", "~p:*", "+@all", f"-{call.lower()}")
    found = await judged(redis, "worker:secret@")
    assert call.lower() in "".join(found.refused).lower()
    assert redis.ask("DBSIZE") == 0


@pytest.mark.parametrize("call", ["wait", "eval"])
async def test_who_may_not_wait_for_replicas_is_told_so_where_they_are_waited_for(
    redis_servers: RedisServers, call: str
) -> None:
    redis = redis_servers.start(*SOUND)
    redis.ask("ACL", "SETUSER", "worker", "on", ">secret", "~p:*", "+@all", f"-{call}")
    assert (await judged(redis, "worker:secret@")).refused == []
    assert call in "".join((await judged(redis, "worker:secret@", replicas=1)).refused)
    assert (await judged(redis, replicas=1)).refused == []


async def test_a_worker_that_starts_while_another_does_leaves_its_trial_alone(
    redis_servers: RedisServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis = redis_servers.start(*SOUND)
    client, others = connect(redis.url, 10.0), []
    asked = client.execute_command

    async def disturbed(name: str, *args: object) -> object:
        if name == "RPUSH":
            others.append(await judged(redis))
        return await asked(name, *args)

    monkeypatch.setattr(client, "execute_command", disturbed)
    found = await judge(client, RedisStore(client, "p", 4), 4)
    await client.aclose()
    assert [each.refused for each in (found, *others)] == [[], []]
    assert redis.ask("DBSIZE") == 0


async def test_a_user_of_other_keys_is_refused(redis_servers: RedisServers) -> None:
    redis = redis_servers.start(*SOUND)
    redis.ask("ACL", "SETUSER", "worker", "on", ">secret", "~other:*", "+@all")
    with pytest.raises(RedisError, match="no permissions to access one of the keys"):
        await judged(redis, "worker:secret@")


def test_every_command_that_scripts_call_is_tried() -> None:
    scripts = resources.files("streams.store").joinpath("scripts").iterdir()
    texts = [each.read_text("utf-8") for each in scripts]
    called = {name for text in texts for name in re.findall(r"redis\.call\('([A-Z]+)'", text)}
    assert called <= CALLS.keys()
