"""Whether a Redis can be worked with: asked of what it tells of itself, and by asking it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple

from redis.asyncio import Redis, RedisCluster
from redis.exceptions import NoPermissionError, RedisError

from streams.retry import told
from streams.store.owners import Fenced, new_token
from streams.store.redis_store import RedisStore
from streams.store.types import Commit

OLDEST: Final = (7, 0)  # before, a script's refusal hid its code
FULL: Final = 0.85  # of the memory it may take
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


class Trait(NamedTuple):
    """One thing about a Redis that a worker rests on.

    Attributes:
        name: what it is about.
        state: `refused`: no worker may begin; `risky`: one may, and loses what is told.
        told: what is found, or what was expected and what came; by which server, where several.
        helps: what to tell redis-cli, where that mends it.
    """

    name: str
    state: Literal["sound", "risky", "refused"]
    told: str
    helps: str = ""


class Health(NamedTuple):
    """What a Redis is like, and what is wrong with it, in words.

    Attributes:
        version: the oldest of its servers'.
        traits: of every server; those that only a wrong can be told of are not there without.
    """

    version: str
    traits: list[Trait]

    @property
    def refused(self) -> list[str]:
        """With these no worker may begin."""
        return [trait.told for trait in self.traits if trait.state == "refused"]

    @property
    def risky(self) -> list[str]:
        """With these it may, and loses what they say."""
        return [trait.told for trait in self.traits if trait.state == "risky"]


class MemoryTaken(NamedTuple):
    """How full a server is.

    Attributes:
        used: bytes.
        most: that it may take, `maxmemory`; 0 for no limit.
    """

    used: int
    most: int

    @property
    def share(self) -> float:
        """Of what it may take, 0 where there is no limit."""
        return self.used / self.most if self.most else 0.0


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
    traits = [
        trait._replace(told=server + trait.told)
        for server, info in servers.items()
        for trait in _traits(info)
    ]
    denied = await _denied(redis, store) or await _unfenced(store)
    if replicas:
        denied += await _may_not_wait(redis)
    traits += [Trait("rights", "refused", line) for line in denied]
    return Health(min(str(info["redis_version"]) for info in servers.values()), traits)


async def fullest(redis: Redis) -> MemoryTaken:
    """Ask for the memory of the server nearest its limit, at which it takes no more writes.

    Raises:
        redis.exceptions.RedisError: it is away, or does not let its user ask.
    """
    servers = (await _servers(redis, "memory")).values()
    return max(map(_taken, servers), key=lambda memory: (memory.share, memory.used))


async def _servers(
    redis: Any,  # noqa: ANN401 - or a Cluster's client
    *sections: str,
) -> dict[str, dict[str, Any]]:
    """What each server that takes writes tells of itself, by its address, "" where it is one."""
    if isinstance(redis, RedisCluster):
        await redis.initialize()
        found: dict[str, dict[str, Any]] = {}
        for node in redis.get_primaries():
            found[f"{node.name}: "] = await redis.info(*sections, target_nodes=node)
        return found
    return {"": await redis.info(*sections)}


def _traits(info: Mapping[str, Any]) -> Iterator[Trait]:
    version, role = str(info["redis_version"]), info.get("role")
    policy = info.get("maxmemory_policy")
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        expected = f"expected Redis {OLDEST[0]}.{OLDEST[1]} or later, got {version}"
        yield Trait("version", "refused", expected)
    if role in {"master", None}:
        told_ = f"{role or 'not told'}, {info.get('connected_slaves', 0)} replicas"
        yield Trait("role", "sound", told_)
    else:
        yield Trait("role", "refused", f"expected a master, got a {role}")
    if policy in {"noeviction", None}:
        yield Trait("eviction", "sound", policy or "not told")
    else:
        expected = f"expected maxmemory-policy noeviction, got {policy}: it forgets customers"
        yield Trait("eviction", "refused", expected, "CONFIG SET maxmemory-policy noeviction")
    yield _persistence(info)
    yield _memory(info)


def _persistence(info: Mapping[str, Any]) -> Trait:
    if not info.get("aof_enabled", 1):
        lost = "a restart loses what came since the last snapshot"
        expected = f"expected appendonly yes, got no: {lost}"
        return Trait("persistence", "risky", expected, "CONFIG SET appendonly yes")
    if (last := info.get("aof_last_write_status", "ok")) != "ok":
        return Trait("persistence", "risky", f"expected the append-only file written, got {last}")
    return Trait("persistence", "sound", "appendonly yes")


def _taken(info: Mapping[str, Any]) -> MemoryTaken:
    return MemoryTaken(int(info.get("used_memory", 0)), int(info.get("maxmemory", 0)))


def _memory(info: Mapping[str, Any]) -> Trait:
    used, limit = _taken(info)
    most = limit or int(info.get("total_system_memory", 0))
    if most and used >= FULL * most:
        got = f"{used:,} bytes used of {most:,}".replace(",", " ")
        helps = "CONFIG SET maxmemory BYTES" if limit else ""
        return Trait("memory", "risky", f"expected memory to spare, got {got}", helps)
    of_all = f" of {most >> 20} MiB{'' if limit else ', all of the machine'}" if most else ""
    return Trait("memory", "sound", f"{used / (1 << 20):.0f} MiB used{of_all}")


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
