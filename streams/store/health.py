"""Whether a Redis can be worked with: asked of what it tells of itself, and by asking it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import NoPermissionError, RedisError

from streams.retry import told
from streams.store.owners import Fenced, new_token
from streams.store.redis_store import RedisStore
from streams.store.types import Commit

OLDEST: Final = (7, 0)  # before, a script's refusal hid its code
FULL: Final = 0.9  # of the memory it may take
NOBODY: Final = "0-nobody"  # never an owner
# What scripts and reads call, each with arguments that change nothing of a hash with one field.
CALLS: Final[Mapping[str, tuple[object, ...]]] = MappingProxyType(
    {
        "EXISTS": (),
        "GET": (),
        "HDEL": ("none",),
        "HGET": ("none",),
        "HGETALL": (),
        "HINCRBY": ("count", 0),
        "HKEYS": (),
        "HLEN": (),
        "HMGET": ("none",),
        "HSCAN": (0,),
        "HSET": ("count", 0),
        "LLEN": (),
        "LRANGE": (0, -1),
        "RPUSH": ("x",),
        "SET": ("x", "NX"),
        "XADD": ("*", "x", "x"),
        "XLEN": (),
        "XRANGE": ("-", "+"),
        "XTRIM": ("MAXLEN", 0),
        "ZADD": ("XX", 0, "x"),
        "ZCARD": (),
        "ZCOUNT": ("-inf", "+inf"),
        "ZRANGE": (0, -1),
        "ZREM": ("x",),
    }
)


class Health(NamedTuple):
    """What is wrong with a Redis, in words.

    Attributes:
        version: the oldest of its servers'.
        refused: with these no worker may begin.
        risky: with these it may, and loses what they say.
    """

    version: str
    refused: list[str]
    risky: list[str]


async def judge(redis: Redis, store: RedisStore, partitions: int, replicas: int = 0) -> Health:
    """Ask a Redis for all that a worker rests on; nothing of what it holds changes.

    Args:
        redis: its client.
        store: of the worker.
        partitions: how many there are.
        replicas: how many are waited for before anything is published.

    Raises:
        redis.exceptions.RedisError: it is away, or takes no writes; its words say why.
    """
    servers = await _servers(redis)
    for number in range(partitions):
        await store.touch(number)
    refused = [line for name, info in servers.items() for line in _refused(name, info)]
    risky = [line for name, info in servers.items() for line in _risky(name, info)]
    refused += await _denied(redis, store) or await _unfenced(store)
    if replicas:
        refused += await _may_not_wait(redis)
    return Health(min(str(info["redis_version"]) for info in servers.values()), refused, risky)


async def _servers(redis: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - or a Cluster's client
    """What each server that takes writes tells of itself, by its address, "" where it is one."""
    if isinstance(redis, RedisCluster):
        await redis.initialize()
        found: dict[str, dict[str, Any]] = {}
        for node in redis.get_primaries():
            found[f"{node.name}: "] = await redis.info(target_nodes=node)
        return found
    return {"": await redis.info()}


def _refused(server: str, info: Mapping[str, Any]) -> list[str]:
    version = tuple(int(part) for part in str(info["redis_version"]).split(".")[:2])
    checks = {
        f"expected Redis {OLDEST[0]}.{OLDEST[1]} or later, got {info['redis_version']}": (
            version >= OLDEST
        ),
        f"expected a master, got a {info.get('role')}": info.get("role") in {"master", None},
        f"expected maxmemory-policy noeviction, got {info.get('maxmemory_policy')}: it forgets"
        " customers": info.get("maxmemory_policy") in {"noeviction", None},
    }
    return [server + line for line, holds in checks.items() if not holds]


def _risky(server: str, info: Mapping[str, Any]) -> list[str]:
    most, used = int(info.get("maxmemory", 0)), int(info.get("used_memory", 0))
    checks = {
        "expected appendonly yes, got no: a restart loses what came since the last snapshot": (
            bool(info.get("aof_enabled", 1))
        ),
        f"expected memory to spare, got {used:,} bytes used of {most:,}".replace(",", " "): (
            not most or used < FULL * most
        ),
    }
    return [server + line for line, holds in checks.items() if not holds]


async def _denied(redis: Any, store: RedisStore) -> list[str]:  # noqa: ANN401 - likewise
    """The commands that the user may not call, by calling each on a key that is then gone."""
    # A key of its own: of two workers that start at once, one would leave another kind of value.
    key, denied = store.key(0, f"probe-{new_token()}"), []
    for name, args in {"HSET": ("count", 0), **CALLS, "HDEL": ("count",)}.items():
        try:
            await redis.execute_command(name, key, *args)
        except NoPermissionError as error:
            denied.append(told(error))
        except RedisError as error:
            if not told(error).startswith(("WRONGTYPE", "ERR")):
                raise
    await redis.execute_command("HDEL", key, "count")
    return denied


async def _may_not_wait(redis: Any) -> list[str]:  # noqa: ANN401 - likewise
    """What the user may not call of what it takes to wait for replicas, tried on no key."""
    whom = {"target_nodes": redis.get_primaries()[0]} if isinstance(redis, RedisCluster) else {}
    denied = []
    for call in (("EVAL", "return 1", 0), ("WAIT", 0, 1)):  # none: answered at once
        try:
            await redis.execute_command(*call, **whom)
        except NoPermissionError as error:
            denied.append(told(error))
    return denied


async def _unfenced(store: RedisStore) -> list[str]:
    """Commit as nobody, which must be fenced off."""
    try:
        await store.commit(0, Commit(owner=NOBODY, sequence=0, clock=0.0, offsets={}))
    except Fenced:
        return []
    except RedisError as error:
        return [f"scripts: {told(error)}"]
    return ["scripts: expected a commit of nobody's to be fenced off, got it applied"]
