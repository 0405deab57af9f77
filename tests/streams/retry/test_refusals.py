"""Redis's refusals, each made by a real server: what is waited for is done once it can be."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from fakes import until
from redis.exceptions import (
    ExecAbortError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis_servers import RedisServer, RedisServers
from redis_servers import redis_servers as redis_servers  # noqa: PLC0414 - a fixture

from ebbwatch.stack.ports import free_ports
from streams.retry import REFUSALS, WAITS, Verdict, away, code, persist, told
from streams.store import Commit, RedisStore, owner_of
from streams.store.clients import connect

Fault = Callable[[RedisServer], Iterator[None]]
ONE = Commit(
    owner=owner_of(1, "name"), sequence=0, clock=5.0, offsets={"t": 1}, states={b"c": b"s"}
)


def _settings(during: dict[str, str], after: dict[str, str]) -> Fault:
    def fault(redis: RedisServer) -> Iterator[None]:
        for name, value in during.items():
            redis.ask("CONFIG", "SET", name, value)
        yield
        for name, value in after.items():
            redis.ask("CONFIG", "SET", name, value)

    return fault


def _disk_gone(redis: RedisServer) -> Iterator[None]:
    """Snapshots fail, as on a full disk."""
    gone = redis.folder / "gone"
    gone.mkdir()
    redis.ask("CONFIG", "SET", "dir", str(gone))
    redis.ask("CONFIG", "SET", "save", "3600 1")
    gone.rmdir()
    _snapshot(redis, "err")
    yield
    redis.ask("CONFIG", "SET", "dir", str(redis.folder))
    _snapshot(redis, "ok")


def _snapshot(redis: RedisServer, expected: str) -> None:
    redis.ask("BGSAVE")
    while redis.info("persistence")["rdb_last_bgsave_status"] != expected:
        time.sleep(0.05)


def _replica(redis: RedisServer) -> Iterator[None]:
    redis.ask("REPLICAOF", "127.0.0.1", "1")
    yield
    redis.ask("REPLICAOF", "NO", "ONE")


def _busy(redis: RedisServer) -> Iterator[None]:
    redis.ask("CONFIG", "SET", "busy-reply-threshold", "1")

    def spin() -> None:
        with suppress(RedisError):
            redis.ask("EVAL", "while true do end", "0")

    spinning = threading.Thread(target=spin)
    spinning.start()
    while not _is_busy(redis):
        time.sleep(0.01)
    yield
    redis.ask("SCRIPT", "KILL")
    spinning.join()


def _is_busy(redis: RedisServer) -> bool:
    with suppress(RedisError):
        return not redis.ask("PING")
    return True


WAITED_FOR: dict[str, Fault] = {
    "MISCONF": _disk_gone,
    "NOREPLICAS": _settings({"min-replicas-to-write": "1"}, {"min-replicas-to-write": "0"}),
    "OOM": _settings({"maxmemory": "1"}, {"maxmemory": "0"}),
    "READONLY": _replica,
    "BUSY": _busy,
}


def store_of(client: Any) -> RedisStore:
    return RedisStore(client, "p", 4, lambda: "name")


@asynccontextmanager
async def claimed(redis: RedisServer) -> AsyncIterator[RedisStore]:
    client = connect(redis.url, 10.0)
    store = store_of(client)
    await store.claim(0)
    try:
        yield store
    finally:
        await client.aclose()


async def until_waiting(reason: str) -> None:
    await until(lambda: any(wait.reason.startswith(reason) for wait in WAITS.now))


@pytest.mark.parametrize("refused", WAITED_FOR)
async def test_a_commit_waits_for_what_redis_refuses_for_now_and_applies_once(
    refused: str, redis_servers: RedisServers
) -> None:
    redis = redis_servers.start("save ''")
    async with claimed(redis) as store:
        during = contextmanager(WAITED_FOR[refused])(redis)
        await asyncio.to_thread(during.__enter__)
        committing = asyncio.create_task(persist("commit", lambda: store.commit(0, ONE)))
        await until_waiting(refused)
        with pytest.raises(RedisError) as told_of:
            await store.touch(0)
        assert code(told_of.value) == refused
        await asyncio.to_thread(during.__exit__, None, None, None)
        await committing
        assert WAITS.now == []
        assert (await store.peek(0)).sequence == 1


@pytest.mark.parametrize("refused", ["READONLY", "OOM", "NOREPLICAS", "MISCONF"])
async def test_a_pipeline_s_refusal_is_known_by_its_code_and_told_without_what_it_asked(
    refused: str, redis_servers: RedisServers
) -> None:
    redis = redis_servers.start("save ''")
    async with claimed(redis) as store:
        with contextmanager(WAITED_FOR[refused])(redis):
            for transaction in (False, True):
                pipe = store._redis.pipeline(transaction=transaction)
                pipe.hset("customer-77", "a", "b")
                with pytest.raises(RedisError) as told_of:
                    await pipe.execute()
                assert (code(told_of.value), away(told_of.value)) == (refused, True)
                assert "customer-77" not in told(told_of.value)


async def test_reads_wait_for_a_replica_whose_master_is_down(redis_servers: RedisServers) -> None:
    redis = redis_servers.start("save ''", "replica-serve-stale-data no")
    async with claimed(redis) as store:
        redis.ask("REPLICAOF", "127.0.0.1", "1")
        loading = asyncio.create_task(persist("load", lambda: store.load(0, [b"c"], 0.0, 1)))
        await until_waiting("MASTERDOWN")
        redis.ask("REPLICAOF", "NO", "ONE")
        assert list((await loading).states) == [None]


async def test_a_dataset_being_loaded_is_waited_for(redis_servers: RedisServers) -> None:
    redis = redis_servers.start("appendonly yes", "save ''")
    redis.ask("DEBUG", "POPULATE", "20000")
    redis.ask("BGREWRITEAOF")
    async with claimed(redis) as store:
        await until(lambda: not redis.info("persistence")["aof_rewrite_in_progress"])
        redis.kill()
        committing = asyncio.create_task(persist("commit", lambda: store.commit(0, ONE)))
        await until_waiting("ConnectionError")
        redis.start("key-load-delay 5000", "loading-process-events-interval-bytes 1024", wait=False)
        await until_waiting("LOADING")
        redis.ask("CONFIG", "SET", "key-load-delay", "0")
        await committing


async def test_scripts_flushed_again_and_again_are_loaded_again_and_again(
    redis_servers: RedisServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis, flushes = redis_servers.start("save ''"), 0
    async with claimed(redis) as store:
        load = store._redis.script_load

        async def load_and_lose_it(script: Any) -> Any:
            nonlocal flushes
            sha = await load(script)
            if flushes < 3:
                flushes += 1
                await asyncio.to_thread(redis.ask, "SCRIPT", "FLUSH")
            return sha

        monkeypatch.setattr(store._redis, "script_load", load_and_lose_it)
        redis.ask("SCRIPT", "FLUSH")
        await persist("commit", lambda: store.commit(0, ONE))
        assert flushes == 3
        assert (await store.peek(0)).sequence == 1


async def test_a_node_without_its_slots_is_waited_for(redis_servers: RedisServers) -> None:
    (bus,) = free_ports(1)
    redis = redis_servers.start("cluster-enabled yes", "save ''", f"cluster-port {bus}")
    client = connect(redis.url, 10.0)
    claiming = asyncio.create_task(persist("claim", lambda: store_of(client).claim(0)))
    await until_waiting("CLUSTERDOWN")
    redis.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
    assert (await claiming).epoch == 1
    await client.aclose()


async def test_a_plain_client_of_a_cluster_ends_with_what_helps(
    redis_servers: RedisServers,
) -> None:
    buses = free_ports(2)
    one, other = (
        redis_servers.start("cluster-enabled yes", "save ''", f"cluster-port {bus}")
        for bus in buses
    )
    one.ask("CLUSTER", "ADDSLOTSRANGE", "8192", "16383")
    other.ask("CLUSTER", "ADDSLOTSRANGE", "0", "8191")
    one.ask("CLUSTER", "MEET", "127.0.0.1", other.port, buses[1])
    await until(lambda: b"cluster_state:ok" in one.ask("CLUSTER", "INFO"))
    client = connect(one.url, 10.0)
    with pytest.raises(ResponseError) as told_of:
        await persist("claim", lambda: store_of(client).claim(0))
    assert "redis+cluster://" in told(told_of.value)
    await client.aclose()


@pytest.mark.parametrize(
    ("acl", "expected"),
    [
        (["on", "~*", "+@all", "-evalsha"], "NOPERM"),
        (["on", "~*", "+@all", "-hmget"], "can't run this command"),
        (["off"], "WRONGPASS"),
    ],
)
async def test_what_a_user_may_not_do_ends_at_once_and_says_so(
    acl: list[str], expected: str, redis_servers: RedisServers
) -> None:
    redis = redis_servers.start("save ''")
    redis.ask("ACL", "SETUSER", "worker", ">secret", *acl)
    client = connect(redis.url.replace("//", "//worker:secret@"), 10.0)
    store = store_of(client)
    with pytest.raises(RedisError) as told_of:
        await persist("commit", lambda: store.commit(0, ONE))
    assert expected in told(told_of.value)
    assert not away(told_of.value)
    await client.aclose()


async def test_after_a_failover_every_connection_leads_to_the_new_master(
    redis_servers: RedisServers,
) -> None:
    old, new = redis_servers.start("save ''"), redis_servers.start("save ''")
    new.ask("REPLICAOF", "127.0.0.1", old.port)
    client = connect(old.url, 10.0)
    store = store_of(client)
    await asyncio.gather(*(store.claim(number % 4) for number in range(40)))  # many connections
    await until(lambda: new.info("replication")["master_link_status"] == "up")
    await until(lambda: new.ask("DBSIZE") == 4)
    new.ask("REPLICAOF", "NO", "ONE")
    old.ask("REPLICAOF", "127.0.0.1", new.port)
    _move_name(client, new.port)  # as a service's name does, after a planned failover
    tries = 0

    async def touch() -> None:
        nonlocal tries
        tries += 1
        await store.touch(0)

    await persist("touch", touch)
    assert tries <= 2
    await asyncio.gather(*(store.touch(number % 4) for number in range(40)))
    killed = old.ask("CLIENT", "LIST", "TYPE", "NORMAL").count(b"\n")
    assert killed == 1  # the asking one's own


def _move_name(client: Any, port: int) -> None:
    """Let connections made from now on lead elsewhere; open ones do not notice."""
    pool = client.connection_pool
    pool.connection_kwargs["port"] = port
    for connection in pool._available_connections:
        connection.port = port


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ReadOnlyError("You can't write against a read only replica."), "READONLY"),
        (OutOfMemoryError("command not allowed", status_code="OOM"), "OOM"),
        (ResponseError("MISCONF Redis is configured to save"), "MISCONF"),
        (ResponseError("TRYAGAIN Multiple keys request during rehashing of slot"), "TRYAGAIN"),
        (
            ResponseError(
                "Error running script (call to f_1): @user_script:3: @user_script: 3: "
                "-MISCONF Redis is configured",
                status_code="ERR",
            ),
            "MISCONF",
        ),
        (
            ResponseError(
                "Command # 1 (SET OOM x) of pipeline caused error: ('NOREPLICAS Not enough',)"
            ),
            "NOREPLICAS",
        ),
        (
            ExecAbortError("Transaction discarded because of: BUSY Redis is busy"),
            "BUSY",
        ),
        (ResponseError("unknown command 'X'", status_code="ERR"), "ERR"),
        (ResponseError("NOVELTY of a later Redis"), "NOVELTY"),
    ],
)
def test_the_code_is_found_wherever_redis_py_puts_it(error: Exception, expected: str) -> None:
    assert code(error) == expected
    assert away(error) == (expected in REFUSALS and REFUSALS[expected].verdict is not Verdict.END)


def test_what_is_told_names_the_refusal_first(tmp_path: Path) -> None:
    assert told(ReadOnlyError("You can't write")) == "READONLY You can't write"
    assert told(FileNotFoundError(2, "gone", str(tmp_path))).startswith("FileNotFoundError ")
